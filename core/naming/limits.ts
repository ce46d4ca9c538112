/** Bounds of what is remembered of names, and for how long. */
export interface NamingLimits {
  /** Flows whose name is remembered; the longest known makes room. */
  readonly maximumFlows: number;
  /** Addresses with names from DNS; the one that was heard of longest ago makes room. */
  readonly maximumAddresses: number;
  /** Names of one address. Shared addresses of a CDN have dozens; more say nothing about a connection. */
  readonly maximumNamesPerAddress: number;
  /** Addresses with names that hosts of the LAN claim: apart, so that they displace nothing else. */
  readonly maximumLanAddresses: number;
  /** Addresses with names from reverse DNS. */
  readonly maximumReverseAddresses: number;
  /** Flows of one address that are told of a late answer. */
  readonly maximumWaitingPerAddress: number;
  /** Entries given out for storing, the newest. */
  readonly maximumStored: number;
  /** An answer is "of this connection" when it came at most so long before it, in milliseconds. */
  readonly freshMilliseconds: number;
  /**
   * An answer that is seen so little after the first packet counts as seen before it: the resolver told the app first,
   * or the two were captured on different interfaces. In milliseconds.
   */
  readonly skewMilliseconds: number;
  /**
   * An answer that first comes so long after the first packet is weak evidence: the connection did not come from it, but
   * the address has the name. In milliseconds.
   */
  readonly lateMilliseconds: number;
  /** Names of addresses are kept at least so long, whatever their time to live: apps keep addresses longer than they should. */
  readonly keepAtLeastMilliseconds: number;
  /** And at most so long. */
  readonly keepAtMostMilliseconds: number;
}

const hour = 3_600_000;

export const namingLimits: NamingLimits = {
  maximumFlows: 131_072,
  maximumAddresses: 32_768,
  maximumNamesPerAddress: 16,
  maximumLanAddresses: 2048,
  maximumReverseAddresses: 8192,
  maximumWaitingPerAddress: 256,
  maximumStored: 16_384,
  freshMilliseconds: 10_000,
  skewMilliseconds: 250,
  lateMilliseconds: 10_000,
  keepAtLeastMilliseconds: 6 * hour,
  keepAtMostMilliseconds: 48 * hour,
};

/**
 * For a capture file, which is named as a whole. The order of its packets is what it was, so an answer names only
 * connections that began after it; and nobody knows which hosts were its LAN, so what they claim names nothing.
 */
export const fileNamingLimits: Partial<NamingLimits> = {
  maximumFlows: 1_048_576,
  maximumAddresses: 262_144,
  maximumLanAddresses: 0,
  skewMilliseconds: 0,
  lateMilliseconds: 0,
};
