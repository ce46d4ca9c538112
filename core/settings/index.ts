/** Every setting, what it means, and how a file of them is read. */
export { defaultSettings, readSettings, shownValue, withPart } from './read-settings.ts';
export type { SettingProblem, SettingsReading } from './read-settings.ts';
export { settingsSchema } from './schema.ts';
export type { SettingKey, Settings, SettingsPart } from './schema.ts';
export type { Effect, SettingFacts } from './setting-facts.ts';
export { settingField } from './setting-field.ts';
export { settingList, settingNamed } from './setting-list.ts';
export type { Setting } from './setting-list.ts';
export { changedSettings, parseSettingText, settingText, valueOf } from './setting-text.ts';
export { settingsDocument } from './document.ts';
export { withholding } from './withholding.ts';
export type { KeptUsage, Withholding } from './withholding.ts';
export { isLoopbackHost, parseListenAddress } from './listen-address.ts';
export type { ListenAddress } from './listen-address.ts';
export { ntmdPort } from './export-settings.ts';
