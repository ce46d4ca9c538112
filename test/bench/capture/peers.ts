import { setTimeout as delay } from 'node:timers/promises';
import { linkName } from '../../scenario/harness/namespace.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import { missingPrograms } from '../../scenario/harness/requirements.ts';
import { until } from '../../scenario/harness/until.ts';
import type { Contender, RunningContender } from './contender.ts';

/** Peers that print nothing we could wait for get a second and a half to empty their buffers. */
const emptyingMs = 1500;

async function emptied(): Promise<void> {
  await delay(emptyingMs);
}

/** tcpdump that throws every packet away: about the least that libpcap itself costs. */
export const tcpdump: Contender = {
  name: 'tcpdump -w /dev/null',
  pending: missingPrograms(['tcpdump']),
  async start(network: Network): Promise<RunningContender> {
    const program = network.client.start('tcpdump', ['--interface', linkName, '-n', '-w', '/dev/null']);
    await until('tcpdump to listen', 5000, () => program.stderr.includes('listening on'));
    return {
      pid: program.pid,
      settle: emptied,
      async finish() {
        const { stderr } = await program.stop('SIGINT');
        const count = (what: string): number | null => {
          const found = new RegExp(`(\\d+) packets? ${what}`, 'u').exec(stderr)?.[1];
          return found === undefined ? null : Number(found);
        };
        return { packets: count('captured'), dropped: count('dropped by kernel') };
      },
    };
  },
};

/** Bytes of a flood's frame, as nethogs counts them. */
const frameBytes = 60;

/** Packets that nethogs' last refresh tells of: the sum of its rows' received bytes, all of them of the flood. */
function packetsOf(trace: string): number {
  const last = trace.slice(trace.lastIndexOf('Refreshing'));
  const received = last.split('\n').map((line) => Number(line.split('\t')[2] ?? 0));
  return Math.round(received.reduce((sum, bytes) => sum + bytes, 0) / frameBytes);
}

/** nethogs counting UDP too, with total bytes as its unit. */
export const nethogs: Contender = {
  name: 'nethogs -C -t',
  pending: missingPrograms(['nethogs']),
  async start(network: Network): Promise<RunningContender> {
    const program = network.client.start('nethogs', ['-C', '-t', '-v', '2', '-d', '1', linkName]);
    await until('nethogs to refresh', 10_000, () => program.stdout.includes('Refreshing'));
    return {
      pid: program.pid,
      settle: emptied,
      async finish() {
        const { stdout } = await program.stop('SIGTERM');
        return { packets: packetsOf(stdout), dropped: null };
      },
    };
  },
};
