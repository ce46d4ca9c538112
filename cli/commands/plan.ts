import path from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { Plan, PlansResult } from '../../protocol/app.ts';
import { plansFromHistory, SettingsFile, settingNamed } from '../../service/index.ts';
import type { Setting } from '../../service/index.ts';
import { chosenUnits } from '../chosen-units.ts';
import { canvasOf } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { UsageError } from '../failure.ts';
import { chosenPaths, GlobalOptions } from '../global-options.ts';
import { Output } from '../output.ts';
import { NewPlan, planOf } from '../plan/new-plan.ts';
import { plansLines } from '../plan/tables.ts';
import { attach } from '../service-session.ts';
import { jsonLine, visible } from '../terminal.ts';

const Options = GlobalOptions.extend({ json: z.boolean().default(false) });
type Options = z.infer<typeof Options>;

const mostPlans = 32;

/** From the service that keeps this very history; else from the file itself, for the plans that are set. Throws `ServiceError`. */
async function ask(options: Options, edges: Edges): Promise<PlansResult> {
  const { historyPath, socketPath, settingsPath } = chosenPaths(options, edges.defaultPaths);
  const fromFile = (): PlansResult => {
    const set = new SettingsFile(settingsPath).read().settings.plans.list;
    return { plans: set.length === 0 ? [] : [...plansFromHistory(historyPath, set, edges.now())], offered: [] };
  };
  const running = await attach(socketPath);
  if (running === null) return fromFile();
  try {
    const identity = await running.client.query('identify', {});
    const isSameHistory = options.history === undefined || path.resolve(identity.historyPath) === historyPath;
    return isSameHistory ? await running.client.query('plans', {}) : fromFile();
  } finally {
    await running.close();
  }
}

async function list(command: Command, edges: Edges): Promise<void> {
  const options = Options.parse(command.optsWithGlobals());
  const output = new Output(edges.output, edges.ending);
  const plans = await ask(options, edges);
  output.lines(options.json ? [jsonLine(plans)] : plansLines(plans, canvasOf(edges, chosenUnits(options, edges.defaultPaths))));
  await output.finish();
}

function plansSetting(): Setting {
  const setting = settingNamed('plans.list');
  if (setting === null) throw new Error('there is no setting of plans');
  return setting;
}

/** Writes other plans into the file of the settings, and says so. */
async function write(command: Command, edges: Edges, change: (plans: readonly Plan[]) => { readonly plans: readonly Plan[]; readonly words: string }): Promise<void> {
  const options = Options.parse(command.optsWithGlobals());
  const output = new Output(edges.output, edges.ending);
  const file = new SettingsFile(chosenPaths(options, edges.defaultPaths).settingsPath);
  const { plans, words } = change(file.read().settings.plans.list);
  file.set(plansSetting(), plans);
  output.lines([options.json ? jsonLine({ plans }) : `${visible(words)}; a service that runs has it at once`]);
  await output.finish();
}

function added(plans: readonly Plan[], plan: Plan): { readonly plans: readonly Plan[]; readonly words: string } {
  const others = plans.filter(({ name }) => name !== plan.name);
  if (others.length >= mostPlans) throw new UsageError(`there are ${mostPlans} plans already: remove one first`);
  return { plans: [...others, plan], words: others.length === plans.length ? `Added the plan ${plan.name}` : `Changed the plan ${plan.name}` };
}

function removed(plans: readonly Plan[], name: string): { readonly plans: readonly Plan[]; readonly words: string } {
  const others = plans.filter((plan) => plan.name !== name);
  if (others.length === plans.length) throw new UsageError(`there is no plan "${visible(name)}"; \`tidewatch plan\` lists them`);
  return { plans: others, words: `Removed the plan ${name}` };
}

const examples = `
Examples:
  tidewatch plan                                       where each plan stands, and where it leads
  tidewatch plan --json
  tidewatch plan add Home --cap 500GB --monthly 15     from the 15th of each month
  tidewatch plan add Phone --cap 10GB --network "My phone" --tell 50,80,100
  tidewatch plan add Day --cap 50GB --weekly monday --hours 8-24 --direction down
  tidewatch plan add Prepaid --cap 20GB --every "28 from 2026-11-20"
  tidewatch plan remove Home

A plan counts what crossed the edge of this machine to the internet, in both directions, unless told otherwise.
What is left at the end of a cycle does not roll over.`;

const plansJson = 'print one JSON object: {plans}';

/** `tidewatch plan`, and `plan add|remove` below it. */
export function planCommand(edges: Edges): Command {
  const plan = new Command('plan')
    .description('data plans: what is used, what is left, and where it leads')
    .option('--json', 'print one JSON object: {plans:[{plan,from,to,usedBytes,leftBytes,share,dailyBytes,forecast,exceedsAt,notMeasuredSeconds}],offered}')
    .addHelpText('after', examples)
    .action((_options: unknown, command: Command) => list(command, edges));
  plan
    .command('add')
    .description('add a data plan, or change the one of that name')
    .argument('<name>', 'what it is called')
    .requiredOption('--cap <size>', 'how much may be used in a cycle, such as 100GB')
    .option('--monthly <day>', 'begins on this day of each month, or its last (default: 1)')
    .option('--weekly <day>', 'begins on this day of each week')
    .option('--every <cycle>', 'begins every so many days: "28 from 2026-11-20"')
    .option('--network <name>', 'only this network, as `report --by network` names it (default: all)')
    .addOption(new Option('--direction <which>', 'what counts').choices(['both', 'down', 'up']).default('both'))
    .addOption(new Option('--scope <which>', 'whether the local network counts, too').choices(['internet', 'all']).default('internet'))
    .option('--hours <hours>', 'only these hours count, such as 8-24 (default: all day)')
    .option('--tell <percents>', 'tell at these shares of the cap (default: 80,100)')
    .option('--json', plansJson)
    .action((name: string, _options: unknown, command: Command) => {
      const made = planOf(name, NewPlan.parse(command.opts()));
      return write(command, edges, (plans) => added(plans, made));
    });
  plan
    .command('remove')
    .description('remove a data plan; what was used stays in the history')
    .argument('<name>', 'what it is called')
    .option('--json', plansJson)
    .action((name: string, _options: unknown, command: Command) => write(command, edges, (plans) => removed(plans, name)));
  return plan;
}
