import { createInterface } from 'node:readline/promises';
import path from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import type { Forgettable } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import { openToForget } from '../../service/index.ts';
import type { Edges } from '../edges.ts';
import { CommandError, UsageError } from '../failure.ts';
import { chosenUnits } from '../chosen-units.ts';
import { chosenPaths, GlobalOptions } from '../global-options.ts';
import { Output } from '../output.ts';
import { attach } from '../service-session.ts';
import { stretchOf } from '../stretch.ts';
import { visible } from '../terminal.ts';
import { dateTimeText, whenExamples } from '../time.ts';
import { countedText, sizeText } from '../units.ts';

const Options = GlobalOptions.extend({
  app: z.string().min(1).max(4200).optional(),
  domain: z.string().min(1).max(254).optional(),
  host: z.string().min(1).max(254).optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  yes: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

/** Host names as the history has them: lower case, no trailing dot. */
function hostName(text: string): string {
  return text.toLowerCase().replace(/\.$/u, '');
}

function rangeOf({ from, to }: Options, edges: Edges): Forgettable {
  const start = from === undefined ? epochMs(0) : stretchOf('--from', from, edges).from;
  const end = to === undefined ? edges.now() : stretchOf('--to', to, edges).to;
  if (start >= end) throw new UsageError('--from is not before --to, or is in the future: give an earlier --from or a later --to');
  return { kind: 'range', from: start, to: end };
}

/** The one thing that is to be forgotten. Throws {@link UsageError} for none and for several. */
function chosenOf(options: Options, edges: Edges): Forgettable {
  const { app, domain, host, from, to } = options;
  const chosen: Forgettable[] = [
    ...(app === undefined ? [] : [{ kind: 'app', app } as const]),
    ...(domain === undefined ? [] : [{ kind: 'domain', domain: hostName(domain) } as const]),
    ...(host === undefined ? [] : [{ kind: 'host', host: hostName(host) } as const]),
    ...(from === undefined && to === undefined ? [] : [rangeOf(options, edges)]),
  ];
  const [one] = chosen;
  if (one !== undefined && chosen.length === 1) return one;
  throw new UsageError('say one thing to forget: --app, --domain, --host, or a time with --from and --to');
}

function words(what: Forgettable): string {
  switch (what.kind) {
    case 'app':
      return `the app ${visible(what.app)}`;
    case 'domain':
      return `the domain ${visible(what.domain)}`;
    case 'host':
      return `the host ${visible(what.host)}`;
    case 'range':
      return `all from ${what.from === 0 ? 'the beginning' : dateTimeText(what.from)} to ${dateTimeText(what.to)}`;
  }
}

/** Whoever keeps the history: the service, or nobody and then this process for a moment. */
interface Keeper {
  preview(what: Forgettable): Promise<{ readonly rows: number }>;
  forget(what: Forgettable): Promise<{ readonly rows: number; readonly freedBytes: number }>;
  close(): Promise<void>;
}

/** The service, if it keeps this very history; else the file. Throws `ServiceError`. */
async function keeperOf(options: Options, edges: Edges): Promise<Keeper> {
  const { historyPath, socketPath } = chosenPaths(options, edges.defaultPaths);
  const running = await attach(socketPath);
  if (running !== null) {
    const identity = await running.client.query('identify', {});
    if (options.history === undefined || path.resolve(identity.historyPath) === historyPath) {
      return {
        preview: (what) => running.client.query('forgetPreview', what),
        forget: (what) => running.client.command('forget', what),
        close: () => running.close(),
      };
    }
    await running.close();
  }
  const file = openToForget(historyPath);
  return {
    preview: (what) => file.preview(what),
    forget: (what) => file.forget(what),
    close: async () => file[Symbol.dispose](),
  };
}

/** Asks a person. Throws {@link UsageError} where there is none to ask, {@link CommandError} where the answer is no. */
async function confirm(question: string, edges: Edges): Promise<void> {
  if (!edges.input.isTTY || !edges.output.isTTY) throw new UsageError('there is no terminal to ask on: say --yes to forget without a question');
  const terminal = createInterface({ input: edges.input, output: edges.output });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: edges.ending.signal });
    if (/^y(es)?$/iu.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw new CommandError('nothing was forgotten; answer y, or say --yes, to forget');
}

async function forget(options: Options, edges: Edges): Promise<void> {
  const what = chosenOf(options, edges);
  const output = new Output(edges.output, edges.ending);
  const keeper = await keeperOf(options, edges);
  try {
    if (!options.yes) {
      const { rows } = await keeper.preview(what);
      await confirm(`Forget ${words(what)}: ${countedText(rows, 'row')} of the history, for good?`, edges);
    }
    const { rows, freedBytes } = await keeper.forget(what);
    const hint = rows === 0 && what.kind !== 'range' ? ' (`tidewatch report` lists what there is, as it is to be written)' : '';
    output.lines([`Forgot ${words(what)}: ${countedText(rows, 'row')}, ${sizeText(freedBytes, chosenUnits(options, edges.defaultPaths))} freed${hint}`]);
  } finally {
    await keeper.close();
  }
  await output.finish();
}

const examples = `
What is forgotten leaves every tier of the history, the names that are remembered, and the file itself. It cannot be
brought back. What is used from now on is kept again; \`tidewatch private\` keeps it out.

Times: ${whenExamples}; --from takes the beginning of what is named and --to its end.

Examples:
  tidewatch forget --domain example.org
  tidewatch forget --app /usr/bin/curl --yes
  tidewatch forget --from "2 hours ago"
  tidewatch forget --from yesterday --to yesterday`;

/** `tidewatch forget`. */
export function forgetCommand(edges: Edges): Command {
  return new Command('forget')
    .description('take an app, a domain, a host or a time out of the history, for good')
    .option('--app <id>', 'an app, as `tidewatch report --json` has its key')
    .option('--domain <name>', 'a domain with all of its hosts, as `tidewatch report --by domain` has it')
    .option('--host <name>', 'a host, by its name or its address')
    .option('--from <time>', 'beginning of a time, inclusive (default: all that is kept)')
    .option('--to <time>', 'its end: a day or week is included whole (default: now)')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples)
    .action(async (_options: unknown, command: Command) => forget(Options.parse(command.optsWithGlobals()), edges));
}
