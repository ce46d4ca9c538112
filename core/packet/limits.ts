/** Bounds of a name reader's memory. What they refuse costs a name, never anything else. */
export interface NameReaderLimits {
  /** Flows with a reading in progress or a remembered end; the longest known makes room. */
  readonly maximumFlows: number;
  /** Payload kept over all flows, in bytes. */
  readonly maximumHeldBytes: number;
  /** A flow that gave no clue for so long is forgotten, in milliseconds. */
  readonly forgetAfterMilliseconds: number;
  /**
   * QUIC datagrams that are looked into in one second of packet time. Each costs some 40 µs, and anybody can send packets that
   * nobody asked for: this bounds what they cost. A desktop begins a few dozen connections in its busiest second.
   */
  readonly maximumQuicDatagramsPerSecond: number;
  /** HTTP observations that may wait to be taken. */
  readonly maximumHttpSeen: number;
}

/** Ample for a desktop (65 536 live flows); the held bytes are reached only by a flood of unfinished handshakes. */
export const nameReaderLimits: NameReaderLimits = {
  maximumFlows: 65_536,
  maximumHeldBytes: 16 * 1024 * 1024,
  forgetAfterMilliseconds: 120_000,
  maximumQuicDatagramsPerSecond: 4000,
  maximumHttpSeen: 4096,
};

/** For a capture file: it may hold the traffic of a whole network, and nobody waits for its next second. */
export const fileNameReaderLimits: Partial<NameReaderLimits> = {
  maximumFlows: 262_144,
  maximumHeldBytes: 64 * 1024 * 1024,
  maximumQuicDatagramsPerSecond: Number.POSITIVE_INFINITY,
};
