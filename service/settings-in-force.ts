import { changedSettings, settingNamed, withPart } from '../core/settings/index.ts';
import type { Setting, SettingProblem, Settings, SettingsPart } from '../core/settings/index.ts';
import type { Retention } from '../core/history/tiers.ts';
import type { CaptureConfiguration, Trouble } from '../protocol/helper.ts';
import type { Log } from './log.ts';
import type { SettingsFile, SettingsState } from './settings-file.ts';

const hourMs = 3_600_000;

/** What the helper is asked to capture. */
export function captureOf({ capture }: Settings): CaptureConfiguration {
  const { interfaces, filter, promiscuous, loopback } = capture;
  return { interfaces: interfaces === 'edges' ? interfaces : [...new Set(interfaces)], filter, promiscuous, loopback };
}

/** How long the history keeps its fine tiers, in milliseconds. */
export function retentionOf({ retention }: Settings): Retention {
  return { recent: retention.recentHours * hourMs, minute: retention.minuteDays * 24 * hourMs, quarter: retention.quarterDays * 24 * hourMs };
}

/** The settings that a service goes by, which may change while it runs. */
export interface SettingsSource {
  readonly current: Settings;
  /** What is wrong with the file now. */
  readonly troubles: readonly Trouble[];
  /** Calls `act` after each change of the settings or of what is wrong with them. */
  onChange(act: () => void): Disposable;
  /** The file behind them; absent where there is none. */
  readonly store?: SettingsStore;
}

/** The file of the settings, as a client may change it. */
export interface SettingsStore {
  readonly path: string;
  /** Whether this run says the value, in place of the file. */
  isOverridden(setting: Setting): boolean;
  /**
   * Writes one setting, or (`undefined`) takes it out of the file; what takes effect at once is in force when this returns.
   * Throws like {@link SettingsFile.set}.
   */
  change(setting: Setting, value: unknown): void;
}

export interface SettingsInForcePorts {
  readonly file: SettingsFile;
  /** What the options of this run say in place of the file. */
  readonly part: SettingsPart;
  readonly log: Log;
}

/**
 * The settings of a running service: the file's, with this run's own in their place. Follows the file: what can take effect at
 * once does; for the rest it says that it waits for the next start. A file that becomes unreadable changes nothing but the
 * troubles, because an editor that is half done must not undo what is withheld.
 */
export class SettingsInForce implements SettingsSource, Disposable {
  readonly #ports: SettingsInForcePorts;
  readonly #watch: Disposable;
  readonly #listeners = new Set<() => void>();
  #current: Settings;
  #troubles: readonly Trouble[] = [];

  constructor(ports: SettingsInForcePorts) {
    this.#ports = ports;
    // Watched before it is read: a change in between is then seen.
    this.#watch = ports.file.watch(() => this.#look());
    const state = ports.file.read();
    this.#current = withPart(state.settings, ports.part);
    this.#note(state);
  }

  get current(): Settings {
    return this.#current;
  }

  get troubles(): readonly Trouble[] {
    return this.#troubles;
  }

  get store(): SettingsStore {
    const { file, part } = this.#ports;
    return {
      path: file.path,
      isOverridden: ({ group, name }) => valueIn(part, group, name) !== undefined,
      change: (setting, value) => {
        if (value === undefined) file.reset(setting);
        else file.set(setting, value);
        this.#look();
      },
    };
  }

  onChange(act: () => void): Disposable {
    this.#listeners.add(act);
    return { [Symbol.dispose]: () => void this.#listeners.delete(act) };
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#listeners.clear();
  }

  #look(): void {
    const state = this.#ports.file.read();
    if (state.unreadable === null) this.#take(withPart(state.settings, this.#ports.part));
    this.#note(state);
    for (const act of this.#listeners) act();
  }

  #take(next: Settings): void {
    const changed = changedSettings(this.#current, next);
    // Only the key: what is withheld from the history has no place in a log either.
    for (const { key, facts } of changed) this.#ports.log.info(changeWords[facts.effect], { setting: key });
    this.#current = next;
  }

  #note({ problems, unreadable }: SettingsState): void {
    const { path } = this.#ports.file;
    this.#troubles = unreadable === null ? problems.map((problem) => troubleOf(problem, path)) : [unreadableTrouble(path, unreadable)];
    for (const { message, remedy } of this.#troubles) this.#ports.log.warn(message, { remedy });
  }
}

function valueIn(part: SettingsPart, group: string, name: string): unknown {
  const values = Object.entries(part).find(([key]) => key === group)?.[1] ?? {};
  return Object.entries(values).find(([key]) => key === name)?.[1];
}

const changeWords = {
  'at-once': 'a setting has changed and is in force',
  'next-start': 'a setting has changed and takes effect at the next start',
} as const;

function troubleOf({ path, kind, message }: SettingProblem, file: string): Trouble {
  const remedy = kind === 'invalid' && settingNamed(path) !== null ? `mend it in ${file}, or: tidewatch settings reset ${path}` : `mend it in ${file}`;
  return { code: 'bad-setting', subject: path, message: `the setting ${message}`, remedy: remedy.slice(0, 1024), over: false };
}

function unreadableTrouble(file: string, reason: string): Trouble {
  return {
    code: 'bad-setting',
    subject: 'settings',
    message: `the settings in ${file} cannot be read: ${reason}`.slice(0, 1024),
    remedy: 'mend the file or move it away; until then the settings are what they were, or the defaults',
    over: false,
  };
}
