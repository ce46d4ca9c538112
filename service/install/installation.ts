import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ServiceError } from '../service-error.ts';
import { copyProgram, markName } from './program-files.ts';
import type { Systemd } from './systemd.ts';
import { helperUnitName, serviceUnitName, systemUnitFolder, unitsFor, userUnitFolder } from './units.ts';
import type { InstalledUser } from './units.ts';

/** Where things are installed: below `root`, which is `/` but in tests. */
export interface InstallationPlace {
  readonly root: string;
  readonly systemd: Systemd | null;
}

/** What was done, and what is left to the person: commands to type. */
export interface Installed {
  readonly written: readonly string[];
  readonly next: readonly string[];
}

export interface InstallationState {
  /** The installed version; null where nothing is installed. */
  readonly version: string | null;
  readonly program: string;
  /** Each unit that is there, and whether it runs; null where nobody can tell. */
  readonly units: readonly { readonly path: string; readonly active: boolean | null }[];
}

const programPath = '/usr/local/lib/tidewatch';
const linkPath = '/usr/local/bin/tidewatch';

function below(root: string, absolute: string): string {
  return path.join(root, absolute);
}

/** Written beside its place, then renamed into it: systemd never reads half a unit. */
function writeWhole(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(`${file}.new`, text, { mode: 0o644 });
  renameSync(`${file}.new`, file);
}

function leadsToProgram(link: string): boolean {
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true && readlinkSync(link).startsWith(`${programPath}/`);
}

function placeLink(root: string): void {
  const link = below(root, linkPath);
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined && !leadsToProgram(link)) {
    throw new ServiceError('install-refused', `${link} is there already and is not Tidewatch's: move it away, then install again`);
  }
  mkdirSync(path.dirname(link), { recursive: true, mode: 0o755 });
  rmSync(link, { force: true });
  symlinkSync(`${programPath}/bin/tidewatch`, link);
}

/** Folders are replaced only where `install` made them. */
function refuseStrangeFolder(root: string): void {
  const target = below(root, programPath);
  if (existsSync(target) && !existsSync(path.join(target, markName))) {
    throw new ServiceError('install-refused', `${target} is there already and was not made by \`tidewatch service install\`: move it away, then install again`);
  }
}

function commandsFor(user: InstalledUser): readonly string[] {
  if (user.uid === 0) return [`systemctl enable --now ${helperUnitName(user)} ${serviceUnitName}`];
  return [
    `sudo systemctl enable --now ${helperUnitName(user)}`,
    `systemctl --user enable --now ${serviceUnitName}   (as ${user.name})`,
    `sudo loginctl enable-linger ${user.name}   (on a server: measure without a login)`,
  ];
}

/**
 * Copies the program from the checkout `from`, writes the units for `user`, and starts the helper where systemd runs. Again is an
 * update. Throws {@link ServiceError} where something that is not ours is in the way.
 */
export function install(from: string, user: InstalledUser, { root, systemd }: InstallationPlace): Installed {
  refuseStrangeFolder(root);
  placeLink(root);
  copyProgram(from, below(root, programPath));
  const units = unitsFor(programPath, user);
  for (const [file, text] of units) writeWhole(below(root, file), text);
  const written = [programPath, linkPath, ...units.keys()];
  const commands = commandsFor(user);
  if (systemd === null) return { written, next: ['systemctl daemon-reload', ...commands] };
  const started = [['daemon-reload'], ['enable', helperUnitName(user)], ['restart', helperUnitName(user)]].map((words) => systemd.control(words));
  return { written, next: started.every((failure) => failure === null) ? commands.slice(1) : ['systemctl daemon-reload', ...commands] };
}

function unitPaths(user: Pick<InstalledUser, 'uid'>): readonly string[] {
  const folder = user.uid === 0 ? systemUnitFolder : userUnitFolder;
  return [`${systemUnitFolder}/${helperUnitName(user)}`, `${folder}/${serviceUnitName}`];
}

const PackageVersion = z.object({ version: z.string().max(64) });

/** What is installed for a user. */
export function installationState(user: Pick<InstalledUser, 'uid'>, { root, systemd }: InstallationPlace): InstallationState {
  const program = below(root, programPath);
  const described = path.join(program, 'package.json');
  const version = existsSync(described) ? PackageVersion.parse(JSON.parse(readFileSync(described, 'utf8'))).version : null;
  const units = unitPaths(user)
    .filter((file) => existsSync(below(root, file)))
    .map((file) => {
      const scope = file.startsWith(userUnitFolder) ? ['--user'] : [];
      return { path: below(root, file), active: systemd === null ? null : systemd.control([...scope, 'is-active', path.basename(file)]) === null };
    });
  return { version, program, units };
}

/** Whether another user's helper runs from the same program. */
function isShared(root: string): boolean {
  const folder = below(root, systemUnitFolder);
  return existsSync(folder) && readdirSync(folder).some((name) => /^tidewatch-helper-\d+\.service$/u.test(name));
}

/** Stops the helper of a user and removes all that {@link install} wrote; the program stays while another user's helper runs from it. Returns what went. */
export function uninstall(user: Pick<InstalledUser, 'uid'>, { root, systemd }: InstallationPlace): readonly string[] {
  const removed: string[] = [];
  const remove = (file: string): void => {
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
    rmSync(file, { recursive: true });
    removed.push(file);
  };
  systemd?.control(['disable', '--now', helperUnitName(user)]);
  remove(below(root, `${systemUnitFolder}/${helperUnitName(user)}`));
  if (!isShared(root)) {
    for (const file of unitPaths(user)) remove(below(root, file));
    if (leadsToProgram(below(root, linkPath))) remove(below(root, linkPath));
    const program = below(root, programPath);
    if (existsSync(path.join(program, markName))) remove(program);
  }
  systemd?.control(['daemon-reload']);
  return removed;
}
