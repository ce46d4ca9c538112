import type { z } from 'zod';
import { settingsSchema } from './schema.ts';
import type { SettingKey } from './schema.ts';
import { settingFacts } from './setting-facts.ts';
import type { SettingFacts } from './setting-facts.ts';

/** One setting: where it stands, how it is judged, what it is for. */
export interface Setting {
  readonly key: SettingKey;
  readonly group: string;
  readonly name: string;
  readonly schema: z.ZodType;
  readonly facts: SettingFacts;
  readonly initial: unknown;
}

function isKey(key: string): key is SettingKey {
  return key.includes('.');
}

function settingOf(group: string, name: string, schema: z.ZodType): Setting {
  const facts = settingFacts.get(schema);
  const key = `${group}.${name}`;
  if (facts === undefined || !isKey(key)) throw new TypeError(`the setting ${key} has no facts`);
  return { key, group, name, schema, facts, initial: schema.parse(undefined) };
}

/** Every setting, in the order in which it is shown. */
export const settingList: readonly Setting[] = Object.entries(settingsSchema.shape).flatMap(([group, { shape }]) =>
  Object.entries(shape).map(([name, schema]) => settingOf(group, name, schema)),
);

const byKey = new Map<string, Setting>(settingList.map((setting) => [setting.key, setting]));

/** The setting of that key, or null where there is none. */
export function settingNamed(key: string): Setting | null {
  return byKey.get(key) ?? null;
}
