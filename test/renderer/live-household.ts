import { FlowId, ProcessKey } from '../../protocol/flow.ts';
import type { FlowDelta, NameSeen } from '../../protocol/flow.ts';
import type { HelperMessage } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';
import { randomFrom } from '../bench/history/generate.ts';
import { processOf, tickOf } from '../service/measurements.ts';
import { habits } from './household.ts';

/** One flow of the household, as the helper tells it. */
interface LiveFlow {
  readonly flow: number;
  readonly process: string;
  readonly executable: string;
  readonly host: string;
  readonly down: number;
  readonly up: number;
}

const basic: readonly LiveFlow[] = habits
  .filter(({ executable }) => executable.startsWith('/'))
  .flatMap(({ executable, hosts, down, up }, app) =>
    hosts.slice(0, 4).map((host, index): LiveFlow => ({ flow: 100 + app * 10 + index, process: `${1000 + app}@${app + 1}`, executable, host, down: down / 1500 / (index + 1), up: up / 1500 / (index + 1) })),
  );

/** What the household does now, second by second: the same numbers whenever it is played. */
export class LiveHousehold {
  readonly #random = randomFrom(11);
  #told = false;
  #seconds = 0;

  /** What the helper says of the second that ends at `time`. */
  second(time: number): readonly HelperMessage[] {
    const first = !this.#told;
    this.#told = true;
    this.#seconds += 1;
    const beat = this.#seconds;
    const flows = basic.flatMap((flow, index): FlowDelta[] => {
      const wave = Math.max(0, Math.sin(beat / (7 + (index % 11)) + index) + 0.3 * this.#random());
      if (wave === 0 || this.#random() < 0.25) return [];
      return [deltaOf(flow, { time, share: wave * (0.4 + this.#random()), opened: first || this.#random() < 0.02 })];
    });
    const opening: readonly HelperMessage[] = first ? [processes(), { kind: 'names', names: basic.map((flow) => nameOf(flow, time)) }] : [];
    return [...opening, { kind: 'flows', flows }, tickOf(time, flows)];
  }
}

function processes(): HelperMessage {
  const executables = new Map(basic.map(({ process, executable }) => [process, executable]));
  return { kind: 'processes', processes: [...executables].map(([key, executable]) => processOf(ProcessKey.parse(key), executable)) };
}

function nameOf({ flow, host }: LiveFlow, time: number): NameSeen {
  return { kind: 'flow', flow: FlowId.parse(flow), source: flow % 2 === 0 ? 'tls-sni' : 'quic-sni', name: host, time: epochMs(time), encryptedClientHello: false };
}

function deltaOf(flow: LiveFlow, now: { readonly time: number; readonly share: number; readonly opened: boolean }): FlowDelta {
  const isLocal = flow.host.endsWith('.local') || flow.host.startsWith('192.168.');
  const rxBytes = Math.round(flow.down * now.share);
  const txBytes = Math.round(flow.up * now.share);
  return {
    flow: FlowId.parse(flow.flow),
    key: {
      interface: 'wlan0',
      protocol: flow.flow % 2 === 0 ? 6 : 17,
      localAddress: '192.168.1.5',
      localPort: 40_000 + flow.flow,
      remoteAddress: isLocal ? '192.168.1.20' : `198.51.100.${flow.flow % 250}`,
      remotePort: 443,
    },
    rxBytes,
    txBytes,
    rxPackets: Math.ceil(rxBytes / 1200),
    txPackets: Math.ceil(txBytes / 600),
    firstSeen: epochMs(now.time - 900),
    lastSeen: epochMs(now.time - 1),
    opened: now.opened,
    closed: false,
    roundTripMicroseconds: 8000 + (flow.flow % 40) * 900,
    owner: flow.flow % 13 === 0 ? { certainty: 'unknown', reason: 'process-ended' } : { certainty: 'exact', process: ProcessKey.parse(flow.process) },
  };
}
