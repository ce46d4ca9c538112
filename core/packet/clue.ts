import type { EpochMs } from '../../protocol/units.ts';
import type { FlowId } from '../../protocol/flow.ts';

/** The two ends of a flow as its first packet met them: `a` sent it. Addresses are canonical text. */
export interface FlowEnds {
  /** IP protocol number. */
  readonly protocol: number;
  readonly a: string;
  readonly aPort: number | null;
  readonly b: string;
  readonly bPort: number | null;
}

/**
 * What the capture hands on at once: that a flow began, or the payload of one packet that may hold a name.
 * Payload never leaves the process that reads it.
 */
export type Clue =
  | { readonly kind: 'opened'; readonly flow: FlowId; readonly time: EpochMs; readonly ends: FlowEnds }
  | {
      readonly kind: 'payload';
      readonly flow: FlowId;
      readonly time: EpochMs;
      readonly ends: FlowEnds;
      /** Who sent this packet. */
      readonly direction: 'ab' | 'ba';
      /** TCP sequence number of the first payload byte (0 to 2^32 - 1; SYN already counted); 0 for other protocols. */
      readonly sequence: number;
      /** True where the segment carried SYN: its payload is the first of the stream (TCP Fast Open). */
      readonly syn: boolean;
      /** IPv4 TTL or IPv6 hop limit: mDNS is believed only at 255 (RFC 6762 11). */
      readonly hopLimit: number;
      /** Bytes of payload on the wire; more than `payload.length` where the capture cut the packet. */
      readonly wireLength: number;
      /** A view into a buffer that the caller may use again after the call: copy what is to be kept. */
      readonly payload: Uint8Array;
    };
