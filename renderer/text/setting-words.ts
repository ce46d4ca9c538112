import { german as germanTexts } from './settings-german.ts';
import type { Language } from './index.ts';
import { textFor } from './lookup.ts';

/** The texts of the settings' page: apart from the catalogues, since only that page needs them. */
export interface SettingWords {
  readonly search: string;
  readonly all: string;
  readonly groupsTitle: string;
  readonly groups: (group: string) => string;
  readonly titles: (key: string) => string;
  /** What a setting is for; null where the service's own words are in this language. */
  readonly meanings: (key: string) => string | null;
  readonly options: (option: string) => string;
  readonly units: (unit: string) => string;
  readonly reset: string;
  readonly saved: string;
  readonly notThat: (expects: string) => string;
  readonly nextStart: string;
  readonly overridden: string;
  readonly onePerLine: string;
  readonly asJson: string;
  readonly file: string;
  readonly noneFits: string;
  readonly historyTitle: string;
  readonly historySize: string;
  readonly historySince: string;
  readonly historyRows: string;
  readonly forgetAll: string;
  readonly everything: string;
}

const englishGroups: Readonly<Record<string, string>> = {
  capture: 'What is measured',
  networks: 'Networks',
  names: 'Names',
  retention: 'How long it is kept',
  history: 'Privacy',
  display: 'Figures',
  tray: 'Tray icon',
  desktop: 'Desktop',
  alerts: 'Alerts',
  plans: 'Data plans',
  web: 'Web page',
  metrics: 'Prometheus',
  ntmd: 'ntmd socket',
  mail: 'Mail',
  reports: 'Reports',
  recorder: 'Flight recorder',
  log: 'Log',
};

const abbreviations: Readonly<Record<string, string>> = { http: 'HTTP', ca: 'CA', json: 'JSON' };

/** `spikeBytesPerSecond` → `Spike bytes per second`. */
function titleOf(key: string): string {
  const words = key.slice(key.indexOf('.') + 1).replace(/([a-z])([A-Z])/gu, '$1 $2').toLowerCase().split(' ');
  const title = words.map((word) => textFor(abbreviations, word)).join(' ');
  return title.charAt(0).toUpperCase() + title.slice(1);
}

const english: SettingWords = {
  search: 'Search the settings',
  all: 'General',
  groupsTitle: 'Groups of settings',
  groups: (group) => textFor(englishGroups, group),
  titles: titleOf,
  meanings: () => null,
  options: (option) => option,
  units: (unit) => unit,
  reset: 'Default',
  saved: 'Saved',
  notThat: (expects) => `This is not ${expects}.`,
  nextStart: 'Takes effect at the next start.',
  overridden: 'This run was started with a value of its own; the setting waits for the next start.',
  onePerLine: 'One in each line',
  asJson: 'As JSON',
  file: 'The settings are in',
  noneFits: 'No setting fits this search',
  historyTitle: 'History',
  historySize: 'Size of the file',
  historySince: 'Kept since',
  historyRows: 'Rows',
  forgetAll: 'Forget everything…',
  everything: 'the whole history',
};

const german: SettingWords = {
  search: 'Einstellungen durchsuchen',
  all: 'Allgemein',
  groupsTitle: 'Gruppen der Einstellungen',
  groups: (group) => textFor(germanTexts.groups, group),
  titles: (key) => germanTexts.settings[key]?.[0] ?? titleOf(key),
  meanings: (key) => germanTexts.settings[key]?.[1] ?? null,
  options: (option) => textFor(germanTexts.options, option),
  units: (unit) => textFor(germanTexts.units, unit),
  reset: 'Standard',
  saved: 'Gespeichert',
  notThat: (expects) => `Das passt nicht; erwartet wird: ${expects}.`,
  nextStart: 'Gilt ab dem nächsten Start.',
  overridden: 'Dieser Lauf wurde mit einem eigenen Wert gestartet; die Einstellung wartet auf den nächsten Start.',
  onePerLine: 'Eines je Zeile',
  asJson: 'Als JSON',
  file: 'Die Einstellungen stehen in',
  noneFits: 'Keine Einstellung passt zu dieser Suche',
  historyTitle: 'Verlauf',
  historySize: 'Größe der Datei',
  historySince: 'Aufbewahrt seit',
  historyRows: 'Zeilen',
  forgetAll: 'Alles vergessen …',
  everything: 'den ganzen Verlauf',
};

export const settingWords: Readonly<Record<Language, SettingWords>> = { en: english, de: german };
