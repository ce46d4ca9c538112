/**
 * Which shell `npm start` runs, and why. Plain JavaScript without packages, as all that runs before set-up is done.
 */

/** @typedef {'electron' | 'portable' | 'none'} Shell */

/**
 * What the choice depends on.
 * @typedef {object} Surroundings
 * @property {NodeJS.Platform} platform
 * @property {Readonly<Record<string, string | undefined>>} variables
 * @property {boolean} hasElectron Whether Electron's binary is installed.
 */

/**
 * @typedef {object} Choice
 * @property {Shell} shell
 * @property {string} reason One clause for a person.
 * @property {readonly string[]} words What the shell is started with.
 */

/** What a person may write after `npm start --`, where it is not for `tidewatch live`. */
export const usage = '--shell electron|portable|none, --hidden';

/** @param {string | undefined} word @returns {word is Shell} */
function isShell(word) {
  return word === 'electron' || word === 'portable' || word === 'none';
}

/**
 * The words without `--shell NAME` (or `--shell=NAME`), and the name.
 * @param {readonly string[]} words
 * @returns {{ readonly named: string | null, readonly others: readonly string[] }}
 */
function split(words) {
  const joined = words.findIndex((word) => word.startsWith('--shell='));
  if (joined !== -1) return { named: words[joined]?.slice('--shell='.length) ?? '', others: words.toSpliced(joined, 1) };
  const at = words.indexOf('--shell');
  return at === -1 ? { named: null, others: words } : { named: words[at + 1] ?? '', others: words.toSpliced(at, 2) };
}

/** @param {Surroundings} surroundings */
function hasDisplay({ platform, variables }) {
  if (platform !== 'linux') return true;
  return [variables['DISPLAY'], variables['WAYLAND_DISPLAY']].some((name) => name !== undefined && name !== '');
}

/** What the portable shell stands on is a part of Linux desktops. @param {Surroundings} surroundings */
function hasDesktopParts({ platform }) {
  return platform === 'linux';
}

/**
 * Electron where it is, else the desktop's own parts, else the terminal. Words that are for neither are for `tidewatch live`.
 * @param {readonly string[]} words
 * @param {Surroundings} surroundings
 * @returns {Choice | { readonly wrong: string }} `wrong` is one line that names the next action.
 */
export function chooseShell(words, surroundings) {
  const { named, others } = split(words);
  const forLive = others.filter((word) => word !== '--hidden');
  const desktopWords = forLive.length === 0 ? others : [];
  if (named !== null) {
    if (!isShell(named)) return { wrong: `there is no shell "${named}": choose electron, portable or none` };
    if (named === 'none') return { shell: 'none', reason: 'as asked', words: forLive };
    if (forLive.length > 0) return { wrong: `${forLive.join(' ')} is for the terminal: leave out --shell ${named}` };
    if (named === 'electron' && !surroundings.hasElectron) return { wrong: "Electron's binary is not installed: fetch it with `npx install-electron`, or leave out --shell" };
    return { shell: named, reason: 'as asked', words: desktopWords };
  }
  if (forLive.length > 0) return { shell: 'none', reason: `${forLive[0]} is for the terminal`, words: forLive };
  if (!hasDisplay(surroundings)) return { shell: 'none', reason: 'there is no display', words: [] };
  if (surroundings.hasElectron) return { shell: 'electron', reason: "Electron's binary is installed", words: desktopWords };
  if (hasDesktopParts(surroundings)) return { shell: 'portable', reason: "Electron's binary is not installed", words: desktopWords };
  return { shell: 'none', reason: "Electron's binary is not installed", words: [] };
}

/** @type {Readonly<Record<Shell, string>>} */
const shellWords = {
  electron: 'in the tray, in Electron',
  portable: "in the tray, on the desktop's own parts",
  none: 'in the terminal',
};

/** The choice and its reason in one line. @param {Choice} choice */
export function choiceLine({ shell, reason }) {
  return `Tidewatch runs ${shellWords[shell]} (--shell ${shell}: ${reason})`;
}
