import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Commands of browsers that open a window of their own for `--app=` and speak the DevTools protocol, best known first. */
const commands = [
  'chromium',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
  'brave-browser-stable',
  'brave-browser',
  'chromium-browser',
];

/** A browser from Snap sees neither the pipe's other end nor a profile below a hidden folder. */
const confined = '/snap/bin';

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first installed browser on PATH, or the one that TIDEWATCH_BROWSER names; null where there is none. */
export function findBrowser(variables: Readonly<Record<string, string | undefined>>): string | null {
  const chosen = variables['TIDEWATCH_BROWSER'] ?? '';
  if (chosen !== '') return isExecutable(chosen) ? chosen : null;
  const folders = (variables['PATH'] ?? '').split(':').filter((folder) => path.isAbsolute(folder) && folder !== confined);
  return commands.flatMap((command) => folders.map((folder) => path.join(folder, command))).find(isExecutable) ?? null;
}
