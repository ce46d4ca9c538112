import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Mount namespaces that are looked into, most. */
const maximumNamespaces = 64;

/** Where version 2 of the control groups is mounted, from a list of mounts (proc_pid_mounts(5)); null where it is not. */
export function mountOfControlGroups(mounts: string): string | null {
  for (const line of mounts.split('\n')) {
    const [, path = '', type] = line.split(' ');
    if (type === 'cgroup2') return path.replace(/\\([0-7]{3})/gu, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
  }
  return null;
}

/** A file of /proc as text; empty where the process has ended or may not be looked at. */
function readOrEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

/** The same mount, reached through the root of a process that has it in sight. */
function controlGroupsElsewhere(proc: string): string | null {
  const seen = new Set(['']);
  for (const pid of readdirSync(proc).filter((name) => /^\d+$/u.test(name))) {
    const namespace = readOrEmpty(() => readlinkSync(`${proc}/${pid}/ns/mnt`));
    if (seen.has(namespace)) continue;
    seen.add(namespace);
    const path = mountOfControlGroups(readOrEmpty(() => readFileSync(`${proc}/${pid}/mounts`, 'utf8')));
    if (path !== null) return `${proc}/${pid}/root${path}`;
    if (seen.size > maximumNamespaces) return null;
  }
  return null;
}

/**
 * A path to the root of the control groups' version 2. Where it is not in sight of this process (`ip netns exec` mounts a /sys
 * of its own over it), the way leads through another process, if it may be looked at. Empty where there is none.
 */
export function findControlGroups(proc = '/proc'): string {
  return mountOfControlGroups(readFileSync(`${proc}/self/mounts`, 'utf8')) ?? controlGroupsElsewhere(proc) ?? '';
}
