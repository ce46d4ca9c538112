import { existsSync } from 'node:fs';
import { projectRoot } from '../../scenario/harness/program.ts';
import { whyPending } from '../../scenario/harness/requirements.ts';
import type { DesktopShell } from './desktop-app.ts';

/** Programs of a desktop, each with the Debian package that brings it. */
const packages = {
  Xvfb: 'xvfb',
  'dbus-daemon': 'dbus',
  openbox: 'openbox',
  'xfce4-panel': 'xfce4-panel',
  xdotool: 'xdotool',
  import: 'imagemagick',
  chromium: 'chromium',
} as const;

const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'].filter((folder) => folder !== '');

/** Why a desktop cannot be put up here ("pending: …"), or null. */
export function whyNoDesktop(): string | null {
  const missing = Object.entries(packages).filter(([program]) => !folders.some((folder) => existsSync(`${folder}/${program}`)));
  if (missing.length === 0) return whyPending();
  return `pending: ${missing.map(([program]) => program).join(', ')} not found; install Debian's ${missing.map(([, name]) => name).join(' ')} xfce4-notifyd`;
}

/** Why Electron cannot be run here ("pending: …"), or null. Its package fetches the binary only when it is asked to. */
export function whyNoElectron(): string | null {
  return existsSync(`${projectRoot}node_modules/electron/path.txt`) ? null : "pending: Electron's binary is not installed; fetch it with `npx install-electron`";
}

/** Options of a suite that needs a desktop, and that shell. */
export function desktopOptions(shell: DesktopShell, timeoutMs: number): { readonly skip: string | false; readonly timeout: number } {
  return { skip: (shell === 'electron' ? whyNoElectron() : null) ?? whyNoDesktop() ?? false, timeout: timeoutMs };
}
