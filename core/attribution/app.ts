import { AppId } from '../../protocol/app.ts';
import type { ProcessDescription } from '../../protocol/flow.ts';
import { readControlGroup } from './control-group.ts';
import type { ControlGroup } from './control-group.ts';
import { readInterpreter } from './interpreter.ts';

/** An app: its lasting identity, the executable it was met with (null where unreadable), and what a person calls it. */
export interface App {
  readonly app: AppId;
  readonly exe: string | null;
  readonly displayName: string;
}

/** What names an app, without the executable. */
type Identity = Omit<App, 'exe'>;

/** A name that a person reads in one line of a table; the identity keeps the whole. */
const longestDisplayName = 128;

/** Process 2 is kthreadd, the parent of the kernel's own threads (kernel/kthread.c). */
const kernelThreadsParent = 2;

function identity(app: string, displayName: string): Identity {
  return { app: AppId.parse(app), displayName: displayName.slice(0, longestDisplayName) };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}

function packaged(group: ControlGroup): Identity | null {
  switch (group.kind) {
    case 'flatpak':
      return identity(`flatpak:${group.id}`, group.id.slice(group.id.lastIndexOf('.') + 1));
    case 'snap':
      return identity(`snap:${group.id}`, group.id);
    case 'container':
      return identity(`container:${group.engine}/${group.id}`, `${group.engine} ${group.id}`);
    case 'machine':
      return identity(`machine:${group.id}`, group.id);
    case 'unit':
    case 'none':
      return null;
  }
}

/** Packages that show in the executable's path alone: a snap's revision, an AppImage's mount with six random letters. */
function packagedByPath(executable: string): Identity | null {
  const snap = /^(?:\/var\/lib\/snapd)?\/snap\/([a-z0-9-]+)\/[^/]+\//u.exec(executable)?.[1];
  if (snap !== undefined) return identity(`snap:${snap}`, snap);
  const image = /^\/tmp\/\.mount_(.*)[A-Za-z0-9]{6}\//u.exec(executable)?.[1];
  if (image === undefined) return null;
  const name = baseName(executable);
  return identity(`appimage:${image}/${name}`, name);
}

/** A script by its path; `./run.py` and `run.py` are one. A module has no path, so its interpreter is part of it. */
function scripted(executable: string, commandLine: readonly string[]): Identity | null {
  const interpreted = readInterpreter(baseName(executable), commandLine);
  if (interpreted === null || interpreted.program === null) return null;
  const { family, program } = interpreted;
  if (program.kind === 'module') {
    return identity(`script:${family}:${program.name}`, `${baseName(program.name)} (${family})`);
  }
  const path = program.name.replace(/^(?:\.\/+)+/u, '');
  return identity(`script:${path}`, `${baseName(path)} (${family})`);
}

/** An interpreter that runs a unit's inline text is that unit; at a person's prompt it is itself. */
function unnamedProgram(executable: string, group: ControlGroup, commandLine: readonly string[]): Identity | null {
  const interpreted = readInterpreter(baseName(executable), commandLine);
  return interpreted !== null && group.kind === 'unit' ? identity(`unit:${group.id}`, group.id) : null;
}

function isKernelThread(process: ProcessDescription): boolean {
  const isChild = process.parentPid === kernelThreadsParent || process.pid === kernelThreadsParent;
  return isChild && process.commandLine.length === 0;
}

/** Without an executable: the kernel's own thread, else the unit, else what the process calls itself (a mere claim). */
function withoutExecutable(process: ProcessDescription, group: ControlGroup): Identity {
  if (isKernelThread(process)) return identity('kernel:thread', 'kernel');
  if (group.kind === 'unit') return identity(`unit:${group.id}`, group.id);
  const claimed = process.commandLine[0];
  if (claimed === undefined || claimed === '') return identity('command:', 'unreadable process');
  return identity(`command:${claimed}`, baseName(claimed));
}

function ofExecutable(executable: string, process: ProcessDescription, group: ControlGroup): Identity {
  return (
    packagedByPath(executable) ??
    scripted(executable, process.commandLine) ??
    unnamedProgram(executable, group, process.commandLine) ??
    identity(executable, baseName(executable))
  );
}

/** Whether Tidewatch lives in the same container, machine or package: then it is no packaging, it is the host. */
function isHome(group: ControlGroup, home: ControlGroup): boolean {
  return group.kind === home.kind && 'id' in group && 'id' in home && group.id === home.id;
}

/**
 * The app that a process is part of. In this order: its container, machine or package; the script it runs; the path of
 * its executable (also after the file was deleted or replaced: an update does not make another app).
 * `home` is the control group that Tidewatch itself lives in.
 */
export function appOf(process: ProcessDescription, home: ControlGroup = { kind: 'none' }): App {
  const found = readControlGroup(process.controlGroup ?? '');
  const group: ControlGroup = isHome(found, home) ? { kind: 'none' } : found;
  const executable = process.executable === '' ? null : process.executable;
  const named =
    packaged(group) ??
    (executable === null ? withoutExecutable(process, group) : ofExecutable(executable, process, group));
  return { ...named, exe: executable };
}
