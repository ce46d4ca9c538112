import { FlowId, ProcessKey } from '../../protocol/flow.ts';
import type { FlowDelta, NameSeen, OwnerReference, ProcessDescription } from '../../protocol/flow.ts';
import type { HelperMessage, InterfaceInterval, InterfaceStatus } from '../../protocol/helper.ts';
import { epochMs } from '../../protocol/units.ts';

/** Building blocks of what a helper says: an ordinary machine with one interface, of which a test names what matters. */

export const curl = ProcessKey.parse('100@1');
export const backup = ProcessKey.parse('200@2');

export function processOf(key: ProcessKey, executable: string | null, commandLine: readonly string[] = []): ProcessDescription {
  const pid = Number(key.split('@')[0]);
  return {
    key,
    pid,
    parentPid: 1,
    uid: 1000,
    executable,
    executableDeleted: false,
    commandLine: [...commandLine],
    controlGroup: null,
  };
}

export function exactly(process: ProcessKey): OwnerReference {
  return { certainty: 'exact', process };
}

export interface FlowSketch {
  readonly flow: number;
  readonly rx: number;
  readonly tx: number;
  readonly at: number;
  readonly owner?: OwnerReference;
  readonly remote?: string;
  readonly interface?: string;
  readonly closed?: true;
  readonly opened?: true;
}

export function deltaOf(sketch: FlowSketch): FlowDelta {
  return {
    flow: FlowId.parse(sketch.flow),
    key: {
      interface: sketch.interface ?? 'eth0',
      protocol: 6,
      localAddress: '192.0.2.1',
      localPort: 40_000,
      remoteAddress: sketch.remote ?? '203.0.113.7',
      remotePort: 443,
    },
    rxBytes: sketch.rx,
    txBytes: sketch.tx,
    rxPackets: 1,
    txPackets: 1,
    firstSeen: epochMs(sketch.at),
    lastSeen: epochMs(sketch.at),
    opened: sketch.opened ?? false,
    closed: sketch.closed ?? false,
    owner: sketch.owner ?? { certainty: 'unknown', reason: 'no-socket' },
  };
}

export function statusOf(name: string, kind: InterfaceStatus['kind']): InterfaceStatus {
  return { name, kind, state: 'capturing', edge: kind === 'physical', addresses: ['192.0.2.1'] };
}

function intervalOf(name: string, flows: readonly FlowDelta[]): InterfaceInterval {
  const bytes = flows
    .filter((flow) => flow.key.interface === name)
    .reduce((sum, flow) => sum + flow.rxBytes + flow.txBytes, 0);
  return {
    name,
    packets: 2 * flows.length,
    bytes,
    droppedPackets: 0,
    malformedPackets: 0,
    otherFrames: 0,
    evictedFlows: 0,
    refusedClues: 0,
    interfaceRxBytes: bytes,
    interfaceTxBytes: 0,
  };
}

export function tickOf(time: number, flows: readonly FlowDelta[], intervalSeconds = 1): Extract<HelperMessage, { kind: 'tick' }> {
  const names = new Set(flows.map((flow) => flow.key.interface));
  return {
    kind: 'tick',
    time: epochMs(time),
    intervalSeconds,
    interfaces: [...names].map((name) => intervalOf(name, flows)),
    foldedFlows: 0,
    paused: false,
  };
}

/** A second in which these flows moved, as the helper tells it: the flows, then the tick that closes the interval. */
export function second(time: number, sketches: readonly Omit<FlowSketch, 'at'>[]): readonly HelperMessage[] {
  const flows = sketches.map((sketch) => deltaOf({ ...sketch, at: time - 1 }));
  return [{ kind: 'flows', flows }, tickOf(time, flows)];
}

export function serverName(flow: number, name: string, time: number): NameSeen {
  return { kind: 'flow', flow: FlowId.parse(flow), source: 'tls-sni', name, time: epochMs(time), encryptedClientHello: false };
}
