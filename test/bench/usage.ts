import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** What processes cost, from /proc (proc_pid_stat(5), proc_pid_smaps_rollup(5)). */

/** Ticks a second in which /proc/PID/stat counts: USER_HZ is 100 on every architecture of Linux. */
const ticksPerSecond = 100;

/** Reads a file below /proc/PID; null where the process has ended. */
function read(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}

/** User and system time in seconds of all threads of a process, ended ones included; 0 once it has ended. */
export function cpuSeconds(pid: number): number {
  const stat = read(pid, 'stat');
  if (stat === null) return 0;
  // The command's name may hold blanks and brackets; the fields are counted from behind its last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

export interface Memory {
  /** Resident bytes. */
  readonly resident: number;
  /** Resident bytes with shared pages divided among who shares them. */
  readonly proportional: number;
}

function kilobytesOf(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'mu').exec(text)?.[1] ?? 0) * 1024;
}

/** Memory of a process now; zeros once it has ended. */
export function memoryOf(pid: number): Memory {
  const rollup = read(pid, 'smaps_rollup') ?? '';
  return { resident: kilobytesOf(rollup, 'Rss'), proportional: kilobytesOf(rollup, 'Pss') };
}

/** A process and all its descendants. */
function family(pid: number): readonly number[] {
  const tasks = readTasks(pid);
  const children = tasks.flatMap((task) => (read(pid, `task/${task}/children`) ?? '').split(' ').filter((text) => text !== '').map(Number));
  return [pid, ...children.flatMap(family)];
}

function readTasks(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return [];
    throw error;
  }
}

export interface Cost {
  /** CPU seconds of the process and its descendants. */
  readonly cpu: number;
  /** The largest sum of their resident peaks seen at one time, in bytes. */
  readonly peakBytes: number;
}

/** How often a watched family is looked at, in milliseconds: what it spends after the last look is not seen. */
const lookEvery = 20;

/** Watches a process and its descendants until `ended`; what they cost together. */
export async function watchCost(pid: number, ended: Promise<unknown>): Promise<Cost> {
  const cpuOf = new Map<number, number>();
  let peakBytes = 0;
  for (let over = false; !over; ) {
    const members = family(pid);
    for (const member of members) cpuOf.set(member, Math.max(cpuOf.get(member) ?? 0, cpuSeconds(member)));
    peakBytes = Math.max(peakBytes, members.reduce((sum, member) => sum + kilobytesOf(read(member, 'status') ?? '', 'VmHWM'), 0));
    over = await Promise.race([ended.then(() => true), delay(lookEvery).then(() => false)]);
  }
  return { cpu: [...cpuOf.values()].reduce((sum, cpu) => sum + cpu, 0), peakBytes };
}
