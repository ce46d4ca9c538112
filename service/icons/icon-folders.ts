import path from 'node:path';
import { directories } from '../desktop-entries.ts';
import type { DesktopEnvironment } from '../desktop-entries.ts';
import { readText } from './icon-file.ts';

/** Where pictures lie on this machine. */
export interface IconFolders {
  /** Folders of themes, the most important first. */
  readonly themes: readonly string[];
  /** Folders of pictures without a theme. */
  readonly pixmaps: readonly string[];
  /** Where a picture may lie once every link has been followed: those, and the folders that Flatpak's exports lead to. */
  readonly roots: readonly string[];
}

/** The folders of the specification ("Directory Layout"), and the exports of Flatpak, as for desktop entries. */
export function iconFolders({ variables, homeDirectory }: DesktopEnvironment): IconFolders {
  const dataHome = directories(variables['XDG_DATA_HOME'], `${homeDirectory}/.local/share`);
  const system = directories(variables['XDG_DATA_DIRS'], '/usr/local/share:/usr/share');
  const flatpaks = [...dataHome.map((one) => `${one}/flatpak`), '/var/lib/flatpak'];
  const data = [...dataHome, ...system, ...flatpaks.map((one) => `${one}/exports/share`)];
  const themes = [...new Set([path.join(homeDirectory, '.icons'), ...data.map((one) => path.join(one, 'icons'))])];
  const pixmaps = [...new Set(system.map((one) => path.join(one, 'pixmaps')))];
  return { themes, pixmaps, roots: [...themes, ...pixmaps, ...flatpaks.map((one) => path.join(one, 'app'))] };
}

const longestSettings = 65_536;

/** A theme is a folder's name, not a path. */
function isThemeName(name: string | undefined): name is string {
  return name !== undefined && /^[\w.+@-][\w.+@ -]{0,126}$/u.test(name) && name !== '..';
}

function valueIn(file: string, pattern: RegExp): string | undefined {
  return pattern.exec(readText(file, longestSettings) ?? '')?.[1]?.trim();
}

/** The themes that are looked through, first that which the person has chosen in GTK's or KDE's settings; `hicolor` is always the last. */
export function chosenThemes({ variables, homeDirectory }: DesktopEnvironment): readonly string[] {
  const [config = `${homeDirectory}/.config`] = directories(variables['XDG_CONFIG_HOME'], `${homeDirectory}/.config`);
  const gtk = /^gtk-icon-theme-name\s*=\s*"?([^"\n]*)"?\s*$/mu;
  const found = [
    valueIn(path.join(config, 'gtk-4.0/settings.ini'), gtk),
    valueIn(path.join(config, 'gtk-3.0/settings.ini'), gtk),
    valueIn(path.join(config, 'kdeglobals'), /^\[Icons\][^[]*?^Theme\s*=\s*([^\n]*)$/mu),
  ];
  return [...new Set([...found.filter(isThemeName), 'Adwaita', 'breeze', 'hicolor'])];
}
