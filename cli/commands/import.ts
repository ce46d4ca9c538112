import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { archiveFiles, foundFiles, importBandwhichInto, importExport, importVnstat } from '../../service/import/index.ts';
import type { ImportResult, StretchResult } from '../../service/import/index.ts';
import { SettingsFile } from '../../service/settings-file.ts';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { chosenUnits } from '../chosen-units.ts';
import { CommandError, UsageError } from '../failure.ts';
import { GlobalOptions, chosenPaths } from '../global-options.ts';
import { visible } from '../harmless.ts';
import { Output } from '../output.ts';
import { ProgressBar } from '../progress.ts';
import { stretchOf } from '../stretch.ts';
import { jsonLine } from '../terminal.ts';
import { countText, durationText, sizeText } from '../units.ts';
import type { Units } from '../units.ts';

const Options = GlobalOptions.extend({
  from: z.string().optional(),
  to: z.string().optional(),
  archive: z.string().optional(),
  json: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

/** The range to take over. Throws {@link UsageError} for words that name no time, and for ranges without length. */
function rangeOf({ from, to }: Options, edges: Edges): NonNullable<Parameters<typeof importBandwhichInto>[2]['range']> {
  const range = {
    ...(from === undefined ? {} : { from: stretchOf('--from', from, edges).from }),
    ...(to === undefined ? {} : { to: stretchOf('--to', to, edges).to }),
  };
  if (range.from !== undefined && range.to !== undefined && range.from >= range.to) throw new UsageError(`--from "${from}" is not before --to "${to}": exchange them`);
  return range;
}

function resultLines(result: ImportResult, units: Units): string[] {
  const { files, lines, importedSeconds, knownSeconds, measuredSeconds, rxBytes, txBytes, brokenLines } = result;
  const left = [
    ...(knownSeconds === 0 ? [] : [`${durationText(knownSeconds)} taken over before`]),
    ...(measuredSeconds === 0 ? [] : [`${durationText(measuredSeconds)} measured by Tidewatch itself`]),
  ];
  return [
    `${countText(lines)} lines of ${countText(files)} files: ${durationText(importedSeconds)} taken over, ${sizeText(rxBytes, units)} received and ${sizeText(txBytes, units)} sent`,
    ...(left.length === 0 ? [] : [`Left out: ${left.join(', ')}`]),
    ...(brokenLines === 0 ? [] : [`${countText(brokenLines)} lines could not be read:`, ...result.broken.map(({ file, line, text }) => visible(`  ${file}:${line}: ${text}`))]),
  ];
}

const examples = `
Examples:
  tidewatch import bandwhich /var/log/bandwhich/          every log in the folder
  tidewatch import bandwhich today.log --archive ~/logs   and keep a compressed copy of it
  tidewatch import bandwhich logs --from 2026-10 --to 2026-10
  vnstat --json | tidewatch import vnstat -               vnStat's days
  tidewatch import tidewatch laptop.jsonl                 what \`tidewatch export\` wrote elsewhere

Importing twice changes nothing: what was taken over before, or measured by Tidewatch itself, is left out. No service may keep the
history meanwhile: \`tidewatch stop\` ends one.`;

function bandwhichCommand(edges: Edges): Command {
  return new Command('bandwhich')
    .description('take over logs of `bandwhich --raw`')
    .argument('<path...>', 'logs, or folders of them')
    .option('--from <time>', 'only from then on')
    .option('--to <time>', 'only until then')
    .option('--archive <folder>', 'then keep a compressed copy of each log there')
    .option('--json', 'print what became of it as one JSON object')
    .addHelpText('after', examples)
    .action(async (places: string[], _options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const paths = chosenPaths(options, edges.defaultPaths);
      const output = new Output(edges.output, edges.ending);
      const range = rangeOf(options, edges);
      const files = foundFiles(places);
      using bar = new ProgressBar(edges.errors, () => performance.now());
      const result = await importBandwhichInto(paths.historyPath, files, {
        settings: new SettingsFile(paths.settingsPath).read().settings,
        range,
        progress: ({ doneBytes, totalBytes, lines }) => bar.update({ done: doneBytes, total: totalBytes, words: `${countText(lines)} lines` }),
      });
      const kept = options.archive === undefined ? [] : [`Compressed copies of ${await archiveFiles(files, path.resolve(options.archive))} logs are in ${path.resolve(options.archive)}`];
      const { units = chosenUnits(options, edges.defaultPaths) } = canvasOf(edges, chosenUnits(options, edges.defaultPaths));
      output.lines(options.json ? [jsonLine(result)] : [...resultLines(result, units), ...kept.map(visible)]);
      await output.finish();
    });
}

function stretchLines({ imported, known, measured, rxBytes, txBytes }: StretchResult, what: string, units: Units): string[] {
  const left = [...(known === 0 ? [] : [`${countText(known)} taken over before`]), ...(measured === 0 ? [] : [`${countText(measured)} measured by Tidewatch itself`])];
  return [
    `${countText(imported)} ${what} taken over, ${sizeText(rxBytes, units)} received and ${sizeText(txBytes, units)} sent`,
    ...(left.length === 0 ? [] : [`Left out: ${left.join(', ')}`]),
  ];
}

/** What a file holds; `-` is standard input. Throws {@link CommandError} where it cannot be read. */
function textIn(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read ${file} (${error instanceof Error && 'code' in error ? String(error.code) : String(error)}): name a file that is there and yours to read`, { cause: error });
  }
}

interface StretchImport {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  /** What is counted: days, steps. */
  readonly what: string;
  readonly run: (historyPath: string, file: string) => Promise<StretchResult>;
}

function stretchCommand({ name, description, file, what, run }: StretchImport, edges: Edges): Command {
  return new Command(name)
    .description(description)
    .argument('<file>', file)
    .option('--json', 'print what became of it as one JSON object')
    .addHelpText('after', examples)
    .action(async (place: string, _options: unknown, command: Command) => {
      const options = Options.parse(command.optsWithGlobals());
      const output = new Output(edges.output, edges.ending);
      const result = await run(chosenPaths(options, edges.defaultPaths).historyPath, place);
      output.lines(options.json ? [jsonLine(result)] : stretchLines(result, what, chosenUnits(options, edges.defaultPaths)));
      await output.finish();
    });
}

function vnstatCommand(edges: Edges): Command {
  return stretchCommand({
    name: 'vnstat', description: 'take over the whole days of what `vnstat --json` prints', file: 'its output; - for standard input', what: 'days of interfaces',
    run: (historyPath, file) => importVnstat(historyPath, textIn(file)),
  }, edges);
}

function tidewatchCommand(edges: Edges): Command {
  return stretchCommand({
    name: 'tidewatch', description: 'take over what `tidewatch export` wrote, of another machine or an older history', file: 'an export as JSON lines', what: 'steps',
    run: (historyPath, file) => importExport(historyPath, path.resolve(file)),
  }, edges);
}

/** `tidewatch import`. */
export function importCommand(edges: Edges): Command {
  return new Command('import').description('take over what other programs have measured').addHelpText('after', examples).addCommand(bandwhichCommand(edges)).addCommand(vnstatCommand(edges)).addCommand(tidewatchCommand(edges));
}
