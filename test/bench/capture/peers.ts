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

/** nethogs counting UDP too. It does not tell how many packets it lost: those that reached the link stand for those it saw. */
export const nethogs: Contender = {
  name: 'nethogs -C -t',
  pending: missingPrograms(['nethogs']),
  async start(network: Network): Promise<RunningContender> {
    const program = network.client.start('nethogs', ['-C', '-t', '-d', '1', linkName]);
    await until('nethogs to refresh', 10_000, () => program.stdout.includes('Refreshing'));
    return {
      pid: program.pid,
      settle: emptied,
      async finish() {
        await program.stop('SIGTERM');
        return { packets: null, dropped: null };
      },
    };
  },
};
