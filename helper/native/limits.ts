/**
 * Bounds that the helper chooses for the addon. The decoder's own stand in `limits.hh`. Each says why it is that large.
 */

/** Bytes kept of each live packet: the largest headers, and a ClientHello with post-quantum keys in one GRO segment. */
export const defaultSnapLength = 2048;

/** Ring of one interface: at 400 000 packets/s of 64 bytes it bridges half a second in which the thread does not run. */
export const defaultRingBytes = 32 * 1024 * 1024;

/** Flows of one interface at one time: a busy NAT gateway's worth; some 12 MB when full. */
export const defaultMaximumFlows = 65_536;

/** Flows of one capture file: beyond, the longest silent are handed over early and may come twice. */
export const defaultMaximumFileFlows = 1_048_576;

/** Clues that wait for JavaScript: 2048 packets of full length, taken at most 20 times a second. */
export const defaultClueQueueBytes = 4 * 1024 * 1024;

/** Ends kept as text between two drains, so that a flow's addresses are written out once; all are dropped when full. */
export const maximumCachedEnds = 131_072;
