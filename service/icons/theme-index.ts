/** `index.theme` of an icon theme (freedesktop.org "Icon Theme Specification" 0.13): written by packages and users, so bounded. */

/** One folder of a theme: for which sizes its pictures are. Sizes are edges in pixels at scale 1. */
export interface ThemeFolder {
  /** Relative to the theme. */
  readonly path: string;
  readonly size: number;
  readonly scale: number;
  /** The sizes that it is right for. */
  readonly least: number;
  readonly most: number;
}

export interface ThemeIndex {
  readonly inherits: readonly string[];
  readonly folders: readonly ThemeFolder[];
}

/** Longest index that is read, in characters: a theme of everything has 100 kB. */
export const maximumIndexLength = 524_288;
const maximumFolders = 1024;
const maximumParents = 16;
/** A picture is no larger; whoever writes a larger number means "any". */
const largest = 4096;

type Group = ReadonlyMap<string, string>;

function groupsOf(text: string): ReadonlyMap<string, Group> {
  const groups = new Map<string, Map<string, string>>();
  let group = new Map<string, string>();
  for (const line of text.slice(0, maximumIndexLength).split('\n')) {
    const heading = /^\[([^\]]+)\]\s*$/u.exec(line)?.[1];
    if (heading !== undefined) {
      group = new Map();
      if (!groups.has(heading)) groups.set(heading, group);
      continue;
    }
    const at = line.indexOf('=');
    if (at > 0 && !line.startsWith('#')) group.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  return groups;
}

function listOf(value: string | undefined, maximum: number): readonly string[] {
  return (value ?? '').split(',', maximum).map((one) => one.trim()).filter((one) => one !== '');
}

function numberOf(value: string | undefined, otherwise: number): number {
  return value !== undefined && /^\d{1,5}$/u.test(value) ? Math.min(Number(value), largest) : otherwise;
}

/** A relative path that stays where it begins. */
function isInside(path: string): boolean {
  return !path.startsWith('/') && !path.includes('\0') && path.split('/').every((part) => part !== '..' && part !== '');
}

function folderOf(path: string, group: Group): ThemeFolder | null {
  const size = numberOf(group.get('Size'), 0);
  if (size === 0 || !isInside(path)) return null;
  const scale = Math.max(1, numberOf(group.get('Scale'), 1));
  switch (group.get('Type') ?? 'Threshold') {
    case 'Fixed':
      return { path, size, scale, least: size, most: size };
    case 'Scalable':
      return { path, size, scale, least: numberOf(group.get('MinSize'), size), most: numberOf(group.get('MaxSize'), size) };
    default: {
      const threshold = numberOf(group.get('Threshold'), 2);
      return { path, size, scale, least: size - threshold, most: size + threshold };
    }
  }
}

/** Reads an index; what of it makes no sense is left out. */
export function parseThemeIndex(text: string): ThemeIndex {
  const groups = groupsOf(text);
  const theme = groups.get('Icon Theme');
  const paths = [...listOf(theme?.get('Directories'), maximumFolders), ...listOf(theme?.get('ScaledDirectories'), maximumFolders)];
  const folders = [...new Set(paths)].flatMap((path) => {
    const group = groups.get(path);
    return (group === undefined ? null : folderOf(path, group)) ?? [];
  });
  return { inherits: listOf(theme?.get('Inherits'), maximumParents), folders };
}

/** How far a folder's pictures are from a size in pixels; 0 where they are right for it. */
export function distanceOf({ scale, least, most }: ThemeFolder, size: number): number {
  if (size < least * scale) return least * scale - size;
  return size > most * scale ? size - most * scale : 0;
}
