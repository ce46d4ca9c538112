import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, powerMonitor } from 'electron';
import { defaultPaths } from '../service/index.ts';
import { autostartFile, setAutostart } from './autostart.ts';
import { Desktop } from './desktop.ts';
import type { DesktopSettings } from './settings.ts';
import { isTrayThere, sessionBusAddress } from './tray-host.ts';
import { declareScheme, servePages } from './windows/pages.ts';
import { confineWindows } from './windows/security.ts';

/**
 * The desktop program, in Electron or on `portable/`. In this order:
 *   1. One instance: a second one asks the first to show its window, and ends.
 *   2. Ready: what windows may do is settled before there is one.
 *   3. The desktop, and the window unless it starts hidden (with the session).
 *   4. Quit: the service that was started here writes what it has, then the process ends.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const paths = defaultPaths({ variables: process.env, uid: process.getuid?.() ?? 0, homeDirectory: homedir() });

function say(line: string): void {
  process.stderr.write(`tidewatch: ${line}\n`);
}

/** How the session is to start this again: the packed program itself, Electron with this checkout, or what `npm start` runs. */
function startCommand(): readonly string[] {
  const packed = process.env['APPIMAGE'] ?? (app.isPackaged ? process.execPath : null);
  if (packed !== null) return [packed, '--hidden'];
  const program = process.versions['electron'] === undefined ? path.join(root, 'build/start.mjs') : root;
  return [process.execPath, program, '--hidden'];
}

function followAutostart({ current }: DesktopSettings): void {
  const wanted = current.desktop.autostart;
  try {
    setAutostart({ wanted, file: autostartFile(process.env, homedir()), command: startCommand() });
  } catch (error) {
    say(`the session ${wanted ? 'will not' : 'will still'} start Tidewatch: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function run(): Promise<void> {
  await app.whenReady();
  confineWindows();
  servePages(path.join(root, 'renderer/out'));
  const desktop = new Desktop({
    options: { ...paths, settings: { log: { level: 'warn' } } },
    placesFile: path.join(app.getPath('userData'), 'windows.json'),

    quit: () => app.quit(),
    say,
    settingsChanged: followAutostart,
  });
  let isStopped = false;
  app.on('before-quit', (event) => {
    if (isStopped) return;
    event.preventDefault();
    isStopped = true;
    void desktop.stop().then(() => app.exit(0), (error: unknown) => {
      say(`ending went wrong: ${error instanceof Error ? error.message : String(error)}`);
      app.exit(1);
    });
  });
  app.on('second-instance', () => desktop.openWindow());
  powerMonitor.on('resume', () => desktop.resumed());
  if (!process.argv.includes('--hidden')) desktop.openWindow();
  desktop.restoreMini();
  if (!(await isTrayThere(sessionBusAddress(process.env)))) desktop.withoutTray();
}

app.setName('Tidewatch');
// Beside the history, so that two that keep different histories are two programs.
app.setPath('userData', path.join(path.dirname(paths.historyPath), 'desktop'));
declareScheme();
if (app.requestSingleInstanceLock()) {
  // Windows that are closed are hidden, and the program goes on without any.
  app.on('window-all-closed', () => undefined);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  await run();
} else {
  say('Tidewatch runs already: its window is shown');
  app.quit();
}
