import { existsSync, renameSync } from 'node:fs';
import type { EpochMs } from '../../protocol/units.ts';

/** What happened to a history that could not be used any more, for the user to be told. */
export interface DamageNotice {
  readonly kind: 'set-aside';
  /** Where the damaged file lies now. */
  readonly path: string;
  readonly message: string;
}

function freeName(path: string, time: EpochMs): string {
  const stamp = new Date(time).toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  for (let number = 0; ; number += 1) {
    const name = `${path}.damaged-${stamp}${number === 0 ? '' : `-${number}`}`;
    if (!existsSync(name)) return name;
  }
}

/** Renames a damaged history (with its write-ahead log, which belongs to it), so that a new one can begin. */
export function setAside(path: string, time: EpochMs, reason: string): DamageNotice {
  const aside = freeName(path, time);
  renameSync(path, aside);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${aside}${suffix}`);
  }
  return {
    kind: 'set-aside',
    path: aside,
    message: `the history was damaged (${reason}); it was set aside as ${aside} and a new one begun`,
  };
}
