import { closeSync, openSync, readSync, readlinkSync } from 'node:fs';
import { ProcessKey } from '../../protocol/flow.ts';
import type { ProcessDescription } from '../../protocol/flow.ts';

/** Who a process is, for as long as it lives: the kernel gives the number of an ended one to another. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the boot and its start (field 22 of /proc/PID/stat, proc_pid_stat(5)), as decimal text. */
  readonly startTicks: string;
  readonly parentPid: number;
  readonly processGroup: number;
}

/** Longest text kept of one argument, in characters, and how many arguments: titles are as hostile as any other input. */
export const maximumArgument = 256;
const maximumArguments = 16;
export const maximumPath = 4096;
export const maximumControlGroup = 1024;

/** The start of one file of /proc: a process may make its command line megabytes long. */
const readBuffer = Buffer.alloc(16_384);

/** Up to 16 KiB of a file of /proc; null where the process has ended or may not be looked at. */
function readText(path: string): string | null {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    return readBuffer.toString('utf8', 0, readSync(file, readBuffer, 0, readBuffer.length, 0));
  } catch {
    return null;
  } finally {
    if (file !== null) closeSync(file);
  }
}

/**
 * Reads pid, start, parent and group; null where the process has ended. The command name in the second field may hold
 * anything, parentheses and spaces too, so fields are counted from the last closing one.
 */
export function readIdentity(proc: string, pid: number): ProcessIdentity | null {
  const stat = readText(`${proc}/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, parent = '', group = ''] = fields;
  const startTicks = fields[19] ?? '';
  if (!/^\d{1,20}$/u.test(startTicks)) return null;
  return { pid, startTicks, parentPid: Number(parent), processGroup: Number(group) };
}

/** The key of a process. */
export function processKey(identity: ProcessIdentity): ProcessKey {
  return ProcessKey.parse(`${identity.pid}@${identity.startTicks}`);
}

/** The text with every control character, line separator and direction override (Trojan Source) written as an escape. */
export function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Cut to a number of characters (UTF-16 units), never in the middle of one. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/** Free of control characters and cut to `length` characters. */
export function shown(text: string, length: number): string {
  return cut(withoutControls(cut(text, length)), length);
}

const deletedMark = ' (deleted)';

function readExecutable(proc: string, pid: number): { readonly executable: string | null; readonly executableDeleted: boolean } {
  try {
    const target = readlinkSync(`${proc}/${pid}/exe`);
    const executableDeleted = target.endsWith(deletedMark);
    const path = executableDeleted ? target.slice(0, -deletedMark.length) : target;
    return { executable: shown(path, maximumPath), executableDeleted };
  } catch {
    return { executable: null, executableDeleted: false };
  }
}

/** The arguments; a process that wrote a title over them (nginx, Chromium) gives that title as its one argument. */
function readCommandLine(proc: string, pid: number): readonly string[] {
  const raw = readText(`${proc}/${pid}/cmdline`) ?? '';
  return raw
    .replace(/\0+$/u, '')
    .split('\0', maximumArguments)
    .filter((argument) => argument !== '')
    .map((argument) => shown(argument, maximumArgument));
}

/** The path in the unified hierarchy (`0::`), else in the first one named; cgroups(7). */
function readControlGroup(proc: string, pid: number): string | null {
  const lines = (readText(`${proc}/${pid}/cgroup`) ?? '').split('\n');
  const line = lines.find((text) => text.startsWith('0::')) ?? lines[0] ?? '';
  const path = /^\d+:[^:]*:(.+)$/u.exec(line)?.[1];
  return path === undefined ? null : shown(path, maximumControlGroup);
}

function readUid(proc: string, pid: number): number | null {
  const match = /^Uid:\s+(\d+)/mu.exec(readText(`${proc}/${pid}/status`) ?? '');
  return match === null ? null : Number(match[1]);
}

/** What the executable of a process is now, to notice that it became another program (execve keeps pid and start). */
export function executableOf(proc: string, pid: number): string | null {
  return readExecutable(proc, pid).executable;
}

/**
 * Everything the kernel tells of a process; null where it ended meanwhile or another one has its number now.
 * All texts are bounded and free of control characters.
 */
export function describeProcess(proc: string, identity: ProcessIdentity): ProcessDescription | null {
  const { pid } = identity;
  const described = {
    ...readExecutable(proc, pid),
    commandLine: [...readCommandLine(proc, pid)],
    controlGroup: readControlGroup(proc, pid),
  };
  const uid = readUid(proc, pid);
  const still = readIdentity(proc, pid);
  if (uid === null || still?.startTicks !== identity.startTicks) return null;
  return { key: processKey(identity), pid, parentPid: still.parentPid, uid, ...described };
}
