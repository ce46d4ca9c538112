import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { createScopes } from '../../core/flow/scope.ts';
import type { Rights } from '../../protocol/app.ts';
import { systemClock } from '../../service/clock.ts';
import type { Clock } from '../../service/clock.ts';
import { createService } from '../../service/create-service.ts';
import type { Service } from '../../service/create-service.ts';
import { openHelperLink } from '../../service/helper-link.ts';
import { History, systemCalendar } from '../../service/history/index.ts';
import type { Icons } from '../../service/icons/index.ts';
import { createLog } from '../../service/log.ts';
import { PrivacyFile, privacyPathOf } from '../../service/privacy-file.ts';
import { ServiceError } from '../../service/service-error.ts';
import { SettingsFile } from '../../service/settings-file.ts';
import { SettingsInForce } from '../../service/settings-in-force.ts';
import { statusOf } from '../service/measurements.ts';
import { ReplayHelper } from '../service/replay-helper.ts';
import { furnish, habits } from './household.ts';
import { LiveHousehold } from './live-household.ts';

/** Where pictures for people to look at go; not checked in. */
export const artifacts = path.join(import.meta.dirname, '../artifacts');

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((each) => existsSync(each));
export const skip = executablePath === undefined ? 'pending: no Chromium is installed here (apt-get install chromium)' : false;

export async function launchBrowser(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = [...asRoot, '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--font-render-hinting=none'];
  return chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args });
}

export interface StageOptions {
  /** Days of history before now; absent: none. */
  readonly days?: number;
  readonly rights?: Rights;
  /** The port of the page; absent: any. */
  readonly port?: number;
  /** Adds to the history before the service has it. */
  readonly fill?: (history: History, now: number) => void;
  /** The service's clock; absent: the machine's. */
  readonly clock?: Clock;
  /** Makes the history by itself, in place of an empty one. */
  readonly make?: (path: string) => History;
  /** Pictures of apps; absent: there are none. */
  readonly icons?: Icons;
}

/** A real service that serves the real window, between a replayed helper and a history on disk. */
export class WindowStage implements AsyncDisposable {
  readonly folder: string;
  readonly helper: ReplayHelper;
  readonly service: Service;
  readonly household = new LiveHousehold();
  readonly #settings: Disposable;
  #playing: ReturnType<typeof setInterval> | undefined;

  private constructor(parts: { folder: string; helper: ReplayHelper; service: Service; settings: Disposable }) {
    this.folder = parts.folder;
    this.helper = parts.helper;
    this.service = parts.service;
    this.#settings = parts.settings;
  }

  static async open({ days = 0, rights = 'control', port = 0, fill, make, icons, clock = systemClock }: StageOptions = {}): Promise<WindowStage> {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-window-'));
    const helperPath = path.join(folder, 'helper.sock');
    const historyPath = path.join(folder, 'history.sqlite');
    const calendar = systemCalendar(process.env);
    const now = clock.now();
    const history = make?.(historyPath) ?? new History({ path: historyPath, calendar, now, pid: process.pid });
    if (days > 0) furnish(history, now, days);
    fill?.(history, now);
    const helper = await ReplayHelper.listen(helperPath);
    const log = createLog('silent');
    const settings = new SettingsInForce({ file: new SettingsFile(path.join(folder, 'settings.json')), part: {}, log });
    const service = await createService({
      clock,
      log,
      settings,
      helper: {
        connect: async () => {
          const link = await openHelperLink(helperPath);
          if (link === null) throw new ServiceError('helper-failed', 'the helper did not start');
          return link;
        },
        [Symbol.asyncDispose]: async () => undefined,
      },
      history,
      modes: new PrivacyFile(privacyPathOf(historyPath)),
      scopeOf: createScopes([]),
      home: { kind: 'none' },
      displayNames: { nameOf: ({ app }) => habits.find(({ executable }) => executable === app)?.displayName ?? null },
      networks: { of: () => ({ name: 'Home Wi-Fi', type: '802-11-wireless', ssid: 'Home', metered: false }) },
      ...(icons === undefined ? {} : { icons }),
      configuration: { interfaces: 'edges', filter: '', promiscuous: false, loopback: false },
      calendar,
      web: { port, rights },
      socketPath: path.join(folder, 'service.sock'),
      historyPath,
      pid: process.pid,
    });
    helper.say({ kind: 'interfaces', interfaces: [statusOf('wlan0', 'physical')] });
    return new WindowStage({ folder, helper, service, settings });
  }

  get address(): string {
    if (this.service.webAddress === null) throw new Error('the service serves no page');
    return this.service.webAddress;
  }

  /** The household's next second, now. */
  second(time = Date.now()): void {
    this.helper.say(...this.household.second(time));
  }

  /** Second by second, as a helper tells it, until the stage is left. */
  play(): void {
    this.#playing ??= setInterval(() => this.second(), 1000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#playing);
    await this.service.stop();
    this.#settings[Symbol.dispose]();
    await this.helper[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true });
  }
}

/** How the window looks to the one who opens it. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
  readonly language?: 'en' | 'de';
  /** Whether the words of the first start are there. */
  readonly welcome?: 'open' | 'read';
}

export interface OpenedWindow {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained about: scripts that failed, and what its policy forbade. */
  readonly errors: readonly string[];
}

/** Opens the window by its printed address. */
export async function openWindow(browser: Browser, address: string, look: Look = {}): Promise<OpenedWindow> {
  const { width = 1280, height = 860, theme = 'light', language = 'en', welcome = 'read' } = look;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale: language === 'de' ? 'de-DE' : 'en-GB', acceptDownloads: true });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.addInitScript(`localStorage.setItem('tidewatch.preferences', localStorage.getItem('tidewatch.preferences') ?? ${JSON.stringify(JSON.stringify({ welcome }))})`);
  await page.goto(address);
  return { context, page, errors };
}
