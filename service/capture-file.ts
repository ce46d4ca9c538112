import type { NameSource } from '../protocol/flow.ts';

/** What to read: a file by its path, or what is piped in. */
export type CaptureFileSource = { readonly path: string } | { readonly stdin: true };

/** How far the reading is; `totalBytes` is null where the size is not known (a pipe, a compressed file). */
export interface ReadProgress {
  readonly readBytes: number;
  readonly totalBytes: number | null;
  readonly packets: number;
}

/** One flow of a capture file, as `tidewatch read --json` prints it. `a` is the sender of its first packet. */
export interface CaptureFileFlow {
  /** Lower-case name of the IP protocol, or its number where it has none. */
  readonly protocol: string;
  readonly a: string;
  readonly aPort: number | null;
  readonly b: string;
  readonly bPort: number | null;
  /** IP bytes: headers included, link layer excluded. */
  readonly bytesAb: number;
  readonly bytesBa: number;
  readonly packetsAb: number;
  readonly packetsBa: number;
  readonly hostname: string | null;
  readonly hostnameSource: NameSource | null;
}

/** What a capture file holds. `flowsInner` is there where some packet has more than one IP layer. */
export interface CaptureFileResult {
  readonly packets: number;
  /** Outermost IP bytes: the sum over `flows`. */
  readonly ipBytes: number;
  readonly linkType: string;
  readonly truncated: boolean;
  readonly malformedPackets: number;
  readonly refusedClues: number;
  readonly evictedFlows: number;
  readonly flows: readonly CaptureFileFlow[];
  readonly flowsInner?: readonly CaptureFileFlow[];
}

/**
 * Reads a pcap or pcapng file (plain, gzip or zstd) in a process of its own and joins its flows with their names.
 * Throws {@link ServiceError}: 'file-unreadable', 'not-a-capture', 'damaged-capture', 'unsupported-capture'.
 */
export async function readCaptureFile(
  _source: CaptureFileSource,
  _onProgress: (progress: ReadProgress) => void,
): Promise<CaptureFileResult> {
  throw new Error('readCaptureFile is not wired yet');
}
