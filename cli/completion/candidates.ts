import type { Argument, Command, Option } from 'commander';

/** What may stand where the cursor is. */
export interface Candidate {
  readonly value: string;
  /** One line; empty where there is nothing to say. */
  readonly description: string;
}

export interface Candidates {
  readonly values: readonly Candidate[];
  /** Whether the names of files may stand there. */
  readonly files: boolean;
}

/** What placeholders of options and arguments are called that stand for files. */
const fileNames: ReadonlySet<string> = new Set(['file', 'path', 'folder', 'place']);

/** The placeholder of an option: `path` in `--history <path>`. */
function placeholderOf({ flags }: Option): string {
  return /[<[]([a-z-]+)/u.exec(flags)?.[1] ?? '';
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

/** A command's own options and those of all commands above it. */
function optionsOf(command: Command): readonly Option[] {
  const help = command.createHelp();
  help.showGlobalOptions = true;
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
}

const plain = (value: string): Candidate => ({ value, description: '' });

const noCandidates: Candidates = { values: [], files: false };

function ofOptionValue(option: Option): Candidates {
  return { values: (option.argChoices ?? []).map(plain), files: fileNames.has(placeholderOf(option)) };
}

function ofArgument(argument: Argument | undefined): Candidates {
  if (argument === undefined) return noCandidates;
  return { values: (argument.argChoices ?? []).map(plain), files: fileNames.has(argument.name()) };
}

/** What the words before the cursor come to. */
interface Position {
  readonly command: Command;
  /** How many arguments the command has already. */
  readonly argumentCount: number;
  /** The option whose value comes next; null where none does. */
  readonly pending: Option | null;
}

function afterWord({ command, argumentCount, pending }: Position, word: string): Position {
  if (pending !== null && !(word.startsWith('-') && !pending.required)) return { command, argumentCount, pending: pending.variadic ? pending : null };
  if (word.startsWith('-')) {
    const name = word.split('=', 1)[0];
    const option = optionsOf(command).find(({ short, long }) => name === short || name === long);
    return { command, argumentCount, pending: option !== undefined && takesValue(option) && !word.includes('=') ? option : null };
  }
  const below = argumentCount === 0 ? command.commands.find((each) => each.name() === word || each.aliases().includes(word)) : undefined;
  return below === undefined ? { command, argumentCount: argumentCount + 1, pending: null } : { command: below, argumentCount: 0, pending: null };
}

function ofCommands(command: Command): readonly Candidate[] {
  return command.createHelp().visibleCommands(command).map((each) => ({ value: each.name(), description: each.description() }));
}

function optionCandidates(command: Command): Candidates {
  const values = optionsOf(command).flatMap(({ long, short, description }) => [long, short].flatMap((name) => (typeof name === 'string' ? [{ value: name, description }] : [])));
  return { values, files: false };
}

/** `--by=co`: the values of the option, each with what stands before the equals sign. */
function joinedValue(command: Command, current: string): Candidates {
  const name = current.slice(0, current.indexOf('='));
  const option = optionsOf(command).find(({ long }) => long === name);
  if (option === undefined) return noCandidates;
  const { values, files } = ofOptionValue(option);
  return { values: values.map(({ value }) => plain(`${name}=${value}`)), files };
}

function at({ command, argumentCount, pending }: Position, current: string, program: Command): Candidates {
  if (pending !== null && !(current.startsWith('-') && !pending.required)) return ofOptionValue(pending);
  if (current.startsWith('--') && current.includes('=')) return joinedValue(command, current);
  if (current.startsWith('-')) return optionCandidates(command);
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument = ofArgument(registeredArguments[argumentCount] ?? (last?.variadic === true ? last : undefined));
  const commands = argumentCount > 0 ? [] : command === program || command.commands.length > 0 ? ofCommands(command) : [];
  return { values: [...commands, ...argument.values], files: argument.files };
}

/**
 * What may stand in place of the last of the words, which are those after the program's name up to the cursor. A shell that splits
 * at `=` hands that over as a word of its own.
 */
export function candidatesFor(program: Command, words: readonly string[]): Candidates {
  const whole = words.filter((word) => word !== '=');
  const current = words.at(-1) === '=' ? '' : (whole.at(-1) ?? '');
  const before = words.at(-1) === '=' ? whole : whole.slice(0, -1);
  // `tidewatch help live`: after it stand names of commands.
  const [first, ...others] = before;
  if (first === 'help') return others.length > 0 ? noCandidates : { values: ofCommands(program).filter(({ value }) => value.startsWith(current)), files: false };
  const position = before.reduce<Position>(afterWord, { command: program, argumentCount: 0, pending: null });
  const { values, files } = at(position, current, program);
  return { values: values.filter(({ value }) => value.startsWith(current)), files };
}
