/**
 * What a program that runs other programs is running: the script, module, class or archive named by its arguments.
 * A process may write anything into its arguments, so the answer names the app but is never used as a path.
 */

/** How one interpreter's command line is read. Letters are single-dash options; words are whole options. */
interface Dialect {
  /** Base names of the executable. */
  readonly executable: RegExp;
  /** What a person calls it. */
  readonly family: string;
  /** Options after which the program is no file: text on the command line, or standard input. */
  readonly inlineLetters: string;
  readonly inlineWords: readonly string[];
  /** Options whose value is the program: a module, an archive, a file. */
  readonly programLetters: string;
  readonly programWords: readonly string[];
  /** Options whose value is to be skipped; for letters it may be attached (`-Idir`). */
  readonly valueLetters: string;
  readonly valueWords: readonly string[];
  /** True where a single-dash word is one option (`-jar`) and not a cluster of letters. */
  readonly wholeWords: boolean;
  /** Words that come before the script (`deno run`). */
  readonly verbs: readonly string[];
}

const plain: Omit<Dialect, 'executable' | 'family'> = {
  inlineLetters: '',
  inlineWords: [],
  programLetters: '',
  programWords: [],
  valueLetters: '',
  valueWords: [],
  wholeWords: false,
  verbs: [],
};

const loaderFamily = 'loader';

const dialects: readonly Dialect[] = [
  {
    ...plain,
    executable: /^(?:python|pypy)[\d.]*$/u,
    family: 'python',
    inlineLetters: 'c',
    programLetters: 'm',
    valueLetters: 'WX',
    valueWords: ['--check-hash-based-pycs'],
  },
  {
    ...plain,
    executable: /^(?:node|nodejs)[\d.]*$/u,
    family: 'node',
    inlineLetters: 'ep',
    inlineWords: ['--eval', '--print', '--run'],
    valueLetters: 'rC',
    valueWords: ['--require', '--import', '--loader', '--experimental-loader', '--conditions', '--title', '--input-type'],
  },
  {
    ...plain,
    executable: /^electron[\d.]*$/u,
    family: 'electron',
  },
  {
    ...plain,
    executable: /^(?:bash|dash|sh|zsh|ksh(?:93)?|mksh|fish)$/u,
    family: 'shell',
    inlineLetters: 'cs',
    inlineWords: ['--command'],
    valueLetters: 'oO',
    valueWords: ['--rcfile', '--init-file'],
  },
  {
    ...plain,
    executable: /^perl[\d.]*$/u,
    family: 'perl',
    inlineLetters: 'eE',
    valueLetters: 'I',
  },
  {
    ...plain,
    executable: /^(?:ruby|jruby)[\d.]*$/u,
    family: 'ruby',
    inlineLetters: 'e',
    valueLetters: 'ICEr',
  },
  {
    ...plain,
    executable: /^php[\d.]*$/u,
    family: 'php',
    inlineLetters: 'raS',
    programLetters: 'f',
    valueLetters: 'dct',
  },
  {
    ...plain,
    executable: /^java$/u,
    family: 'java',
    programWords: ['-jar', '-m', '--module'],
    valueWords: ['-cp', '-classpath', '--class-path', '-p', '--module-path', '--add-modules', '--add-exports', '--add-opens', '--add-reads'],
    wholeWords: true,
  },
  { ...plain, executable: /^dotnet$/u, family: 'dotnet', verbs: ['exec'], wholeWords: true },
  { ...plain, executable: /^deno$/u, family: 'deno', inlineWords: ['eval', 'repl'], verbs: ['run'], wholeWords: true },
  { ...plain, executable: /^bun$/u, family: 'bun', inlineWords: ['-e', '--eval'], verbs: ['run'], wholeWords: true },
  { ...plain, executable: /^lua(?:jit)?[\d.-]*$/u, family: 'lua', inlineLetters: 'e', valueLetters: 'l' },
  { ...plain, executable: /^(?:tclsh|wish)[\d.]*$/u, family: 'tcl' },
  { ...plain, executable: /^mono(?:-sgen)?$/u, family: 'mono', wholeWords: true },
  { ...plain, executable: /^(?:R|Rscript)$/u, family: 'R', inlineWords: ['-e'], programWords: ['--file'], wholeWords: true },
  { ...plain, executable: /^guile[\d.-]*$/u, family: 'guile', inlineLetters: 'c', valueLetters: 'Ll' },
  // The dynamic loader, called by name: what it loads is the program (ld.so(8)).
  {
    ...plain,
    executable: /^ld-(?:linux|musl)?[\w.-]*\.so(?:\.\d+)*$/u,
    family: loaderFamily,
    valueWords: ['--library-path', '--argv0', '--preload', '--audit', '--inhibit-rpath', '--glibc-hwcaps-prepend', '--glibc-hwcaps-mask'],
    wholeWords: true,
  },
];

/** What an emulator of Windows is called, whatever its version and architecture. */
const windowsEmulator = /^wine(?:64)?(?:-preloader)?$/u;

/** Programs that are many programs in one file: which one is the name they are called by, or the first argument. */
const manyInOne = /^(?:busybox|toybox|coreutils)(?:[.-][\w.-]+)?$/u;

/**
 * What an interpreter runs. `file` is a path (perhaps relative to a directory that is not known); `executable` is one, too,
 * but of a program in its own right; `foreign` is a path of another system.
 */
export type Program = { readonly kind: 'file' | 'module' | 'executable' | 'foreign'; readonly name: string };

/** An interpreter and what it runs; `program` is null for text on its command line, standard input or a prompt. */
export interface Interpreted {
  readonly family: string;
  readonly program: Program | null;
}

type Step = { readonly skip: number } | { readonly inline: true } | { readonly program: string | undefined };

const next: Step = { skip: 1 };

function readWord(dialect: Dialect, word: string, following: string | undefined): Step {
  const name = word.split('=', 1)[0] ?? word;
  if (dialect.inlineWords.includes(name)) return { inline: true };
  if (dialect.programWords.includes(name)) {
    return { program: word.includes('=') ? word.slice(name.length + 1) : following };
  }
  return dialect.valueWords.includes(word) ? { skip: 2 } : next;
}

/** A cluster (`-Im module`, `-Idir`): the first letter that takes a value takes the rest, or the next argument. */
function readCluster(dialect: Dialect, cluster: string, following: string | undefined): Step {
  for (let index = 1; index < cluster.length; index += 1) {
    const letter = cluster.charAt(index);
    const attached = cluster.slice(index + 1);
    if (dialect.inlineLetters.includes(letter)) return { inline: true };
    if (dialect.programLetters.includes(letter)) return { program: attached === '' ? following : attached };
    if (dialect.valueLetters.includes(letter)) return { skip: attached === '' ? 2 : 1 };
  }
  return next;
}

function readOption(dialect: Dialect, option: string, following: string | undefined): Step {
  const isWord = dialect.wholeWords || option.startsWith('--');
  return isWord ? readWord(dialect, option, following) : readCluster(dialect, option, following);
}

function positional(dialect: Dialect, argument: string): Program {
  if (dialect.family === loaderFamily) return { kind: 'executable', name: argument };
  const isClass = dialect.family === 'java' && !argument.endsWith('.java');
  return { kind: isClass ? 'module' : 'file', name: argument };
}

function chosenProgram(option: string, name: string | undefined): Program | null {
  if (name === undefined || name === '') return null;
  return { kind: option === '-jar' || option.startsWith('-f') || option.startsWith('--file') ? 'file' : 'module', name };
}

/**
 * A process that wrote a title over its arguments (setproctitle: `gunicorn: worker [shop]`) has that one text and no other. Its
 * first word is what it calls itself. Null for what may as well be a bare command.
 */
function titled(commandLine: readonly string[]): Program | null {
  const [title = ''] = commandLine;
  const name = /^([A-Za-z][\w.-]{0,63}):? .*[^ ]/u.exec(title)?.[1];
  return commandLine.length === 1 && name !== undefined ? { kind: 'module', name } : null;
}

/** The Windows program that an emulator runs: the first argument that is one. */
function emulated(commandLine: readonly string[]): Program | null {
  const name = commandLine.find((argument) => /^[^-].*\.exe$/iu.test(argument));
  return name === undefined ? null : { kind: 'foreign', name };
}

/** Which of its many programs such a file runs: `wget` for `wget …` as for `busybox wget …`. */
function oneOfMany(executableName: string, commandLine: readonly string[]): Interpreted {
  const [called = '', first = ''] = commandLine.slice(0, 2).map((argument) => argument.slice(argument.lastIndexOf('/') + 1));
  const name = manyInOne.test(called) ? first : called.replace(/^-/u, '');
  const family = executableName.split(/[.-]/u, 1)[0] ?? executableName;
  return { family, program: /^[\w[-]+$/u.test(name) && !name.startsWith('-') ? { kind: 'module', name } : null };
}

function programOf(dialect: Dialect, commandLine: readonly string[]): Program | null {
  let index = 1;
  while (index < commandLine.length) {
    const argument = commandLine[index] ?? '';
    const following = commandLine[index + 1];
    if (argument === '-' || argument === '') return null;
    if (argument === '--') return following === undefined ? null : positional(dialect, following);
    if (dialect.inlineWords.includes(argument)) return null;
    if (!argument.startsWith('-')) {
      if (!dialect.verbs.includes(argument)) return positional(dialect, argument);
      index += 1;
      continue;
    }
    const step = readOption(dialect, argument, following);
    if ('inline' in step) return null;
    if ('program' in step) return chosenProgram(argument, step.program);
    index += step.skip;
  }
  return null;
}

/**
 * Reads the command line of an interpreter by its executable's base name. Null where the executable is none.
 * `commandLine` begins with the interpreter's own name (argv[0]).
 */
export function readInterpreter(executableName: string, commandLine: readonly string[]): Interpreted | null {
  if (windowsEmulator.test(executableName)) return { family: 'wine', program: emulated(commandLine) };
  if (manyInOne.test(executableName)) return oneOfMany(executableName, commandLine);
  const dialect = dialects.find((one) => one.executable.test(executableName));
  return dialect === undefined ? null : { family: dialect.family, program: programOf(dialect, commandLine) ?? titled(commandLine) };
}
