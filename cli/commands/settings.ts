import { Command } from 'commander';
import { z } from 'zod';
import { SettingsFile, parseSettingText, settingList, settingNamed, settingText, shownValue, valueOf } from '../../service/index.ts';
import type { Setting, SettingsState } from '../../service/index.ts';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { Output } from '../output.ts';
import { effectText, settingsLines } from '../settings/tables.ts';
import { jsonLine, visible } from '../terminal.ts';

const Options = GlobalOptions.extend({ json: z.boolean().default(false) });
type Options = z.infer<typeof Options>;

/** One setting as JSON: what it is, and what it is for. */
function settingRecord(setting: Setting, { settings }: SettingsState): object {
  const { key, facts, initial } = setting;
  const { meaning, expects, unit, effect } = facts;
  return { key, value: valueOf(settings, setting), default: initial, unit, expects, effect, meaning };
}

function known(key: string): Setting {
  const setting = settingNamed(key);
  if (setting !== null) return setting;
  throw new UsageError(`"${key}" is no setting; \`tidewatch settings\` lists them`);
}

function valueFrom(setting: Setting, text: string): unknown {
  const parsed = parseSettingText(setting, text);
  if (parsed !== null) return parsed.value;
  const { expects, unit } = setting.facts;
  throw new UsageError(`${setting.key}: ${shownValue(text)} is not ${expects}${unit === null ? '' : ` (${unit})`}`);
}

/** What every one of these commands works with. */
interface Work {
  readonly file: SettingsFile;
  readonly options: Options;
  readonly output: Output;
  readonly edges: Edges;
}

/** Runs `act` with the file of the settings, and says what is wrong with the file on standard error. */
async function withFile(command: Command, edges: Edges, act: (work: Work) => void): Promise<void> {
  const options = Options.parse(command.optsWithGlobals());
  const file = new SettingsFile(chosenPaths(options, edges.defaultPaths).settingsPath);
  const output = new Output(edges.output, edges.ending);
  act({ file, options, output, edges });
  sayProblems(file, edges);
  await output.finish();
}

/** A file that cannot be read ends no listing: the settings are then the defaults, and that is said. */
function sayProblems(file: SettingsFile, edges: Edges): void {
  const { problems, unreadable } = file.read();
  const lines = unreadable === null ? problems.map(({ message }) => message) : [`${unreadable}; these are the defaults until it is mended or moved away`];
  for (const line of lines) edges.errors.write(`tidewatch: ${visible(`${file.path}: ${line}`)}\n`);
}

function list({ file, options, output, edges }: Work): void {
  const state = file.read();
  const { path } = file;
  const { problems, unreadable } = state;
  const lines = options.json
    ? [jsonLine({ path, unreadable, problems, settings: settingList.map((setting) => settingRecord(setting, state)) })]
    : settingsLines(path, state.settings, canvasOf(edges));
  output.lines(lines);
}

function show({ file, options, output }: Work, setting: Setting): void {
  const state = file.read();
  output.lines([options.json ? jsonLine(settingRecord(setting, state)) : visible(settingText(valueOf(state.settings, setting)))]);
}

/** Says what is in force after a change. */
function sayChange(work: Work, setting: Setting): void {
  const { file, options, output } = work;
  if (options.json) return show(work, setting);
  const value = visible(settingText(valueOf(file.read().settings, setting)));
  output.lines([`${setting.key} = ${value === '' ? '(empty)' : value}; a service that runs has it ${effectText(setting)}`]);
}

const examples = `
Examples:
  tidewatch settings                              all of them, with their meaning
  tidewatch settings get retention.minuteDays
  tidewatch settings set retention.minuteDays 14
  tidewatch settings set capture.interfaces eth0,wlan0
  tidewatch settings set history.excludedDomains example.org,example.net
  tidewatch settings reset capture.interfaces

Lists are written with commas. docs/SETTINGS.md describes every setting.`;

const keyHelp = 'the name of a setting, such as retention.minuteDays';
const jsonHelp = 'print one JSON object: {key,value,default,unit,expects,effect,meaning}';

/** `tidewatch settings`, and `settings get|set|reset` below it. */
export function settingsCommand(edges: Edges): Command {
  const settings = new Command('settings')
    .description('what can be set, and what it is set to')
    .option('--json', 'print one JSON object: {path,unreadable,problems,settings:[{key,value,default,unit,expects,effect,meaning}]}')
    .addHelpText('after', examples)
    .action((_options: unknown, command: Command) => withFile(command, edges, list));
  settings
    .command('get')
    .description('print the value of one setting')
    .argument('<key>', keyHelp)
    .option('--json', jsonHelp)
    .action((key: string, _options: unknown, command: Command) => {
      const setting = known(key);
      return withFile(command, edges, (work) => show(work, setting));
    });
  settings
    .command('set')
    .description('give a setting a value')
    .argument('<key>', keyHelp)
    .argument('<value>', 'its value; lists are written with commas')
    .option('--json', jsonHelp)
    .action((key: string, text: string, _options: unknown, command: Command) => {
      const setting = known(key);
      const value = valueFrom(setting, text);
      return withFile(command, edges, (work) => {
        work.file.set(setting, value);
        sayChange(work, setting);
      });
    });
  settings
    .command('reset')
    .description('give a setting its default again')
    .argument('<key>', keyHelp)
    .option('--json', jsonHelp)
    .action((key: string, _options: unknown, command: Command) => {
      const setting = known(key);
      return withFile(command, edges, (work) => {
        work.file.reset(setting);
        sayChange(work, setting);
      });
    });
  return settings;
}
