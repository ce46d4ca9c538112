import { Notification } from 'electron';
import type { Alert, AppClient, AppCommandName, AppParameters, LiveEvent } from '../protocol/app.ts';
import { epochMs } from '../protocol/units.ts';
import type { ServiceOptions } from '../service/index.ts';
import { Notifications } from './notifications.ts';
import type { NotificationActs } from './notifications.ts';
import type { Units } from './quantity.ts';
import { Session } from './session.ts';
import { DesktopSettings } from './settings.ts';
import { initialStanding, withEvent, withLink } from './standing.ts';
import type { Link, Standing } from './standing.ts';
import { Pace } from './tray/pace.ts';
import { TrayMeter } from './tray/tray-meter.ts';
import type { TrayInput } from './tray/tray-meter.ts';
import { WindowBridge } from './window-bridge.ts';
import { WindowPlaces } from './windows/places.ts';
import { Windows } from './windows/windows.ts';
import { plainLine, topApps } from './words.ts';

export interface DesktopPorts {
  readonly options: ServiceOptions;
  /** Where windows were. */
  readonly placesFile: string;
  /** Ends the program. */
  readonly quit: () => void;
  /** One line for whoever reads what a program prints. */
  readonly say: (line: string) => void;
  /** The settings are read, or have changed. */
  readonly settingsChanged: (settings: DesktopSettings) => void;
}

const hourSeconds = 3600;
/** Today's total and the plans come from the history: often enough for a menu. */
const totalsEveryMs = 10_000;

/** The last midnight of the local calendar. */
function midnight(now: number): number {
  return new Date(now).setHours(0, 0, 0, 0);
}

/**
 * The desktop: one service, and what shows it. It holds the last that the service said, tells it to the tray, the notifications
 * and the windows, and gives back what a person does there as commands.
 */
export class Desktop {
  readonly #ports: DesktopPorts;
  readonly #settings: DesktopSettings;
  readonly #places: WindowPlaces;
  readonly #windows: Windows;
  readonly #bridge: WindowBridge;
  readonly #notifications: Notifications;
  readonly #tray: TrayMeter;
  readonly #session: Session;
  readonly #totals = new Pace(totalsEveryMs, () => void this.#readTotals());
  #standing: Standing = initialStanding;
  #newest: LiveEvent | null = null;
  #hasTray = true;

  constructor(ports: DesktopPorts) {
    this.#ports = ports;
    this.#settings = new DesktopSettings(ports.options.settingsPath, () => this.#settingsChanged());
    this.#places = new WindowPlaces(ports.placesFile);
    this.#windows = new Windows({
      places: this.#places,
      shown: (contents) => this.#bridge.catchUp(contents),
      inFront: (inFront) => this.#order('windowInFront', { inFront }),
      mainClosed: () => this.#mainClosed(),
      gone: (contents) => this.#bridge.forget(contents),
    });
    this.#bridge = new WindowBridge({
      client: () => this.#session.client,
      newest: () => this.#newest,
      isOurs: (contents) => this.#windows.isOurs(contents),
      isShown: (contents) => this.#windows.isShown(contents),
      open: (window, place) => this.#windows.open(window, place),
    });
    this.#notifications = new Notifications(this.#notificationActs(), (words) => new Notification(words));
    this.#tray = new TrayMeter(this.#trayInput(), this.#trayActs());
    this.#session = new Session({
      options: ports.options,
      event: (event) => this.#take(event),
      link: (link) => this.#linked(link),
      defect: (error) => ports.say(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    });
    ports.settingsChanged(this.#settings);
  }

  /** The usage window, in front; at a place of its page where one is given. */
  openWindow(place?: string): void {
    this.#windows.open('main', place);
  }

  /** The mini window, where it was open when the program ended. */
  restoreMini(): void {
    if (this.#places.remembered.miniOpen) this.#windows.open('mini');
  }

  /** There is no tray: the window is the only face, so it opens, and closing it ends the program. Said once in a person's life. */
  withoutTray(): void {
    this.#hasTray = false;
    this.openWindow();
    if (this.#places.remembered.trayTold) return;
    this.#ports.say('this desktop shows no tray icons: the window opens instead, and closing it ends Tidewatch');
    this.#places.remember({ trayTold: true });
  }

  /** After a suspend: what is of another day or another place is read anew; rates come with the next second by themselves. */
  resumed(): void {
    void this.#readTotals();
    this.#tray.show(this.#trayInput());
  }

  /** Ends what was started here, and only that. */
  async stop(): Promise<void> {
    this.#settings[Symbol.dispose]();
    this.#totals[Symbol.dispose]();
    this.#windows[Symbol.dispose]();
    this.#notifications[Symbol.dispose]();
    this.#bridge[Symbol.dispose]();
    this.#tray[Symbol.dispose]();
    await this.#session.stop();
  }

  get #units(): Units {
    return this.#settings.current.display;
  }

  #trayInput(): TrayInput {
    return { standing: this.#standing, units: this.#units, look: this.#settings.current.tray };
  }

  #trayActs(): ConstructorParameters<typeof TrayMeter>[1] {
    return {
      openWindow: (place) => this.openWindow(place),
      openMini: () => this.#windows.toggleMini(),
      openSettings: () => this.openWindow('/settings'),
      openAlerts: () => this.openWindow('/alerts'),
      openApp: (index) => this.#openApp(index),
      grantAccess: () => this.#grantAccess(),
      tryAgain: () => this.#session.tryAgain(),
      togglePause: () => (this.#standing.mode.paused === null ? this.#order('pause', { forSeconds: hourSeconds }) : this.#order('resume', {})),
      togglePrivate: () => (this.#standing.mode.private === null ? this.#order('beginPrivate', { forSeconds: hourSeconds }) : this.#order('endPrivate', {})),
      quit: () => this.#ports.quit(),
    };
  }

  #notificationActs(): NotificationActs {
    return {
      show: () => this.openWindow('/alerts'),
      snooze: () => this.#order('snoozeAlerts', { forSeconds: hourSeconds }),
      mute: (alert) => this.#mute(alert),
      failed: (reason) => this.#ports.say(`alerts are shown in the tray and in the window only: ${plainLine(reason, 200)}`),
    };
  }

  #take(event: LiveEvent): void {
    this.#standing = withEvent(this.#standing, event);
    if (event.kind === 'snapshot') this.#newest = event;
    this.#bridge.publish(event);
    if (event.kind === 'alert') this.#notifications.take(event.alert, event.act);
    this.#totals.want();
    this.#tray.show(this.#trayInput());
  }

  #linked(link: Link): void {
    this.#standing = withLink(this.#standing, link);
    if (link.kind === 'lost') {
      this.#newest = null;
      this.#bridge.end();
      this.#ports.say(`not measuring: ${link.why}`);
    }
    this.#tray.show(this.#trayInput());
  }

  /** The system's own question comes up. Where no service could be started without an answer, starting one asks it. */
  #grantAccess(): void {
    if (this.#session.client === null) this.#session.tryAgain();
    else this.#order('grantAccess', {});
  }

  #settingsChanged(): void {
    this.#ports.settingsChanged(this.#settings);
    this.#tray.show(this.#trayInput());
  }

  #mainClosed(): void {
    if (!this.#hasTray) this.#ports.quit();
  }

  #openApp(index: number): void {
    const { snapshot } = this.#standing;
    const app = snapshot === null ? null : (topApps(snapshot, index + 1)[index]?.app ?? null);
    this.openWindow(app === null ? undefined : `/usage?app=${encodeURIComponent(app)}`);
  }

  #mute({ kind, cause }: Alert): void {
    const app = cause?.app ?? null;
    this.#order('muteAlerts', app === null ? { kind } : { app });
  }

  /** A command whose answer nobody waits for. Where there is no service there is nothing to command. */
  #order<Name extends AppCommandName>(name: Name, parameters: AppParameters<Name>): void {
    this.#session.client?.command(name, parameters).catch((error: unknown) => this.#refused(name, error));
  }

  #refused(name: string, error: unknown): void {
    this.#ports.say(`${name} was refused: ${error instanceof Error ? plainLine(error.message, 500) : String(error)}`);
  }

  async #readTotals(): Promise<void> {
    const { client } = this.#session;
    if (client === null) return;
    try {
      this.#standing = { ...this.#standing, ...(await totalsOf(client)) };
    } catch (error) {
      // The service went away, or its history cannot be read: the tray then shows the last that was known.
      this.#refused('reading today’s total', error);
    }
  }
}

async function totalsOf(client: AppClient): Promise<Pick<Standing, 'today' | 'plans'>> {
  const from = epochMs(midnight(Date.now()));
  const [{ total }, { plans }] = await Promise.all([client.query('top', { from, by: 'scope', limit: 1 }), client.query('plans', {})]);
  return { today: { rxBytes: total.rxBytes, txBytes: total.txBytes }, plans };
}
