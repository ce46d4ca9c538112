/** Tidewatch as a service of the system: see README.md. */
export { install, installationState, uninstall } from './installation.ts';
export type { InstallationPlace, InstallationState, Installed } from './installation.ts';
export { runningSystemd } from './systemd.ts';
export type { InstalledUser } from './units.ts';
