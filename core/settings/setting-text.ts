import type { Settings } from './schema.ts';
import { settingList } from './setting-list.ts';
import type { Setting } from './setting-list.ts';

/** Words that mean true and false where a person types them. */
const flagWords: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['yes', true],
  ['off', false],
  ['no', false],
]);

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: one of the other readings may fit.
    return undefined;
  }
}

function elementsOf(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

/** What a person typed, as a value of the setting; null where no reading of it is one. */
export function parseSettingText(setting: Setting, text: string): { readonly value: unknown } | null {
  const readings: unknown[] = [text, fromJson(text), flagWords.get(text.toLowerCase()), elementsOf(text)];
  for (const reading of readings) {
    const parsed = reading === undefined ? null : setting.schema.safeParse(reading);
    if (parsed?.success === true) return { value: parsed.data };
  }
  return null;
}

/** A value as a person types it: the inverse of {@link parseSettingText}. */
export function settingText(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value.some((each) => typeof each === 'object') ? JSON.stringify(value) : value.join(', ');
}

/** The value of a setting among all. */
export function valueOf(settings: Settings, { group, name }: Pick<Setting, 'group' | 'name'>): unknown {
  const values = Object.entries(settings).find(([key]) => key === group)?.[1] ?? {};
  return Object.entries(values).find(([key]) => key === name)?.[1];
}

/** The settings whose values differ. */
export function changedSettings(before: Settings, after: Settings): readonly Setting[] {
  return settingList.filter((setting) => JSON.stringify(valueOf(before, setting)) !== JSON.stringify(valueOf(after, setting)));
}
