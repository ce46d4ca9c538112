/**
 * Names come from the network and from other programs: they may be of any length and hold anything. What a person sees of them
 * here is always one line of visible characters, in the order in which they stand.
 */

/** Longest name that is put into the page: the rest is seen by nobody. In UTF-16 units. */
const longestShown = 300;

/**
 * Control characters (Unicode Cc), and those that turn the direction of what follows (Unicode Standard Annex 9, section 2) or
 * break a line, each as a symbol that can be seen.
 */
const unseen = /[\p{Cc}\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/** A name as it may stand in the page, as text. */
export function shownName(name: string): string {
  const cut = name.length > longestShown ? `${name.slice(0, longestShown)}…` : name;
  return cut.replace(lone, '\ufffd').replace(unseen, '\u2423');
}

/** The last part of a path, or the whole where it is none. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1) || path;
}
