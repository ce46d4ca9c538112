import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { EpochMs } from '../../protocol/units.ts';
import { writeWhole } from '../formats/write-whole.ts';

const dayMs = 86_400_000;
const listName = '.tidewatch-recordings.json';
const maximumListed = 10_000;

const Entry = z.object({
  name: z.string().regex(/^[\w.-]{1,255}$/u),
  bytes: z.number().int().min(0),
  /** As stat(2) tells it. */
  modifiedMs: z.number(),
  writtenAt: EpochMs,
});
type Entry = z.infer<typeof Entry>;
const List = z.array(Entry).max(maximumListed);

function entriesIn(folder: string): readonly Entry[] {
  try {
    return List.parse(JSON.parse(readFileSync(path.join(folder, listName), 'utf8')));
  } catch {
    // Absent, or no list of ours: nothing is then deleted.
    return [];
  }
}

/** As it was written, for all that its size and its time tell. */
function isAsWritten(folder: string, { name, bytes, modifiedMs }: Entry): boolean {
  const found = statSync(path.join(folder, name), { throwIfNoEntry: false });
  return found?.isFile() === true && found.size === bytes && found.mtimeMs === modifiedMs;
}

/** How long recordings are kept, and how much they may take. */
export interface Keeping {
  readonly days: number;
  readonly bytes: number;
  readonly now: EpochMs;
}

/**
 * Notes that a file was written in a folder, and deletes the oldest that are too many or too old: only what is in the list of what was
 * written there, and is as it was written. Returns the names of what was deleted. Throws the system's error.
 */
export function keepFile(folder: string, name: string, { days, bytes, now }: Keeping): readonly string[] {
  const { size, mtimeMs } = statSync(path.join(folder, name));
  const own = entriesIn(folder).filter((entry) => entry.name !== name && isAsWritten(folder, entry));
  const deleted: string[] = [];
  let total = size;
  const left: Entry[] = [{ name, bytes: size, modifiedMs: mtimeMs, writtenAt: now }];
  for (const entry of own.toSorted((a, b) => b.writtenAt - a.writtenAt)) {
    total += entry.bytes;
    if (total <= bytes && entry.writtenAt >= now - days * dayMs && left.length < maximumListed) {
      left.unshift(entry);
      continue;
    }
    total -= entry.bytes;
    rmSync(path.join(folder, entry.name), { force: true });
    deleted.push(entry.name);
  }
  writeWhole(path.join(folder, listName), `${JSON.stringify(left)}\n`);
  return deleted;
}
