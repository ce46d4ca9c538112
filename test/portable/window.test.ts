import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Screen } from '../e2e/harness/screen.ts';
import { until } from '../scenario/harness/until.ts';
import type { BrowserWindowConstructorOptions } from '../../portable/index.ts';
import { BrowserWindow, app, ipcMain, protocol, screen as displays } from '../../portable/index.ts';

const waitMs = 30_000;
const preload = fileURLToPath(new URL('pages/preload.cjs', import.meta.url));
const lacking = ['/usr/bin/Xvfb', '/usr/bin/openbox', '/usr/bin/chromium', '/usr/bin/xdotool', '/usr/bin/xprop', '/usr/bin/dbus-daemon'].filter((file) => !existsSync(file));
const pending = lacking.length === 0 ? false : `pending: needs ${lacking.join(', ')}`;

const policy = "default-src 'none'; script-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

/** Command lines of the browser's main process for that profile; /proc/PID/cmdline ends each word with a NUL. */
function browsers(profile: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.includes(`--user-data-dir=${profile}`) && !words.includes('--type=');
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Local addresses on which a process listens over TCP (proc_net(5): state 0A, inode in the tenth field). */
function listening(pid: number): readonly string[] {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(?<inode>\d+)\]$/u.exec(readlink(`/proc/${pid}/fd/${fd}`))?.groups?.['inode'] ?? []));
  const rows = ['tcp', 'tcp6'].flatMap((file) => readFileSync(`/proc/net/${file}`, 'utf8').split('\n').slice(1));
  return rows.map((row) => row.trim().split(/\s+/u)).filter((fields) => fields[3] === '0A' && own.has(fields[9] ?? '')).map((fields) => fields[1] ?? '');
}

function readlink(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}

describe('a window in an installed browser', { skip: pending, timeout: 240_000 }, () => {
  let desktop: Screen;
  let profile: string;
  /** What pages told, and what was asked of the program. */
  const told: unknown[][] = [];
  const requests: string[] = [];
  const windows: BrowserWindow[] = [];
  /** The script that each page runs. */
  let script = '';

  before(async () => {
    desktop = await Screen.open();
    Object.assign(process.env, desktop.environment);
    app.setName('Tidewatch');
    app.setPath('userData', path.join(desktop.folder, 'user-data'));
    profile = path.join(desktop.folder, 'user-data', 'browser');
    app.on('window-all-closed', () => undefined);
    await app.whenReady();
    protocol.handle('tidewatch', (request) => {
      requests.push(request.url);
      const { pathname } = new URL(request.url);
      if (pathname === '/page.js') return new Response(script, { headers: { 'content-type': 'text/javascript' } });
      if (pathname !== '/index.html') return new Response('not here', { status: 404 });
      return new Response('<!doctype html><title>Window under test</title><script src="/page.js"></script>', { headers: { 'content-type': 'text/html', 'content-security-policy': policy } });
    });
    ipcMain.on('tell', (_event, ...values: unknown[]) => told.push(values));
    ipcMain.handle('ask', (event, ...values) => ({ values, from: event.senderFrame.url }));
    ipcMain.handle('refuse', () => Promise.reject(new Error('not now')));
  });

  beforeEach(() => {
    told.length = 0;
    requests.length = 0;
    script = "bridge.tell('loaded');";
  });

  afterEach(async () => {
    for (const window of windows.splice(0)) window.destroy();
    await browserEnds();
  });

  after(async () => {
    await desktop[Symbol.asyncDispose]();
  });

  function make(options: BrowserWindowConstructorOptions = {}): BrowserWindow {
    const window = new BrowserWindow({ width: 640, height: 480, ...options, webPreferences: { preload } });
    windows.push(window);
    void window.loadURL('tidewatch://app/index.html#there');
    return window;
  }

  async function browserEnds(): Promise<void> {
    await until('the browser to end', waitMs, () => browsers(profile).length === 0);
  }

  function titled(): Promise<readonly string[]> {
    return until('a window with the page’s title', waitMs, () => {
      const found = desktop.visibleWindows('Window under test');
      return found.length > 0 ? found : null;
    });
  }

  /** Where the contents are, without the frame that the window manager adds. */
  function geometry(id: string): string {
    return desktop.xdotool('getwindowgeometry', '--shell', id).replace(/WINDOW=\d+\n/u, '');
  }

  function hears(first: unknown): Promise<readonly unknown[]> {
    return until(`the page to tell ${String(first)}`, waitMs, () => told.find((values) => values[0] === first));
  }

  function happens(window: BrowserWindow, event: string): Promise<unknown> {
    return new Promise((resolve) => window.once(event, resolve));
  }

  test('opens at its place as a window without a browser’s bars, and nothing listens on a port', async () => {
    const window = make({ x: 200, y: 150 });
    await hears('loaded');
    assert.equal(window.webContents.getURL(), 'tidewatch://app/index.html#there');
    const [id = ''] = await titled();
    assert.match(geometry(id), /WIDTH=640\nHEIGHT=480/u);
    assert.deepEqual(window.getBounds(), { x: 200, y: 150, width: 640, height: 480 });
    assert.deepEqual(browsers(profile).flatMap(listening), []);
    assert.deepEqual(displays.getDisplayMatching(window.getBounds()).workArea, { x: 0, y: 0, width: 1400, height: 900 });
  });

  test('the page sees what the preload script exposed, and nothing of how', async () => {
    script = `
      const seen = () => Object.getOwnPropertyNames(window).filter((name) => name.startsWith('tidewatch') || name === 'require' || name === 'ipcRenderer');
      (async () => {
        bridge.emit('error', 'a channel that nobody listens to');
        bridge.tell('names', seen());
        bridge.tell('asked', await bridge.ask(1, 'two', { three: [3, null] }));
        bridge.tell('deep', bridge.deep, Object.isFrozen(bridge.deep.list));
        await bridge.refuse().catch((error) => bridge.tell('refused', error.message));
        try { bridge.fail(); } catch (error) { bridge.tell('failed', error instanceof Error, error.message); }
        try { bridge.ask = () => 0; } catch { }
        const stop = bridge.follow((value) => { bridge.tell('followed', value); stop(); bridge.tell('stopped'); });
        bridge.tell('following');
      })();
    `;
    const window = make();
    assert.deepEqual(await hears('names'), ['names', []]);
    assert.deepEqual(await hears('asked'), ['asked', { values: [1, 'two', { three: [3, null] }], from: 'tidewatch://app/index.html#there' }]);
    assert.deepEqual(await hears('deep'), ['deep', { list: [1, { name: '__proto__', text: 'a' }] }, true]);
    assert.deepEqual(await hears('refused'), ['refused', "Error invoking remote method 'refuse': Error: not now"]);
    assert.deepEqual(await hears('failed'), ['failed', true, 'on the other side']);
    await hears('following');
    window.webContents.send('event', { number: 1 });
    assert.deepEqual(await hears('followed'), ['followed', { number: 1 }]);
    await hears('stopped');
    window.webContents.send('event', { number: 2 });
    window.webContents.send('event', { number: 3 });
    assert.equal(told.filter(([kind]) => kind === 'followed').length, 1);
  });

  test('the page reaches no network, opens no window, asks for no permission and goes nowhere else', async () => {
    script = `
      (async () => {
        await fetch('https://example.com/').catch((error) => bridge.tell('fetch', error.name));
        bridge.tell('window', window.open('https://example.com/') === null);
        bridge.tell('permission', await Notification.requestPermission());
        navigator.geolocation.getCurrentPosition(() => bridge.tell('place', 'given'), (error) => bridge.tell('place', error.code));
        location.href = 'https://example.com/';
        setTimeout(() => { location.href = 'tidewatch://app/index.html'; }, 200);
      })();
    `;
    const asked: string[] = [];
    const window = make();
    window.webContents.on('will-navigate', (event: { readonly url: string; preventDefault: () => void }) => {
      asked.push(event.url);
      event.preventDefault();
    });
    assert.deepEqual(await hears('fetch'), ['fetch', 'TypeError']);
    await hears('window');
    assert.deepEqual(await hears('permission'), ['permission', 'denied']);
    assert.deepEqual(await hears('place'), ['place', 1]);
    await until('the navigation to be asked for', waitMs, () => asked.includes('https://example.com/'));
    assert.equal(window.webContents.getURL(), 'tidewatch://app/index.html#there');
    assert.ok(requests.every((url) => url.startsWith('tidewatch://app/')), requests.join(' '));
    assert.equal(desktop.visibleWindows('example').length, 0);
  });

  test('a hidden window is no process at all, and shows again where it was', async () => {
    const window = make({ x: 300, y: 200 });
    await hears('loaded');
    const hidden = happens(window, 'hide');
    window.hide();
    await hidden;
    assert.equal(window.isVisible(), false);
    await browserEnds();
    window.webContents.send('event', 'lost');
    told.length = 0;
    const shown = happens(window, 'show');
    window.show();
    await shown;
    await hears('loaded');
    assert.deepEqual(window.getBounds(), { x: 300, y: 200, width: 640, height: 480 });
  });

  test('a window that was moved tells its new place, and keeps it while hidden', async () => {
    const window = make({ x: 100, y: 100 });
    await hears('loaded');
    const [id = ''] = await titled();
    desktop.xdotool('windowsize', id, '700', '500');
    await happens(window, 'resize');
    desktop.xdotool('windowmove', id, '420', '260');
    await happens(window, 'move');
    const { width, height } = window.getBounds();
    assert.deepEqual({ width, height }, { width: 700, height: 500 });
    const before = geometry(id);
    window.hide();
    await browserEnds();
    window.show();
    const [next = ''] = await titled();
    await until('the window at its old place', waitMs, () => geometry(next) === before);
  });

  test('a window that is to stay on top and out of the task bar is treated so by the window manager', async () => {
    make({ alwaysOnTop: true, skipTaskbar: true });
    await hears('loaded');
    const [id = ''] = await titled();
    const states = (): string => spawnSync('xprop', ['-id', id, '_NET_WM_STATE'], { env: process.env, encoding: 'utf8' }).stdout;
    await until('both states', waitMs, () => /_NET_WM_STATE_ABOVE/u.test(states()) && /_NET_WM_STATE_SKIP_TASKBAR/u.test(states()));
  });

  test('a window that is minimised says so, and comes back', async () => {
    const window = make();
    await hears('loaded');
    const [id = ''] = await titled();
    const minimised = happens(window, 'minimize');
    desktop.xdotool('windowminimize', id);
    await minimised;
    assert.equal(window.isMinimized(), true);
    const restored = happens(window, 'restore');
    window.restore();
    await restored;
    assert.equal(window.isMinimized(), false);
  });

  test('a person’s closing is asked about: prevented, the window is hidden and can be shown again', async () => {
    const window = make();
    let wasVisible = false;
    window.on('close', (event: { preventDefault: () => void }) => {
      wasVisible = window.isVisible();
      event.preventDefault();
    });
    await hears('loaded');
    await until('the focus', waitMs, () => window.isFocused());
    const hidden = happens(window, 'hide');
    desktop.xdotool('key', 'alt+F4');
    await hidden;
    assert.deepEqual([wasVisible, window.isVisible(), window.isDestroyed()], [true, false, false]);
    told.length = 0;
    window.show();
    await hears('loaded');
    window.removeAllListeners('close');
    const closed = happens(window, 'closed');
    await until('the focus', waitMs, () => window.isFocused());
    desktop.xdotool('key', 'alt+F4');
    await closed;
    assert.equal(window.isDestroyed(), true);
  });

  test('two windows share one browser, which ends with the last of them', async () => {
    const first = make();
    const second = make();
    await until('both pages', waitMs, () => told.filter(([kind]) => kind === 'loaded').length === 2);
    assert.equal(browsers(profile).length, 1);
    const toFirst = happens(first, 'focus');
    await until('the second in front', waitMs, () => first.isFocused() || second.isFocused());
    if (!first.isFocused()) {
      first.focus();
      await toFirst;
    }
    assert.equal(first.isFocused(), true);
    second.destroy();
    first.webContents.send('event', 'still there');
  });

  test('a browser that is killed takes its windows with it, is told of, and is started again on demand', async () => {
    const window = make();
    await hears('loaded');
    const reason = new Promise((resolve) => window.webContents.once('render-process-gone', (_event: unknown, details: unknown) => resolve(details)));
    const closed = happens(window, 'closed');
    for (const pid of browsers(profile)) process.kill(pid, 'SIGKILL');
    assert.deepEqual(await reason, { reason: 'killed', exitCode: 9 });
    await closed;
    told.length = 0;
    make();
    await hears('loaded');
  });

  test('a page whose process crashes is told of', async () => {
    const window = make();
    await hears('loaded');
    const reason = new Promise((resolve) => window.webContents.once('render-process-gone', (_event: unknown, details: unknown) => resolve(details)));
    const renderers = readdirSync('/proc').filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.includes('--type=renderer') && words.includes(desktop.folder);
      } catch {
        return false;
      }
    });
    assert.notEqual(renderers.length, 0);
    for (const pid of renderers) process.kill(Number(pid), 'SIGKILL');
    assert.deepEqual(await reason, { reason: 'crashed', exitCode: 1 });
  });

  test('shown and hidden faster than a browser can follow, it ends as was wanted last', async () => {
    const window = make({ show: false });
    for (let round = 0; round < 3; round += 1) {
      window.show();
      window.hide();
    }
    window.show();
    await hears('loaded');
    assert.equal(window.isVisible(), true);
  });

  test('a program that is killed takes its browser with it', async () => {
    const folder = path.join(desktop.folder, 'killed');
    const program = spawn(process.execPath, [fileURLToPath(new URL('programs/window.ts', import.meta.url)), folder], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = await once(program.stdout, 'data');
    assert.equal(String(line), 'loaded\n');
    const own = path.join(folder, 'browser');
    assert.equal(browsers(own).length, 1);
    program.kill('SIGKILL');
    await until('the browser to end', waitMs, () => browsers(own).length === 0);
  });

  test('without a screen it is said why there is no window, and the program goes on', async () => {
    const words = [fileURLToPath(new URL('programs/window.ts', import.meta.url)), path.join(desktop.folder, 'screenless')];
    const program = spawn(process.execPath, words, { env: { ...process.env, DISPLAY: ':4711', WAYLAND_DISPLAY: '' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    program.stderr.on('data', (text) => (said += String(text)));
    const [line] = await once(program.stdout, 'data');
    assert.equal(String(line), 'launch-failed\n');
    await until('its reason', waitMs, () => /no window: the browser ended before it opened a window: there is no display/u.test(said));
    assert.equal(program.exitCode, null);
    program.kill();
  });

  test('without an installed browser the window says so and the program goes on', async () => {
    process.env['TIDEWATCH_BROWSER'] = '/nowhere/browser';
    const window = make({ show: false });
    const reason = new Promise((resolve) => window.webContents.once('render-process-gone', (_event: unknown, details: unknown) => resolve(details)));
    window.show();
    assert.deepEqual(await reason, { reason: 'launch-failed', exitCode: 1 });
    assert.equal(window.isVisible(), false);
    delete process.env['TIDEWATCH_BROWSER'];
    window.show();
    await hears('loaded');
  });
});
