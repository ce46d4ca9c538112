import path from 'node:path';
import { chmodSync, chownSync, mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { Report, Snapshot } from '../../../protocol/app.ts';
import type { ReportKey } from '../../../protocol/app.ts';
import type { Namespace, Network } from './namespace.ts';
import { linkName } from './namespace.ts';
import { describeOutcome, projectRoot } from './program.ts';
import type { Outcome, Program, ProgramOptions } from './program.ts';
import { until } from './until.ts';

/** How long Tidewatch may take from its start to its first snapshot, in milliseconds; generous, as the machine is shared. */
const startWithinMs = 20_000;

/** What every line of `live --json` holds, as docs/CLI.md promises it. */
export const LiveLine = Snapshot.pick({
  time: true, intervalSeconds: true, totals: true, apps: true, domains: true, connections: true, otherConnections: true,
  coverage: true, inside: true, troubles: true,
});
export type LiveLine = ReturnType<typeof LiveLine.parse>;

/** A place of its own for one Tidewatch: history, sockets, and the namespace it runs in. */
export interface Installation {
  readonly namespace: Namespace;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly historyPath: string;
  /** Words before the program that bring it to where it is to run, such as nsenter(1) and its options. */
  readonly enter?: readonly string[];
}

/** A fresh, empty installation in the client's namespace. */
export function install(network: Network): Installation {
  const folder = mkdtempSync(`${network.folder}/tidewatch-`);
  const historyPath = `${folder}/history.sqlite`;
  return {
    namespace: network.client,
    folder,
    historyPath,
    environment: {
      TIDEWATCH_HISTORY: historyPath,
      TIDEWATCH_SOCKET: `${folder}/service.sock`,
      TIDEWATCH_HELPER_SOCKET: `${folder}/helper.sock`,
      HOME: folder,
    },
  };
}

/** Starts `tidewatch WORDS` there. */
export function startTidewatch(installation: Installation, words: readonly string[], options: Omit<ProgramOptions, 'environment'> = {}): Program {
  const [command, ...before] = [...(installation.enter ?? []), process.execPath];
  return installation.namespace.start(command ?? process.execPath, [...before, `${projectRoot}bin/tidewatch`, ...words], {
    ...options,
    environment: installation.environment,
  });
}

/** The user and group that own nothing (Debian base-passwd: nobody, nogroup). */
export const nobody = { uid: 65_534, gid: 65_534 } as const;

/** Words before a program that make it nobody's, without any capability. */
export const asNobody = [
  'setpriv', `--reuid=${nobody.uid}`, `--regid=${nobody.gid}`, '--clear-groups', '--inh-caps=-all', '--bounding-set=-all',
] as const;

/** Whether that user may run what is tested: a checkout may lie in a folder that only its owner may enter. */
export function nobodyMayRun(): boolean {
  const above = projectRoot.split('/').slice(1, -1).map((_, index, parts) => `/${parts.slice(0, index + 1).join('/')}`);
  return [...above, path.dirname(process.execPath)].every((folder) => (statSync(folder).mode & 0o005) === 0o005);
}

/** A fresh installation that belongs to nobody, whose Tidewatch runs as that user. */
export function installForNobody(network: Network): Installation {
  const installation = install(network);
  chmodSync(network.folder, 0o711);
  chownSync(installation.folder, nobody.uid, nobody.gid);
  // The tests may have been started in a folder where nobody may not look.
  // A helper is believed only where nobody else can put his own.
  const environment = { ...installation.environment, TIDEWATCH_HELPER_SOCKET: `${network.folder}/helper.sock` };
  return { ...installation, environment, enter: ['env', `--chdir=${installation.folder}`, ...asNobody] };
}

/** Runs `tidewatch WORDS` to its end. */
export async function runTidewatch(installation: Installation, words: readonly string[]): Promise<Outcome> {
  return await startTidewatch(installation, words).ended;
}

/** The report as `tidewatch report --json` prints it. Throws with what it said where it fails. */
export async function reportOf(installation: Installation, by: ReportKey): Promise<Report> {
  const outcome = await runTidewatch(installation, ['report', '--by', by, '--json']);
  if (outcome.code !== 0) throw new Error(`report --by ${by}: ${describeOutcome(outcome)}`);
  return Report.parse(JSON.parse(outcome.stdout));
}

/** `tidewatch live --json`, read line by line as it comes. */
export class LiveRun implements AsyncDisposable {
  readonly installation: Installation;
  readonly program: Program;
  readonly lines: LiveLine[] = [];
  readonly #errors: Error[] = [];

  constructor(installation: Installation, words: readonly string[]) {
    this.installation = installation;
    this.program = startTidewatch(installation, ['live', '--json', ...words], {
      onLine: (line) => this.#take(line),
      processGroup: 'own',
    });
  }

  #take(text: string): void {
    try {
      this.lines.push(LiveLine.parse(JSON.parse(text)));
    } catch (error) {
      this.#errors.push(new Error(`not a line of live --json: ${text.slice(0, 300)}`, { cause: error }));
    }
  }

  /** Waits for the first line after now that `isIt` is true of. */
  async nextLine(what: string, isIt: (line: LiveLine) => boolean, within = startWithinMs): Promise<LiveLine> {
    const before = this.lines.length;
    return await until(what, within, () => {
      const [error] = this.#errors;
      if (error !== undefined) throw error;
      const found = this.lines.slice(before).find(isIt);
      if (found === undefined && !this.program.running) throw new Error(`live ended while waiting for ${what}: ${this.program.stderr}`);
      return found;
    });
  }

  /** Waits until all that crossed the link before now has been told of: a whole interval begun after now has ended. */
  async settled(): Promise<void> {
    const asked = Date.now();
    await this.nextLine('the traffic to settle', (line) => line.time - line.intervalSeconds * 1000 >= asked + 200);
  }

  /** Ends it by a signal to its first process, and throws where it does not end well. */
  async finish(): Promise<Outcome> {
    const outcome = await this.program.stop('SIGINT');
    const [error] = this.#errors;
    if (error !== undefined) throw error;
    if (outcome.code !== 0) throw new Error(`live did not end well: ${describeOutcome(outcome)}`);
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.stop('SIGINT');
  }
}

/** Starts `live --json` on the link and waits until it measures. */
export async function startLive(installation: Installation, words: readonly string[] = ['--interface', linkName]): Promise<LiveRun> {
  const run = new LiveRun(installation, words);
  await run.nextLine('the first snapshot', () => true);
  return run;
}

/** The command line of a process, its words joined by blanks; empty where it has ended or is a kernel's. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
    throw error;
  }
}

/** Pids in the namespace of the processes whose command line contains `part`. */
export function processesWith(namespace: Namespace, part: string): readonly number[] {
  return namespace.processes().filter((pid) => commandLine(pid).includes(part));
}

/** Pid of the helper's own process (not of a launcher before it), or null while there is none. */
export function helperPid(installation: Installation): number | null {
  const candidates = processesWith(installation.namespace, 'helper/main.ts');
  return candidates.find((pid) => /(?:^|\/)node /u.test(commandLine(pid))) ?? null;
}

/** What is left of an installation that has ended: its files beside the history, and its processes. */
export function leftovers(installation: Installation): { readonly files: readonly string[]; readonly processes: readonly string[] } {
  // The history's lock stays beside it: a lock file that is removed can be taken twice.
  const history = ['history.sqlite', 'history.sqlite.lock'];
  return {
    files: readdirSync(installation.folder).filter((name) => !history.includes(name)),
    processes: processesWith(installation.namespace, projectRoot).map(commandLine),
  };
}
