import { clientAddresses, createNetwork, peerAddresses } from './namespace.ts';
import type { Network } from './namespace.ts';
import { startCounters } from './counters.ts';
import type { Counted, Counters } from './counters.ts';
import { names, startDnsmasq } from './dnsmasq.ts';
import type { domains } from './dnsmasq.ts';
import { startNginx } from './nginx.ts';
import type { WebServer } from './nginx.ts';
import { assertConserved, sumLines } from './sums.ts';
import type { LiveSums } from './sums.ts';
import { install, startLive } from './tidewatch.ts';
import type { Installation, LiveLine } from './tidewatch.ts';
import { describeOutcome } from './program.ts';
import { until } from './until.ts';

/** What the independent counters tell apart: the two apps by the client's address, the domains by the server's. */
export type Counter = 'all' | 'one' | 'two' | 'resolver' | keyof typeof domains;

/** Two namespaces with every server running and the counters counting. */
export interface Laboratory extends Disposable {
  readonly network: Network;
  readonly webServer: WebServer;
  readonly counters: Counters<Counter>;
}

/** Questions to the resolver leave from the first address, whoever asks. */
const apps = { exceptPeerAddresses: [peerAddresses.resolver] } as const;

export async function openLaboratory(): Promise<Laboratory> {
  const network = createNetwork();
  try {
    const webServer = await startNginx(network, Object.values(names));
    await startDnsmasq(network);
    const iperf = network.peer.start('iperf3', ['--server', '--forceflush']);
    await until('iperf3 to listen', 5000, () => iperf.stdout.includes('listening'));
    const counters = startCounters<Counter>(network.peer, {
      all: {},
      one: { clientAddresses: [clientAddresses.one, clientAddresses.six], ...apps },
      two: { clientAddresses: [clientAddresses.two], ...apps },
      resolver: { peerAddresses: [peerAddresses.resolver] },
      com: { peerAddresses: [peerAddresses.com, peerAddresses.comSix] },
      net: { peerAddresses: [peerAddresses.net, peerAddresses.netSix] },
      org: { peerAddresses: [peerAddresses.org, peerAddresses.orgSix] },
    });
    return { network, webServer, counters, [Symbol.dispose]: () => network[Symbol.dispose]() };
  } catch (error) {
    network[Symbol.dispose]();
    throw error;
  }
}

/** One measured stretch: what Tidewatch said beside what the peer counted. */
export interface Measured {
  readonly installation: Installation;
  /** Of the stretch that was counted. */
  readonly sums: LiveSums;
  /** Of everything that `live` printed, for the comparison with the history. */
  readonly allSums: LiveSums;
  readonly lines: readonly LiveLine[];
  readonly truth: Readonly<Record<Counter, Counted>>;
}

/** Runs `traffic` under a fresh Tidewatch, ends it, and checks that each second's sums agree. */
export async function measure(laboratory: Laboratory, traffic: () => Promise<void>): Promise<Measured> {
  const installation = install(laboratory.network);
  await using live = await startLive(installation);
  laboratory.counters.reset();
  const before = live.lines.length;
  await traffic();
  await live.settled();
  const truth = laboratory.counters.read();
  const after = live.lines.length;
  await live.finish();
  assertConserved(live.lines);
  const lines = live.lines.slice(before, after);
  return { installation, sums: sumLines(lines), allSums: sumLines(live.lines), lines, truth };
}

/** Runs a client in the client's namespace; throws where it fails. */
export async function runClient(laboratory: Laboratory, command: string, words: readonly string[]): Promise<void> {
  const outcome = await laboratory.network.client.run(command, words);
  if (outcome.code !== 0) throw new Error(`${command} ${words.join(' ')}: ${describeOutcome(outcome)}`);
}

/** Runs curl quietly, trusting the laboratory's certificate. */
export async function curl(laboratory: Laboratory, words: readonly string[]): Promise<void> {
  const quiet = ['--silent', '--show-error', '--fail', '--cacert', laboratory.webServer.certificatePath, '--output', '/dev/null'];
  await runClient(laboratory, 'curl', [...quiet, ...words]);
}
