import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setUp } from '../../../build/set-up.mjs';
import type { AppClient } from '../../../protocol/app.ts';
import { connectToService } from '../../../service/index.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import { projectRoot } from '../../scenario/harness/program.ts';
import type { Program } from '../../scenario/harness/program.ts';
import { until } from '../../scenario/harness/until.ts';
import { coverageFolder } from './coverage.ts';
import type { Screen } from './screen.ts';

/** A shell that has a tray and windows. */
export type DesktopShell = 'electron' | 'portable';

/** Where pictures of the tests are kept; not in the repository. */
export function artifactsOf(shell: DesktopShell): string {
  return `${projectRoot}artifacts/e2e/${shell}`;
}

/** Settings as a person would write them into the file: groups of names. */
export type SettingsText = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface DesktopAppOptions {
  readonly shell: DesktopShell;
  readonly settings?: SettingsText;
  /** Whether V8 counts what is executed, which costs time. */
  readonly coverage?: 'on' | 'off';
}

/** A Tidewatch of this desktop's own: `npm start` and all that it keeps. */
export class DesktopApp {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly socketPath: string;
  readonly #network: Network;
  readonly #shell: DesktopShell;

  constructor(screen: Screen, network: Network, { shell, settings = {}, coverage = 'on' }: DesktopAppOptions) {
    this.#network = network;
    this.#shell = shell;
    this.folder = mkdtempSync(path.join(screen.folder, 'app-'));
    this.socketPath = `${this.folder}/service.sock`;
    this.environment = {
      ...screen.environment,
      TIDEWATCH_HISTORY: `${this.folder}/history/history.sqlite`,
      TIDEWATCH_SOCKET: this.socketPath,
      TIDEWATCH_HELPER_SOCKET: `${this.folder}/helper.sock`,
      TIDEWATCH_SETTINGS: `${this.folder}/settings.json`,
      ...(coverage === 'on' ? { NODE_V8_COVERAGE: coverageFolder } : {}),
      // What npm keeps between runs is this machine's, not this home's.
      npm_config_cache: path.join(homedir(), '.npm'),
    };
    mkdirSync(`${this.folder}/history`);
    this.write(settings);
  }

  /** Replaces the file of the settings. */
  write(settings: SettingsText): void {
    writeFileSync(`${this.folder}/settings.json`, JSON.stringify(settings));
  }

  /** `npm start -- WORDS`, as a person types it. Signals reach npm alone: it is to be ended from the menu. */
  startWithNpm(words: readonly string[]): Program {
    return this.#network.client.start('npm', ['start', '--silent', '--', '--shell', this.#shell, ...words], { environment: this.environment });
  }

  /** What npm runs, so that signals reach it. */
  start(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Program {
    return this.#network.client.start(process.execPath, [`${projectRoot}build/start.mjs`, '--shell', this.#shell, ...words], { environment: { ...this.environment, ...environment } });
  }

  /** A client of the service that runs there. */
  async client(): Promise<AppClient & Disposable> {
    const client = await until('the service', 20_000, async () => await connectToService(this.socketPath).catch(() => null));
    return Object.assign(client, { [Symbol.dispose]: () => client.close() });
  }

  /** Commands of the processes in the client's namespace now: the program and what it started. */
  processes(): readonly string[] {
    return this.#network.client.processes().flatMap((pid) => {
      try {
        return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`;
      } catch {
        // It has ended since it was listed.
        return [];
      }
    });
  }
}

/** What `npm start` would install is installed before: in the namespace there is no network to fetch it from. */
export function setUpOnce(): void {
  setUp(['run']);
}
