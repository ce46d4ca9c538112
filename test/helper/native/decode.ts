/** Runs the file decoder of the compiled addon over bytes made by a test. */
import type { Clue } from '../../../core/packet/clue.ts';
import type { FlowId } from '../../../protocol/flow.ts';
import { loadNative } from '../../../helper/native/index.ts';
import type { FileSummary, FlowRecord } from '../../../helper/native/index.ts';
import { pcapFile } from './capture-files.ts';
import type { Bytes } from './frames.ts';

export type PayloadClue = Extract<Clue, { kind: 'payload' }>;

export interface Decoded extends FileSummary {
  readonly clues: readonly PayloadClue[];
  /** Flows whose beginning was told, in that order. */
  readonly begun: readonly FlowId[];
}

/** A clue whose payload is its own: the decoder may use its buffer again. */
function kept(clue: Clue): PayloadClue[] {
  return clue.kind === 'payload' ? [{ ...clue, payload: Uint8Array.from(clue.payload) }] : [];
}

export function decodePieces(pieces: readonly Bytes[], maximumFlows = 1024): Decoded {
  using decoder = loadNative().createFileDecoder({ maximumFlows, decapsulate: true });
  const begun: FlowId[] = [];
  const clues = pieces.flatMap((piece) => {
    const pushed = decoder.push(piece);
    begun.push(...pushed.flatMap((clue) => (clue.kind === 'opened' ? [clue.flow] : [])));
    return pushed.flatMap(kept);
  });
  return { ...decoder.finish(), clues, begun };
}

export function decodeFrames(frames: readonly Bytes[], linkType = 1): Decoded {
  return decodePieces([pcapFile(frames.map((data, index) => ({ data, time: BigInt(index) * 1_000_000n })), { linkType })]);
}

/** The flow as one line: `udp 1.2.3.4:5 > 6.7.8.9:10 bytes/packets forth, back`, with protocol numbers. */
export function line({ ends, bytesAb, packetsAb, bytesBa, packetsBa, inner }: FlowRecord): string {
  const side = (address: string, port: number | null): string => (port === null ? address : `${address}#${port}`);
  const counts = `${bytesAb}/${packetsAb} ${bytesBa}/${packetsBa}`;
  return `${inner ? 'inner ' : ''}${ends.protocol} ${side(ends.a, ends.aPort)} ${side(ends.b, ends.bPort)} ${counts}`;
}

export function lines(summary: FileSummary): readonly string[] {
  return summary.flows.map(line);
}
