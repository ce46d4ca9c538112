import { settingsSchema } from './schema.ts';
import type { Settings, SettingsPart } from './schema.ts';
import { settingList } from './setting-list.ts';
import type { Setting } from './setting-list.ts';

/** Something in the file that is not as it should be. `message` is one line without an end, for a person. */
export interface SettingProblem {
  readonly path: string;
  readonly kind: 'invalid' | 'unknown';
  readonly message: string;
}

/** What a file says: whole settings whatever it held, and what was wrong with it. */
export interface SettingsReading {
  readonly settings: Settings;
  readonly problems: readonly SettingProblem[];
}

/** A file may hold a million mistakes; a person reads the first few. */
const maximumProblems = 50;

/** Longest text of a value or a key in a message. */
const longestShown = 60;

type Json = Readonly<Record<string, unknown>>;

function isGroup(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cut(text: string): string {
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}

/** A value as JSON writes it, cut where it is long. */
export function shownValue(value: unknown): string {
  return cut(JSON.stringify(value) ?? String(value));
}

class Reading {
  readonly problems: SettingProblem[] = [];

  add(kind: SettingProblem['kind'], path: string, words: string): void {
    if (this.problems.length < maximumProblems) this.problems.push({ kind, path: cut(path), message: `${cut(path)}: ${words}` });
  }

  /** The value of one setting, or its default where it is absent or wrong. */
  valueOf(setting: Setting, given: unknown): unknown {
    const { schema, facts, key, initial } = setting;
    if (given === undefined) return initial;
    const value = facts.element !== null && Array.isArray(given) ? this.#goodElements(setting, given) : given;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    this.add('invalid', key, `${shownValue(value)} is not ${facts.expects}; using ${shownValue(initial)}`);
    return initial;
  }

  /** One wrong element must not undo the others: a list of what is not to be named would then name it all. */
  #goodElements({ key, facts: { element } }: Setting, given: readonly unknown[]): readonly unknown[] {
    return given.filter((each, index) => {
      const isGood = element === null || element.accepts(each);
      if (!isGood) this.add('invalid', `${key}.${index}`, `${shownValue(each)} is none of ${element.expects}; left out`);
      return isGood;
    });
  }

  noteUnknown(raw: Json): void {
    for (const [group, values] of Object.entries(raw)) {
      const known = settingList.filter((setting) => setting.group === group).map(({ name }) => name);
      if (known.length === 0) this.add('unknown', group, 'no such setting; it is kept as it is and means nothing here');
      else if (isGroup(values)) {
        for (const name of Object.keys(values)) {
          if (!known.includes(name)) this.add('unknown', `${group}.${name}`, 'no such setting; it is kept as it is and means nothing here');
        }
      } else this.add('invalid', group, `${shownValue(values)} is no group of settings; using the defaults of ${known.join(', ')}`);
    }
  }
}

/**
 * Reads settings from what a file held (any JSON value). Never throws: what is wrong is reported by its path, and its
 * default used. Absent is not wrong.
 */
export function readSettings(raw: unknown): SettingsReading {
  const groups = isGroup(raw) ? raw : {};
  const reading = new Reading();
  const assembled: Record<string, Record<string, unknown>> = {};
  for (const setting of settingList) {
    const values = Object.hasOwn(groups, setting.group) ? groups[setting.group] : undefined;
    const given = isGroup(values) && Object.hasOwn(values, setting.name) ? values[setting.name] : undefined;
    (assembled[setting.group] ??= {})[setting.name] = reading.valueOf(setting, given);
  }
  reading.noteUnknown(groups);
  return { settings: settingsSchema.parse(assembled), problems: reading.problems };
}

/** All settings as they are where no file says otherwise. */
export const defaultSettings: Settings = readSettings({}).settings;

/** The settings with what is given in their place: the options of one run. */
export function withPart(settings: Settings, part: SettingsPart): Settings {
  const merged = Object.entries(settings).map(([group, values]) => {
    const given = Object.entries(part).find(([name]) => name === group)?.[1] ?? {};
    return [group, { ...values, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }];
  });
  return settingsSchema.parse(Object.fromEntries(merged));
}
