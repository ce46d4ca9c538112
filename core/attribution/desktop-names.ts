import type { DesktopEntry } from './desktop-entry.ts';
import { baseName, folderOf } from './identity.ts';
import type { App } from './identity.ts';
import { readInterpreter } from './interpreter.ts';

/** A desktop entry as it lies on this machine. */
export interface PlacedEntry {
  /** Its file's name without `.desktop`, folders joined by `-`: org.gnome.Maps. */
  readonly id: string;
  readonly entry: DesktopEntry;
  /**
   * The file that the first word of its command is, and the one that this is a link to in the end: absolute paths; null where
   * there is no such file.
   */
  readonly program: { readonly path: string; readonly target: string } | null;
}

/** What a person calls an app, as its desktop entry says it. */
export interface DisplayNames {
  /** Null where no entry fits: then the app's own name stands. */
  nameOf(app: App): string | null;
}

/** What the desktop entries of a machine say of apps. */
export interface AppEntries extends DisplayNames {
  /** Name (or path) of an app's picture; null where no entry fits, or it has none. */
  iconOf(app: Pick<App, 'app'>): string | null;
}

/** Folders that hold the programs of one package. In the others (bin, lib) anything may lie beside anything. */
const packageFolder = /^\/(?:opt|usr\/(?:local\/)?(?:lib(?:32|64|exec)?|share))\/.+/u;
const sharedFolder = /\/(?:s?bin|games|\w+-linux-gnu\w*)$/u;

/** Programs that only start others: an entry that begins with one does not name it. */
const starter = /^(?:sh|bash|dash|flatpak|snap|pkexec|sudo|gksu|xdg-open|gtk-launch|gio|dbus-send|dbus-launch|xterm|x-terminal-emulator|gnome-terminal|konsole)$/u;

function isBetter(one: PlacedEntry, other: PlacedEntry): boolean {
  if (one.entry.hiddenFromMenus !== other.entry.hiddenFromMenus) return other.entry.hiddenFromMenus;
  if (one.entry.command.length !== other.entry.command.length) return one.entry.command.length < other.entry.command.length;
  return one.id.length === other.id.length ? one.id < other.id : one.id.length < other.id.length;
}

/** Keeps the best entry for each key. */
class BestEntries {
  readonly #best = new Map<string, PlacedEntry>();

  add(key: string | null, placed: PlacedEntry): void {
    if (key === null) return;
    const known = this.#best.get(key);
    if (known === undefined || isBetter(placed, known)) this.#best.set(key, placed);
  }

  of(key: string): DesktopEntry | null {
    return this.#best.get(key)?.entry ?? null;
  }
}

/** The script that an entry's interpreter runs, by its path; null where its command is no interpreter with a script. */
function scriptOf({ entry, program }: PlacedEntry): string | null {
  const interpreted = program === null ? null : readInterpreter(baseName(program.target), entry.command);
  const name = interpreted?.program?.kind === 'file' ? interpreted.program.name : '';
  return name.startsWith('/') ? name : null;
}

/** Whether the entry starts its program as such: `xterm -e htop` is not xterm, `steam steam://rungame` is not Steam. */
function startsItsProgram({ entry, program }: PlacedEntry): boolean {
  if (program === null || starter.test(baseName(program.path))) return false;
  if (readInterpreter(baseName(program.target), entry.command)?.program !== undefined && scriptOf({ id: '', entry, program }) !== null) return false;
  return entry.command.slice(1).every((word) => word.startsWith('-'));
}

function packageFolderOf(path: string): string | null {
  const folder = folderOf(path);
  return packageFolder.test(folder) && !sharedFolder.test(folder) ? folder : null;
}

/** The paths that an entry stands for: its program, the file this is a link to, or the script that it runs. */
function pathsOf(placed: PlacedEntry): readonly string[] {
  const script = scriptOf(placed);
  if (script !== null) return [script];
  return placed.program !== null && startsItsProgram(placed) ? [placed.program.path, placed.program.target] : [];
}

/** Where an app's program lies, whether a machine runs it or an interpreter; null for apps without a path. */
function pathOf({ app }: Pick<App, 'app'>): string | null {
  const path = app.startsWith('script:') ? app.slice('script:'.length) : app;
  return path.startsWith('/') ? path : null;
}

/**
 * Names and pictures of apps by the desktop entries of this machine: by package, by the program's path, by the folder that only its
 * package's programs lie in, and (for what a package's start script in /usr/bin starts elsewhere) by the program's name.
 */
export function displayNamesOf(entries: readonly PlacedEntry[]): AppEntries {
  const packages = new BestEntries();
  const paths = new BestEntries();
  const folders = new BestEntries();
  const programs = new BestEntries();
  for (const placed of entries) {
    const { entry, id, program } = placed;
    packages.add(entry.flatpak === null ? null : `flatpak:${entry.flatpak}`, placed);
    packages.add(`flatpak:${id}`, placed);
    packages.add(entry.snap === null ? null : `snap:${entry.snap}`, placed);
    for (const path of pathsOf(placed)) paths.add(path, placed);
    if (program === null || !startsItsProgram(placed)) continue;
    folders.add(packageFolderOf(program.target), placed);
    programs.add(folderOf(program.path).endsWith('/bin') ? baseName(program.path) : null, placed);
  }
  const byPath = (path: string): DesktopEntry | null => {
    const folder = packageFolderOf(path);
    return paths.of(path) ?? (folder === null ? null : (folders.of(folder) ?? programs.of(baseName(path))));
  };
  const entryOf = (app: Pick<App, 'app'>): DesktopEntry | null => {
    if (/^(?:flatpak|snap):/u.test(app.app)) return packages.of(app.app);
    const path = pathOf(app);
    return path === null ? null : byPath(path);
  };
  return { nameOf: (app) => entryOf(app)?.name ?? null, iconOf: (app) => entryOf(app)?.icon ?? null };
}
