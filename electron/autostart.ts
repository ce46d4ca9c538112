import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { app } from 'electron';

/** Starting with the session: a file of the desktop's own on Linux (Desktop Application Autostart Specification), a login item elsewhere. */

/** Only a file with this key is ours to change or to remove. */
const mark = 'X-Tidewatch-Autostart=true';

/** Where sessions look for what to start. */
export function autostartFile(variables: Readonly<Record<string, string | undefined>>, homeDirectory: string): string {
  const given = variables['XDG_CONFIG_HOME'] ?? '';
  return path.join(path.isAbsolute(given) ? given : path.join(homeDirectory, '.config'), 'autostart/tidewatch.desktop');
}

/** A word of `Exec`, quoted as the Desktop Entry Specification, "The Exec key", wants it: first for the command, then for the file. */
function execWord(word: string): string {
  const quoted = word.replaceAll(/["`$\\]/gu, (sign) => `\\${sign}`).replaceAll('%', '%%');
  return `"${quoted}"`.replaceAll('\\', '\\\\');
}

/** The file's text for this command. Throws `RangeError` for a command with line breaks, which no file can hold. */
export function autostartText(command: readonly string[]): string {
  if (command.some((word) => /[\n\r]/u.test(word))) throw new RangeError('a command with line breaks cannot be started with the session');
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Tidewatch',
    'Comment=Shows who is using the bandwidth',
    `Exec=${command.map(execWord).join(' ')}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    mark,
    '',
  ].join('\n');
}

function textIn(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Absent, or not ours to read.
    return null;
  }
}

export interface Autostart {
  readonly wanted: boolean;
  readonly file: string;
  readonly command: readonly string[];
}

/** Makes the session start Tidewatch, or no longer. Somebody else's file of that name stays as it is. Throws where the file cannot be written. */
export function setAutostart({ wanted, file, command }: Autostart): void {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: wanted, args: ['--hidden'] });
    return;
  }
  const there = textIn(file);
  if (there !== null && !there.includes(mark)) return;
  if (!wanted) {
    if (there !== null) rmSync(file);
    return;
  }
  const text = autostartText(command);
  if (there === text) return;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
