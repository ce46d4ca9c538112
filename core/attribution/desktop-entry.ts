/**
 * Desktop entries: what a desktop calls the programs it starts (freedesktop.org "Desktop Entry Specification" 1.5). They are
 * written by packages and users: bounded, and nothing of them is ever started or opened.
 */

/** What one entry says, as far as it helps to name a program. */
export interface DesktopEntry {
  /** What a person calls the program, in the best of the asked languages. At most 128 characters, no control characters. */
  readonly name: string;
  /** The command as words, without field codes; the first is a path or a name to be found in PATH. Empty where there is none. */
  readonly command: readonly string[];
  /** Path or name of a program without which the entry does not count; null for none. */
  readonly tryExec: string | null;
  readonly windowClass: string | null;
  /** Name or path of its picture, for whoever draws one. */
  readonly icon: string | null;
  /** Not for menus: an entry of a part, or for a kind of file only. */
  readonly hiddenFromMenus: boolean;
  /** The package that it belongs to, where it says so (X-Flatpak, X-SnapInstanceName). */
  readonly flatpak: string | null;
  readonly snap: string | null;
}

/** Longest entry read, in characters: a browser's, with its actions in a hundred languages, is a third of that. */
export const maximumEntryLength = 262_144;
const maximumLine = 4096;
const maximumName = 128;
const maximumWords = 64;

/**
 * The languages of a locale (`de_DE.UTF-8@euro`) in the order in which their names are looked for ("Localized values for
 * keys"): language, country and modifier; language and country; language and modifier; language. None for C and POSIX.
 */
export function languagesOf(locale: string): readonly string[] {
  const [, language, country, modifier] = /^([a-z]{2,3})(?:_([A-Z]{2}))?(?:\.[\w-]+)?(?:@(\w+))?$/u.exec(locale) ?? [];
  if (language === undefined) return [];
  const both = country === undefined ? language : `${language}_${country}`;
  const withModifier = modifier === undefined ? [] : [`${both}@${modifier}`];
  const plainModifier = modifier === undefined ? [] : [`${language}@${modifier}`];
  return [...new Set([...withModifier, both, ...plainModifier, language])];
}

const escapes: ReadonlyMap<string, string> = new Map([['s', ' '], ['n', '\n'], ['t', '\t'], ['r', '\r'], ['\\', '\\']]);

function unescaped(value: string): string {
  return value.replace(/\\(.)/gu, (whole, letter: string) => escapes.get(letter) ?? whole);
}

/** One line for a person: without control characters and direction overrides. */
function oneLine(value: string): string {
  return value.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ').trim().slice(0, maximumName).trim();
}

/** The keys of the group `[Desktop Entry]`; the first of two alike counts. */
function keysOf(text: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  let inGroup = false;
  for (const line of text.slice(0, maximumEntryLength).split('\n')) {
    if (line.startsWith('[')) {
      if (inGroup) break;
      inGroup = line.trim() === '[Desktop Entry]';
    }
    const at = line.indexOf('=');
    if (!inGroup || at <= 0 || line.startsWith('#') || line.length > maximumLine) continue;
    const key = line.slice(0, at).trim();
    if (!keys.has(key)) keys.set(key, line.slice(at + 1).trim());
  }
  return keys;
}

/** One word of a command and where the next begins: quoted as a whole, with backslashes inside, or plain up to a blank. */
function readWord(text: string, from: number): { readonly word: string; readonly next: number } {
  if (text.charAt(from) !== '"') {
    const end = text.slice(from).search(/\s|$/u) + from;
    return { word: text.slice(from, end), next: end };
  }
  let word = '';
  let at = from + 1;
  for (; at < text.length && text.charAt(at) !== '"'; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    word += text.charAt(at);
  }
  return { word, next: at + 1 };
}

/** The words of an `Exec` value, without field codes (`%U`); `%%` is a per cent sign. */
function commandOf(exec: string): readonly string[] {
  const words: string[] = [];
  for (let at = 0; at < exec.length && words.length < maximumWords; ) {
    if (/\s/u.test(exec.charAt(at))) {
      at += 1;
      continue;
    }
    const { word, next } = readWord(exec, at);
    at = next;
    if (!/^%[a-zA-Z]$/u.test(word)) words.push(word.replaceAll('%%', '%'));
  }
  return withoutEnvironment(words);
}

/** `env A=1 -u B program` and `A=1 program` are the program (env(1)). */
function withoutEnvironment(words: readonly string[]): readonly string[] {
  const isEnv = /^(?:(?:\/usr)?\/bin\/)?env$/u.test(words[0] ?? '');
  let at = isEnv ? 1 : 0;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (isEnv && /^-[uC]$/u.test(word)) at += 1;
    else if (!/^[A-Za-z_]\w*=/u.test(word) && !(isEnv && word.startsWith('-'))) break;
  }
  return words.slice(at);
}

/**
 * Reads a desktop entry. `languages` are those of the person, the best first (see {@link languagesOf}). Null where it is no
 * entry of an application, has no name, or says that it is deleted.
 */
export function parseDesktopEntry(text: string, languages: readonly string[]): DesktopEntry | null {
  const keys = keysOf(text);
  const value = (key: string): string | null => {
    const raw = keys.get(key);
    return raw === undefined || raw === '' ? null : unescaped(raw);
  };
  const names = [...languages.map((language) => value(`Name[${language}]`)), value('Name')];
  const name = names.map((one) => oneLine(one ?? '')).find((one) => one !== '');
  if (name === undefined || keys.get('Type') !== 'Application' || keys.get('Hidden') === 'true') return null;
  return {
    name,
    command: commandOf(value('Exec') ?? ''),
    tryExec: value('TryExec'),
    windowClass: value('StartupWMClass'),
    icon: value('Icon'),
    hiddenFromMenus: keys.get('NoDisplay') === 'true',
    flatpak: value('X-Flatpak'),
    snap: value('X-SnapInstanceName'),
  };
}
