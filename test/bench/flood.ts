import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import { clientAddresses, linkName, peerAddresses } from '../scenario/harness/namespace.ts';
import type { Namespace, Network } from '../scenario/harness/namespace.ts';
import { describeOutcome, projectRoot } from '../scenario/harness/program.ts';
import { until } from '../scenario/harness/until.ts';

const port = '9000';

/** Most flows of one flood: each has a socket that waits for it. */
export const maximumFlows = 10_000;

/** How hard, how varied and how long: packets a second (0: as many as go), source ports in turn, seconds. */
export interface FloodPlan {
  readonly rate: number;
  readonly flows: number;
  readonly seconds: number;
}

/** What crossed the link: packets that reached the client's interface, and how many that was in a second. */
export interface FloodOutcome {
  readonly packets: number;
  readonly packetsPerSecond: number;
}

export interface Flood {
  run(plan: FloodPlan): Promise<FloodOutcome>;
}

const LinkStatistics = z.array(z.object({ address: z.string(), stats64: z.object({ rx: z.object({ packets: z.number() }) }) })).length(1);

function linkStatistics(namespace: Namespace): { readonly address: string; readonly packets: number } {
  const { stdout } = spawnSync('ip', ['-netns', namespace.name, '-json', '-statistics', 'link', 'show', 'dev', linkName], { encoding: 'utf8' });
  const [link] = LinkStatistics.parse(JSON.parse(stdout));
  return { address: link?.address ?? '', packets: link?.stats64.rx.packets ?? 0 };
}

/** Packets that the client's interface has received since it was made. */
export function receivedPackets(network: Network): number {
  return linkStatistics(network.client).packets;
}

/**
 * Drops the flood in the client's namespace behind the point where captures take their copy (netdev ingress, nft(8)) and
 * before the kernel looks for its socket: what is measured is the capture, not ten thousand sockets of one port.
 */
function dropBehindTheTap(namespace: Namespace): void {
  const rules = `table netdev flood { chain taken { type filter hook ingress device "${linkName}" priority 0; udp dport ${port} drop; }; }`;
  const { status, stderr } = spawnSync('ip', ['netns', 'exec', namespace.name, 'nft', rules], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`nft: ${stderr}`);
}

/** Builds the generator into the network's folder and opens the sockets it sends to. */
export async function prepareFlood(network: Network): Promise<Flood> {
  const built = spawnSync('make', ['--silent', '--directory', `${projectRoot}test/bench/flood`, `OUT=${network.folder}`], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the generator could not be built: ${built.stderr}`);
  const program = `${network.folder}/flood`;
  const sink = network.client.start(program, ['sink', clientAddresses.one, port, peerAddresses.com, String(maximumFlows)]);
  await until('the sink to open', 10_000, () => sink.stdout.includes('open'));
  dropBehindTheTap(network.client);
  const { address } = linkStatistics(network.client);
  return {
    run: async ({ rate, flows, seconds }) => {
      const before = receivedPackets(network);
      const outcome = await network.peer.run(program, [
        'send', linkName, address, peerAddresses.com, clientAddresses.one, port, String(rate), String(flows), String(seconds),
      ]);
      if (outcome.code !== 0) throw new Error(`the generator failed: ${describeOutcome(outcome)}`);
      const packets = receivedPackets(network) - before;
      return { packets, packetsPerSecond: packets / seconds };
    },
  };
}
