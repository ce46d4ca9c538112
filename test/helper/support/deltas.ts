import { flowId } from '../../../protocol/flow.ts';
import type { FlowDelta } from '../../../protocol/flow.ts';
import type { InterfaceInterval } from '../../../protocol/helper.ts';
import { epochMs } from '../../../protocol/units.ts';

/** One flow's delta of a few bytes, without owner, with what a test is about put over it. */
export function delta(flow: number, part: Partial<FlowDelta> = {}): FlowDelta {
  return {
    flow: flowId(flow),
    key: { interface: 'eth0', protocol: 6, localAddress: '192.0.2.2', localPort: 40_000, remoteAddress: '198.51.100.7', remotePort: 443 },
    rxBytes: 10,
    txBytes: 5,
    rxPackets: 2,
    txPackets: 1,
    firstSeen: epochMs(1000),
    lastSeen: epochMs(2000),
    opened: false,
    closed: false,
    owner: { certainty: 'unknown', reason: 'no-socket' },
    ...part,
  };
}

/** One interface's interval of a few packets. */
export function interval(name: string, part: Partial<InterfaceInterval> = {}): InterfaceInterval {
  return {
    name,
    packets: 3,
    bytes: 15,
    droppedPackets: 0,
    malformedPackets: 0,
    otherFrames: 0,
    evictedFlows: 0,
    refusedClues: 0,
    interfaceRxBytes: 100,
    interfaceTxBytes: 50,
    ...part,
  };
}
