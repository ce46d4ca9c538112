import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../error-code.ts';
import { ServiceError } from '../service-error.ts';

/** More files than years have days. */
const maximumFiles = 100_000;
const deepest = 8;

/** A file to be read, and how long it is in bytes. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
}

function walk(place: string, depth: number, found: FoundFile[]): void {
  const stat = statSync(place);
  if (stat.isFile()) {
    if (found.length < maximumFiles) found.push({ path: place, bytes: stat.size });
  } else if (stat.isDirectory() && depth < deepest) {
    for (const entry of readdirSync(place, { withFileTypes: true })) {
      // A link may lead round in circles, and what begins with a dot is no log.
      if (entry.name.startsWith('.') || entry.isSymbolicLink()) continue;
      walk(path.join(place, entry.name), depth + 1, found);
    }
  }
}

/** The files that paths name, those of folders too, in the order of their names: logs are named by date. Throws {@link ServiceError} 'file-unreadable'. */
export function foundFiles(places: readonly string[]): readonly FoundFile[] {
  const found: FoundFile[] = [];
  for (const place of places) {
    try {
      walk(path.resolve(place), 0, found);
    } catch (error) {
      throw new ServiceError('file-unreadable', `cannot read ${place} (${errorCode(error) ?? String(error)}): name a file or a folder that is there and yours to read`, { cause: error });
    }
  }
  if (found.length === 0) throw new ServiceError('file-unreadable', `there is no file in ${places.join(', ')}: name the folder of the logs, or the logs`);
  const byPath = new Map(found.map((file) => [file.path, file]));
  return [...byPath.values()].toSorted((a, b) => a.path.localeCompare(b.path));
}
