import { peerAddresses } from '../../scenario/harness/namespace.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import { describeOutcome } from '../../scenario/harness/program.ts';
import { until } from '../../scenario/harness/until.ts';

/** Starts an iperf3 server in the peer and waits until it listens. */
export async function startIperfServer(network: Network): Promise<void> {
  const server = network.peer.start('iperf3', ['--server', '--forceflush']);
  await until('iperf3 to listen', 5000, () => server.stdout.includes('listening'));
}

/** Runs iperf3 as fast as it goes: UDP datagrams of 18 bytes (frames of 64 bytes), or TCP. */
export async function runIperf(network: Network, kind: 'small UDP' | 'TCP', seconds: number): Promise<void> {
  const protocol = kind === 'TCP' ? [] : ['--udp', '--length', '18', '--bitrate', '0'];
  const outcome = await network.client.run('iperf3', ['--client', peerAddresses.com, '--time', String(seconds), ...protocol]);
  if (outcome.code !== 0) throw new Error(`iperf3 failed: ${describeOutcome(outcome)}`);
}
