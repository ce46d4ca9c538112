import { z } from 'zod';
import { defaultSettings, settingField, settingList, settingNamed, shownValue, valueOf } from '../core/settings/index.ts';
import type { Setting } from '../core/settings/index.ts';
import type { SettingChange, SettingChanged, SettingRow, SettingsResult } from '../protocol/app.ts';
import { ServiceError } from './service-error.ts';
import type { SettingsSource, SettingsStore } from './settings-in-force.ts';

/** The settings of a service as its clients see and change them; `source` is absent where a service has no file of them. */
export class SettingsAnswers {
  readonly #source: SettingsSource | null;

  constructor(source: SettingsSource | undefined) {
    this.#source = source ?? null;
  }

  all(): SettingsResult {
    return { path: this.#source?.store?.path ?? '', settings: settingList.map((setting) => this.#row(setting)) };
  }

  /** Throws {@link ServiceError} where there is no such setting, no file of them, or the file cannot be written. */
  change({ key, value }: SettingChange): SettingChanged {
    const setting = settingNamed(key);
    if (setting === null) throw new ServiceError('service-refused', `"${key}" is no setting; \`tidewatch settings\` lists them`);
    const refused = value === undefined ? null : refusalOf(setting, value);
    if (refused === null) this.#store().change(setting, value);
    return { row: this.#row(setting), refused };
  }

  #store(): SettingsStore {
    const store = this.#source?.store;
    if (store !== undefined) return store;
    throw new ServiceError('service-refused', 'this service has no file of settings');
  }

  #row(setting: Setting): SettingRow {
    const { key, initial, facts } = setting;
    const { meaning, expects, effect } = facts;
    const value = valueOf(this.#source?.current ?? defaultSettings, setting);
    const overridden = this.#source?.store?.isOverridden(setting) ?? false;
    return { key, value: z.json().parse(value), initial: z.json().parse(initial), field: settingField(setting), meaning, expects, effect, overridden };
  }
}

function refusalOf({ key, schema, facts }: Setting, value: unknown): string | null {
  if (schema.safeParse(value).success) return null;
  const unit = facts.unit === null ? '' : ` (${facts.unit})`;
  return `${key}: ${shownValue(value)} is not ${facts.expects}${unit}`.slice(0, 512);
}
