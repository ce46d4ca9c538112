import type { ProcessDescription } from '../../protocol/flow.ts';
import { readControlGroup } from './control-group.ts';
import type { ControlGroup } from './control-group.ts';
import { isPartOf } from './helper-process.ts';
import type { KnownParent } from './helper-process.ts';
import { baseName, identity } from './identity.ts';
import type { App, Identity } from './identity.ts';
import { machineOf } from './machine.ts';
import { ofPath, packagedByGroup, packagedByPath, storedProgram } from './packaging.ts';
import { interpretedBy, scriptIdentity } from './script.ts';

/** Where an app is looked at from. */
export interface AppContext {
  /** The control group that Tidewatch itself lives in: what is in the same container is on the host, seen from there. */
  readonly home: ControlGroup;
  /** The process that started this one, where it is known. */
  readonly parent: KnownParent | null;
}

/** Process 2 is kthreadd, the parent of the kernel's own threads (kernel/kthread.c). */
const kernelThreadsParent = 2;

/** Programs whose traffic says nothing of them: they carry what somebody else has set up. */
const carriers = /^(?:socat\d?|nc|ncat|netcat|nc\.(?:openbsd|traditional)|systemd-socket-proxyd)$/u;

/** An interpreter that runs a unit's inline text, or a mere carrier, is that unit; at a person's prompt it is itself. */
function unnamedProgram(process: ProcessDescription, executable: string, group: ControlGroup): Identity | null {
  const says = interpretedBy(process) === null && !carriers.test(baseName(executable));
  return !says && group.kind === 'unit' ? identity(`unit:${group.id}`, group.id) : null;
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

function ofExecutable(process: ProcessDescription, executable: string, group: ControlGroup): Identity {
  const interpreted = interpretedBy(process);
  return (
    packagedByPath(executable, interpreted?.program?.name ?? null) ??
    (interpreted === null ? null : scriptIdentity(interpreted, process.workingDirectory)) ??
    machineOf(executable, process.commandLine) ??
    unnamedProgram(process, executable, group) ??
    storedProgram(executable) ??
    ofPath(executable)
  );
}

/** Whether Tidewatch lives in the same container, machine or package: then it is no packaging, it is the host. */
function isHome(group: ControlGroup, home: ControlGroup): boolean {
  return group.kind === home.kind && 'id' in group && 'id' in home && group.id === home.id;
}

const noContext: AppContext = { home: { kind: 'none' }, parent: null };

/**
 * The app that a process is part of. In this order: its container, machine or package; the app of which it is only a part
 * (a browser's helper); the script it runs; the path of its executable (also after the file was deleted or replaced: an
 * update does not make another app).
 */
export function appOf(process: ProcessDescription, { home, parent }: AppContext = noContext): App {
  const found = readControlGroup(process.controlGroup ?? '');
  const group: ControlGroup = isHome(found, home) ? { kind: 'none' } : found;
  const executable = process.executable === '' ? null : process.executable;
  const packaged = packagedByGroup(group, process.containerName);
  if (packaged !== null) return { ...packaged, exe: executable };
  if (parent !== null && isPartOf(process, parent)) return parent.app;
  const named = executable === null ? withoutExecutable(process, group) : ofExecutable(process, executable, group);
  return { ...named, exe: executable };
}
