import { linkName } from '../../scenario/harness/namespace.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import { helperPid, install, startLive } from '../../scenario/harness/tidewatch.ts';
import type { LiveRun } from '../../scenario/harness/tidewatch.ts';
import { until } from '../../scenario/harness/until.ts';
import { memoryOf } from '../usage.ts';
import type { Memory } from '../usage.ts';
import type { Contender, RunningContender, Seen } from './contender.ts';

/** Tidewatch under measurement, with the figures that only it has. */
export interface RunningTidewatch extends RunningContender {
  readonly servicePid: number;
  memory(): { readonly helper: Memory; readonly service: Memory };
}

function seenBy(live: LiveRun): Seen {
  const sum = (count: 'capturedPackets' | 'droppedPackets'): number => live.lines.reduce((total, line) => total + line.coverage[count], 0);
  return { packets: sum('capturedPackets'), dropped: sum('droppedPackets') };
}

/** Starts `tidewatch live --json`: helper and service as they always run. */
export async function startMeasured(network: Network): Promise<RunningTidewatch> {
  const installation = install(network);
  const live = await startLive(installation, ['--interface', linkName]);
  const helper = await until('the helper to be found', 5000, () => helperPid(installation));
  const servicePid = live.program.pid;
  return {
    pid: helper,
    servicePid,
    settle: () => live.settled(),
    memory: () => ({ helper: memoryOf(helper), service: memoryOf(servicePid) }),
    async finish() {
      await live.finish();
      return seenBy(live);
    },
  };
}

/** The whole program; its helper is what is measured. */
export const tidewatch: Contender = { name: 'tidewatch helper', pending: null, start: startMeasured };
