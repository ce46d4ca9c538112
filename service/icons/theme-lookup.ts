import path from 'node:path';
import type { IconFolders } from './icon-folders.ts';
import { placeOf, readText } from './icon-file.ts';
import { distanceOf, maximumIndexLength, parseThemeIndex } from './theme-index.ts';
import type { ThemeIndex } from './theme-index.ts';

/** Themes that are looked through for one picture, most: a theme and those that it builds on are three or four. */
const maximumThemes = 16;

const endings = ['.png', '.svg'] as const;

/** A name as a theme has it; what is a path, or could lead out of a folder, is none. */
function nameOf(icon: string): string | null {
  const name = icon.replace(/\.(?:png|svg|xpm)$/u, '');
  return /^[\w+@][\w.+@ -]{0,250}$/u.test(name) ? name : null;
}

/** Finds the file of a picture: the themes in order, each with those that it builds on, then the folders without a theme. */
export class ThemeLookup {
  readonly #folders: IconFolders;
  readonly #themes: readonly string[];
  readonly #indexes = new Map<string, ThemeIndex | null>();

  constructor(folders: IconFolders, themes: readonly string[]) {
    this.#folders = folders;
    this.#themes = themes;
  }

  /** The file of a picture, best for a size in pixels; null where there is none. `icon` is a name, or a path where pictures lie. */
  find(icon: string, size: number): string | null {
    if (path.isAbsolute(icon)) return this.#place(icon);
    const name = nameOf(icon);
    if (name === null) return null;
    for (const theme of this.#inOrder()) {
      const found = this.#inTheme(theme, name, size);
      if (found !== null) return found;
    }
    return this.#withoutTheme(name);
  }

  #place(file: string): string | null {
    return placeOf(file, this.#folders.roots);
  }

  /** The chosen themes, each followed by those that it builds on; `hicolor`, on which all build, is the last. */
  #inOrder(): readonly string[] {
    const order = new Set<string>();
    const add = (theme: string): void => {
      if (order.has(theme) || order.size >= maximumThemes || theme === 'hicolor') return;
      order.add(theme);
      for (const parent of this.#indexOf(theme)?.inherits ?? []) add(parent);
    };
    for (const theme of this.#themes) add(theme);
    return [...order, 'hicolor'];
  }

  #indexOf(theme: string): ThemeIndex | null {
    const known = this.#indexes.get(theme);
    if (known !== undefined) return known;
    const text = nameOf(theme) === null ? undefined : this.#folders.themes.map((folder) => readText(path.join(folder, theme, 'index.theme'), maximumIndexLength)).find((one) => one !== null);
    const index = text === undefined || text === null ? null : parseThemeIndex(text);
    if (this.#indexes.size >= 2 * maximumThemes) this.#indexes.clear();
    this.#indexes.set(theme, index);
    return index;
  }

  #inTheme(theme: string, name: string, size: number): string | null {
    const index = this.#indexOf(theme);
    if (index === null) return null;
    const nearest = index.folders.toSorted((a, b) => distanceOf(a, size) - distanceOf(b, size));
    for (const folder of nearest) {
      for (const base of this.#folders.themes) {
        const found = this.#withEnding(path.join(base, theme, folder.path, name));
        if (found !== null) return found;
      }
    }
    return null;
  }

  #withoutTheme(name: string): string | null {
    for (const folder of [...this.#folders.themes, ...this.#folders.pixmaps]) {
      const found = this.#withEnding(path.join(folder, name));
      if (found !== null) return found;
    }
    return null;
  }

  #withEnding(file: string): string | null {
    for (const ending of endings) {
      const found = this.#place(`${file}${ending}`);
      if (found !== null) return found;
    }
    return null;
  }
}
