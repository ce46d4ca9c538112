/** Bounds of a name reader's memory. What they refuse costs a name, never anything else. */
export interface NameReaderLimits {
  /** Flows with a reading in progress or a remembered end; the longest known makes room. */
  readonly maximumFlows: number;
  /** Payload kept over all flows, in bytes. */
  readonly maximumHeldBytes: number;
  /** A flow that gave no clue for so long is forgotten, in milliseconds. */
  readonly forgetAfterMilliseconds: number;
  /** HTTP observations that may wait to be taken. */
  readonly maximumHttpSeen: number;
}

/** Ample for a desktop (65 536 live flows); the held bytes are reached only by a flood of unfinished handshakes. */
export const nameReaderLimits: NameReaderLimits = {
  maximumFlows: 65_536,
  maximumHeldBytes: 16 * 1024 * 1024,
  forgetAfterMilliseconds: 120_000,
  maximumHttpSeen: 4096,
};
