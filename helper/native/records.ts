import type { EpochMs } from '../../protocol/units.ts';
import type { FlowId } from '../../protocol/flow.ts';
import type { FlowEnds } from '../../core/packet/clue.ts';

/** What one flow did since the last drain; `a` is the sender of its first packet. Bytes are IP bytes. */
export interface FlowRecord {
  readonly flow: FlowId;
  readonly ends: FlowEnds;
  readonly bytesAb: number;
  readonly bytesBa: number;
  readonly packetsAb: number;
  readonly packetsBa: number;
  readonly firstSeen: EpochMs;
  readonly lastSeen: EpochMs;
  /** First record of this flow. */
  readonly opened: boolean;
  /** Last record of this flow: ended by TCP, silent for long, or its place was needed. */
  readonly closed: boolean;
  /** Inside a tunnel (files only): gives the name; its bytes are part of an outer flow. */
  readonly inner: boolean;
  /** SYN to SYN-ACK (or SYN-ACK to ACK) in microseconds; 0 where not seen. */
  readonly roundTripMicroseconds: number;
  /** TCP segments whose data had been seen before. */
  readonly retransmits: number;
}
