import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import path from 'node:path';
import { startProgram } from '../../scenario/harness/program.ts';
import type { Program, ProgramOptions } from '../../scenario/harness/program.ts';
import { until } from '../../scenario/harness/until.ts';

/**
 * A real desktop without a monitor: an X server in memory, a session bus, a window manager, a panel with a tray, and (started
 * by the bus when it is needed) a notification service. Each has a home of its own, gone with it.
 */

const panelSize = 30;
const width = 1400;
const height = 900;

/** A panel across the top with nothing but a tray in it, so that what changes in its pixels is the tray's. */
const panelSettings = `<?xml version="1.1" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="${panelSize}"/>
      <property name="icon-size" type="uint" value="22"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="icon-size" type="int" value="22"/>
    </property>
  </property>
</channel>
`;

/** Where Debian keeps what a session bus may start. */
const servicesFolder = '/usr/share/dbus-1/services';

/** The same services as links in a folder of their own, without those that show notifications. */
function withoutNotifications(folder: string): string {
  mkdirSync(folder);
  for (const name of readdirSync(servicesFolder)) {
    const file = `${servicesFolder}/${name}`;
    if (!readFileSync(file, 'utf8').includes('org.freedesktop.Notifications')) symlinkSync(file, `${folder}/${name}`);
  }
  return folder;
}

/** A bus that starts what is in `services` when it is asked for. */
function busSettings(socket: string, services: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path=${socket}</listen>
  <servicedir>${services}</servicedir>
  <policy context="default"><allow user="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
`;
}

/** Colours of a rectangle of the screen: red, green, blue, row after row. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the panel is. */
export const panelArea: Rectangle = { x: 0, y: 0, width, height: panelSize };

export interface ScreenOptions {
  /** Whether there is a service that shows notifications. */
  readonly notifications?: 'shown' | 'absent';
  /** Whose programs may show something here; absent for those of who runs this. */
  readonly users?: 'own' | 'everybody';
}

/** Pids of programs that are to end with this process, whatever ends it but SIGKILL. */
const started = new Set<number>();

process.on('exit', () => {
  for (const pid of started) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
});

export class Screen implements AsyncDisposable {
  readonly folder: string;
  readonly busAddress: string;
  readonly #programs: Program[] = [];
  #display = '';
  #panel: Program | null = null;

  private constructor(folder: string) {
    this.folder = folder;
    this.busAddress = `unix:path=${folder}/bus`;
  }

  static async open({ notifications = 'shown', users = 'own' }: ScreenOptions = {}): Promise<Screen> {
    const screen = new Screen(mkdtempSync(path.join(tmpdir(), 'tidewatch-screen-')));
    try {
      await screen.#startServer(users === 'everybody' ? ['-ac'] : []);
      await screen.#startBus(notifications === 'shown' ? servicesFolder : withoutNotifications(`${screen.folder}/services`));
      if (users === 'everybody') screen.#letEverybodyIn();
      screen.#start('openbox', ['--sm-disable']);
      return screen;
    } catch (error) {
      await screen[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What a program of this session is started with. */
  get environment(): Readonly<Record<string, string>> {
    return {
      DISPLAY: this.#display,
      DBUS_SESSION_BUS_ADDRESS: this.busAddress,
      // No bus of the machine's own: what is tested is this session's.
      DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${this.folder}/no-system-bus`,
      HOME: this.folder,
      XDG_RUNTIME_DIR: `${this.folder}/run`,
      XDG_CONFIG_HOME: `${this.folder}/config`,
      XDG_DATA_HOME: `${this.folder}/data`,
      XDG_CACHE_HOME: `${this.folder}/cache`,
      XDG_STATE_HOME: `${this.folder}/state`,
      WAYLAND_DISPLAY: '',
      GTK_THEME: 'Adwaita',
      NO_AT_BRIDGE: '1',
    };
  }

  async startPanel(): Promise<void> {
    this.#panel = this.#start('xfce4-panel', ['--disable-wm-check']);
    await until('the panel', 15_000, () => this.#windowNamed('xfce4-panel'));
  }

  /** Ends the panel as a crash does. */
  async killPanel(): Promise<void> {
    await this.#panel?.stop('SIGKILL');
  }

  /** The pixels of a part of the screen. */
  pixels(area: Rectangle): Pixels {
    const crop = `${area.width}x${area.height}+${area.x}+${area.y}`;
    const { stdout } = this.#tool('import', ['-window', 'root', '-crop', crop, '+repage', '-depth', '8', 'rgb:-']);
    return { width: area.width, height: area.height, bytes: stdout };
  }

  /** Keeps a picture of the whole screen under the artifacts of the tests. */
  picture(file: string, area?: Rectangle): void {
    mkdirSync(path.dirname(file), { recursive: true });
    const crop = area === undefined ? [] : ['-crop', `${area.width}x${area.height}+${area.x}+${area.y}`, '+repage', '-filter', 'point', '-resize', '400%'];
    this.#tool('import', ['-window', 'root', ...crop, file]);
  }

  /** Numbers of the windows whose title holds this text, as xdotool(1) finds them among those that can be seen. */
  visibleWindows(title: string): readonly string[] {
    return this.#search(['--onlyvisible', '--name', title]);
  }

  /** Widths and heights of the windows whose title holds this text: `300x200`. */
  sizes(title: string): readonly string[] {
    return this.visibleWindows(title).map((window) => /Geometry: (\d+x\d+)/u.exec(this.xdotool('getwindowgeometry', window))?.[1] ?? '');
  }

  /** Title of the window that has the keyboard. */
  activeTitle(): string {
    return this.#tool('xdotool', ['getactivewindow', 'getwindowname']).stdout.toString().trim();
  }

  /** Where the bubbles of the notification service are, in the order in which it made them. */
  bubbles(): readonly Rectangle[] {
    return this.#search(['--onlyvisible', '--class', 'xfce4-notifyd']).map((window) => {
      const [x = 0, y = 0, width = 0, height = 0] = ['X', 'Y', 'WIDTH', 'HEIGHT'].map((name) => {
        const text = this.xdotool('getwindowgeometry', '--shell', window);
        return Number(new RegExp(`^${name}=(-?\\d+)$`, 'mu').exec(text)?.[1]);
      });
      return { x, y, width, height };
    });
  }

  /** A click of the left button there. */
  click({ x, y }: { readonly x: number; readonly y: number }): void {
    this.xdotool('mousemove', String(Math.round(x)), String(Math.round(y)), 'click', '1');
  }

  /** As a person closes the window in front: the key that the window manager knows. */
  closeActive(): void {
    this.xdotool('key', '--clearmodifiers', 'alt+F4');
  }

  /** Waits until nothing on the screen has moved for a moment, so that a picture shows a whole window. */
  async settled(): Promise<void> {
    const all = { x: 0, y: 0, width, height };
    let last = this.pixels(all);
    await until('a still screen', 10_000, async () => {
      await delay(400);
      const now = this.pixels(all);
      const isStill = differing(now, last) < 2000;
      last = now;
      return isStill;
    });
  }

  xdotool(...words: readonly string[]): string {
    return this.#tool('xdotool', words).stdout.toString().trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs.toReversed()) await program.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #windowNamed(name: string): boolean {
    return this.#search(['--onlyvisible', '--class', name]).length > 0;
  }

  #search(words: readonly string[]): readonly string[] {
    return this.#tool('xdotool', ['search', ...words]).stdout.toString().split('\n').filter((line) => line !== '');
  }

  #tool(command: string, words: readonly string[]): { readonly stdout: Buffer } {
    return spawnSync(command, words, { env: { ...process.env, ...this.environment }, maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'ignore'] });
  }

  #start(command: string, words: readonly string[], options: ProgramOptions = {}): Program {
    const program = startProgram(command, words, { ...options, environment: { ...this.environment, ...options.environment } });
    this.#programs.push(program);
    started.add(program.pid);
    void program.ended.then(() => started.delete(program.pid));
    return program;
  }

  /** To the bus, and to the homes that lie beside it, under their own owners. */
  #letEverybodyIn(): void {
    chmodSync(this.folder, 0o711);
    chmodSync(`${this.folder}/bus`, 0o666);
  }

  /** The server takes the first number that is free and says which (Xserver(1), -displayfd). */
  async #startServer(more: readonly string[]): Promise<void> {
    for (const folder of ['run', 'config/xfce4/xfconf/xfce-perchannel-xml', 'data', 'cache', 'state']) mkdirSync(`${this.folder}/${folder}`, { recursive: true });
    chmodSync(`${this.folder}/run`, 0o700);
    writeFileSync(`${this.folder}/config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml`, panelSettings);
    let said = '';
    const server = this.#start('Xvfb', ['-displayfd', '1', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp', '-noreset', ...more], {
      onLine: (line) => {
        said = line;
      },
    });
    await until('the X server', 15_000, () => {
      if (!server.running) throw new Error(`Xvfb ended: ${server.stderr}`);
      return said !== '';
    });
    this.#display = `:${said}`;
  }

  async #startBus(services: string): Promise<void> {
    const file = `${this.folder}/bus.conf`;
    writeFileSync(file, busSettings(`${this.folder}/bus`, services));
    const bus = this.#start('dbus-daemon', [`--config-file=${file}`, '--nofork', '--print-address']);
    await until('the session bus', 10_000, () => {
      if (!bus.running) throw new Error(`dbus-daemon ended: ${bus.stderr}`);
      return bus.stdout !== '';
    });
  }
}

/** How many of the pixels of two pictures of the same size differ. */
export function differing(a: Pixels, b: Pixels): number {
  let count = 0;
  for (let at = 0; at < a.bytes.length; at += 3) {
    if (a.bytes.compare(b.bytes, at, at + 3, at, at + 3) !== 0) count += 1;
  }
  return count;
}

