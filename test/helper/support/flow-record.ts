import { flowId } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';
import type { FlowRecord } from '../../../helper/native/index.ts';

/** A flow that this machine (192.0.2.2) began, with what a test is about put over it. */
export function flowRecord(flow: number, part: Partial<FlowRecord> = {}): FlowRecord {
  return {
    flow: flowId(flow),
    ends: { protocol: 6, a: '192.0.2.2', aPort: 40_000, b: '198.51.100.7', bPort: 443 },
    bytesAb: 100,
    bytesBa: 3000,
    packetsAb: 2,
    packetsBa: 3,
    firstSeen: epochMs(1000),
    lastSeen: epochMs(2000),
    opened: true,
    closed: false,
    inner: false,
    tunnel: false,
    folded: false,
    roundTripMicroseconds: 0,
    retransmits: 0,
    ...part,
  };
}
