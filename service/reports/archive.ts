import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ArchivedReport } from '../../protocol/scheduled-report.ts';
import { EpochMs } from '../../protocol/units.ts';
import { errorCode } from '../error-code.ts';
import { makeFolder } from '../formats/make-folder.ts';
import { writeWhole } from '../formats/write-whole.ts';

export type ArchiveForm = 'zip' | 'tar.gz';

const dayMs = 86_400_000;
const listName = '.tidewatch-archive.json';
const maximumListed = 10_000;

const Entry = z.object({ name: z.string().regex(/^[\w.-]{1,255}$/u), sha256: z.string().length(64), bytes: z.number().int().min(0), writtenAt: EpochMs });
type Entry = z.infer<typeof Entry>;
const List = z.array(Entry).max(maximumListed);

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Compressed reports in a folder, with a list of what was written there. Only what is in the list, under its name and with its very
 * content, is ever replaced or deleted: whatever else lies there is somebody else's.
 */
export class Archive {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** What is in it, the newest first. A list that cannot be read is an empty one: nothing is then deleted. */
  list(): readonly ArchivedReport[] {
    return this.#entries().map(({ name, bytes, writtenAt }) => ({ name, bytes, writtenAt })).toSorted((a, b) => b.writtenAt - a.writtenAt);
  }

  /** Writes a report under this name, or under the name with a number where another's file has it. Returns its path. Throws the system's error. */
  write(wanted: { readonly stem: string; readonly form: ArchiveForm }, content: Uint8Array, now: EpochMs): string {
    makeFolder(this.folder);
    const entries = this.#entries();
    const name = this.#freeName(wanted, entries);
    const file = path.join(this.folder, name);
    writeWhole(file, content);
    const entry = { name, sha256: digest(content), bytes: content.length, writtenAt: now };
    this.#keep([...entries.filter((each) => each.name !== name), entry]);
    return file;
  }

  /** Deletes what is older than so many days and is as it was written. Returns the names. Throws the system's error. */
  clean(days: number, now: EpochMs): readonly string[] {
    const entries = this.#entries();
    const old = entries.filter(({ writtenAt }) => writtenAt < now - days * dayMs);
    if (old.length === 0) return [];
    const deleted = old.filter((entry) => this.#isAsWritten(entry));
    for (const { name } of deleted) rmSync(path.join(this.folder, name), { force: true });
    this.#keep(entries.filter((entry) => !old.includes(entry)));
    return deleted.map(({ name }) => name);
  }

  #entries(): readonly Entry[] {
    try {
      return List.parse(JSON.parse(readFileSync(path.join(this.folder, listName), 'utf8')));
    } catch {
      // Absent, or no list of ours.
      return [];
    }
  }

  #keep(entries: readonly Entry[]): void {
    writeWhole(path.join(this.folder, listName), `${JSON.stringify(entries.slice(-maximumListed))}\n`);
  }

  #isAsWritten({ name, sha256 }: Entry): boolean {
    try {
      return digest(readFileSync(path.join(this.folder, name))) === sha256;
    } catch (error) {
      if (errorCode(error) === null) throw error;
      return false;
    }
  }

  /** A name that is free, or one's own and as it was written. */
  #freeName({ stem, form }: { readonly stem: string; readonly form: ArchiveForm }, entries: readonly Entry[]): string {
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? `${stem}.${form}` : `${stem}-${number}.${form}`;
      const own = entries.find((entry) => entry.name === name);
      if (own === undefined ? !this.#exists(name) : this.#isAsWritten(own) || !this.#exists(name)) return name;
    }
  }

  #exists(name: string): boolean {
    return existsSync(path.join(this.folder, name));
  }
}
