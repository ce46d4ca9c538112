import { closeSync, fstatSync, openSync, readSync, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { displayNamesOf, languagesOf, maximumEntryLength, parseDesktopEntry } from '../core/attribution/index.ts';
import type { App, AppEntries, DesktopEntry, PlacedEntry } from '../core/attribution/index.ts';

/** What the places of desktop entries depend on. */
export interface DesktopEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
}

/** Bounds: files read and folders walked, most; a desktop with everything installed has some 500 files in 20 folders. */
const maximumFiles = 4096;
const maximumFolders = 256;
const deepestFolder = 4;
/** Milliseconds between two looks at whether a folder has changed. */
const lookEveryMs = 30_000;

/** The absolute folders of a list such as XDG_DATA_DIRS; the others do not count. */
export function directories(value: string | undefined, fallback: string): readonly string[] {
  return (value === undefined || value === '' ? fallback : value).split(':').filter((one) => path.isAbsolute(one));
}

/**
 * Where desktop entries lie, the most important first (XDG Base Directory Specification; "Desktop Menu Specification"); the
 * exports of Flatpak and Snap are added, because a service has no login shell that would do so.
 */
export function entryFolders({ variables, homeDirectory }: DesktopEnvironment): readonly string[] {
  const dataHome = directories(variables['XDG_DATA_HOME'], `${homeDirectory}/.local/share`);
  const system = directories(variables['XDG_DATA_DIRS'], '/usr/local/share:/usr/share');
  const flatpak = [...dataHome.map((one) => `${one}/flatpak/exports/share`), '/var/lib/flatpak/exports/share'];
  const data = [...dataHome, ...system, ...flatpak].map((one) => path.join(one, 'applications'));
  return [...new Set([...data, '/var/lib/snapd/desktop/applications'])];
}

function languagesOfPerson({ variables }: DesktopEnvironment): readonly string[] {
  const locale = [variables['LC_ALL'], variables['LC_MESSAGES'], variables['LANG']].find((one) => one !== undefined && one !== '');
  return languagesOf(locale ?? '');
}

/** The start of a regular file as text; null where it is none, is too long, or cannot be read. */
function readEntryText(file: string): string | null {
  let descriptor: number | null = null;
  try {
    if (!statSync(file).isFile()) return null;
    descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    if (size > maximumEntryLength) return null;
    const buffer = Buffer.alloc(size);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, size, 0));
  } catch {
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

interface Folder {
  readonly folder: string;
  /** What stands before a file's name in its id: the names of the folders below `applications`. */
  readonly prefix: string;
  readonly depth: number;
}

/** When a folder was last changed, in milliseconds; null where there is none. */
function changedAt(folder: string): number | null {
  return statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

function listing(folder: string): readonly { readonly name: string; readonly isFolder: boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).map((one) => ({ name: one.name, isFolder: one.isDirectory() }));
  } catch {
    return [];
  }
}

/**
 * What a person calls apps, from the desktop entries of this machine. They are read at the first question, and again when a
 * folder of them has changed, which is looked at every 30 s at most. Reading 500 entries takes some 30 ms.
 */
export class DesktopEntries implements AppEntries {
  readonly #roots: readonly string[];
  readonly #languages: readonly string[];
  readonly #searchPath: readonly string[];
  readonly #monotonic: () => number;
  #names: AppEntries = { nameOf: () => null, iconOf: () => null };
  #seen = new Map<string, number | null>();
  #lookAt = -Infinity;

  constructor(environment: DesktopEnvironment, monotonic: () => number) {
    this.#roots = entryFolders(environment);
    this.#languages = languagesOfPerson(environment);
    this.#searchPath = directories(environment.variables['PATH'], '/usr/local/bin:/usr/bin:/bin:/usr/games:/snap/bin');
    this.#monotonic = monotonic;
  }

  nameOf(app: App): string | null {
    this.#refresh();
    return this.#names.nameOf(app);
  }

  iconOf(app: Pick<App, 'app'>): string | null {
    this.#refresh();
    return this.#names.iconOf(app);
  }

  #refresh(): void {
    const now = this.#monotonic();
    if (now < this.#lookAt) return;
    this.#lookAt = now + lookEveryMs;
    const unchanged = this.#seen.size > 0 && [...this.#seen].every(([folder, at]) => changedAt(folder) === at);
    if (unchanged) return;
    this.#seen = new Map();
    this.#names = displayNamesOf(this.#readAll());
  }

  /** The first entry with an id hides those of the same id in less important folders, also if it says that it is deleted. */
  #readAll(): readonly PlacedEntry[] {
    const files = new Map<string, string>();
    for (const root of this.#roots) this.#list(root, files);
    return [...files].flatMap(([id, file]) => {
      const text = readEntryText(file);
      const entry = text === null ? null : parseDesktopEntry(text, this.#languages);
      if (entry === null || (entry.tryExec !== null && this.#find(entry.tryExec) === null)) return [];
      return [{ id, entry, program: this.#programOf(entry) }];
    });
  }

  #list(root: string, files: Map<string, string>): void {
    const waiting: Folder[] = [{ folder: root, prefix: '', depth: 0 }];
    for (let one = waiting.shift(); one !== undefined && this.#seen.size < maximumFolders; one = waiting.shift()) {
      this.#seen.set(one.folder, changedAt(one.folder));
      for (const { name, isFolder } of listing(one.folder)) {
        const below = path.join(one.folder, name);
        if (isFolder && one.depth < deepestFolder) waiting.push({ folder: below, prefix: `${one.prefix}${name}-`, depth: one.depth + 1 });
        const id = `${one.prefix}${name.slice(0, -'.desktop'.length)}`;
        if (!isFolder && name.endsWith('.desktop') && !files.has(id) && files.size < maximumFiles) files.set(id, below);
      }
    }
  }

  #programOf({ command }: DesktopEntry): PlacedEntry['program'] {
    return command[0] === undefined ? null : this.#find(command[0]);
  }

  /** The file that a command's first word is, as a shell finds it. */
  #find(word: string): PlacedEntry['program'] {
    const candidates = word.includes('/') ? [word] : this.#searchPath.map((folder) => `${folder}/${word}`);
    for (const candidate of candidates) {
      if (!path.isAbsolute(candidate)) continue;
      try {
        return { path: path.normalize(candidate), target: realpathSync(candidate) };
      } catch {
        continue;
      }
    }
    return null;
  }
}
