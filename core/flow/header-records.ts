import { flowId } from '../../protocol/flow.ts';
import type { FlowId } from '../../protocol/flow.ts';

/** The headers of one packet, as the capture kept them. */
export interface HeaderRecord {
  readonly flow: FlowId;
  /** Since 1970. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Bytes of the whole frame as it crossed the link. */
  readonly wireLength: number;
  /** Link, network and transport headers, and nothing behind them. A view into what was read. */
  readonly headers: Uint8Array;
}

// Layout: HeaderRing::add in helper/native/header_ring.cc. A record is a multiple of eight bytes long.
const fixedLength = 24;

/** The length of the record at an offset. Throws RangeError where there is none that fits. */
function lengthAt(view: DataView, at: number): number {
  const length = view.getUint16(at + 22, true);
  if (length < fixedLength || at + length > view.byteLength) throw new RangeError(`a record of ${length} bytes at ${at} of ${view.byteLength}`);
  return length;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads records one by one. Throws RangeError where they are damaged, which is known only when one gets there. */
export function* readHeaderRecords(bytes: Uint8Array): Generator<HeaderRecord, void, void> {
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(view, at);
    const kept = view.getUint16(at + 20, true);
    if (kept > length - fixedLength) throw new RangeError(`${kept} bytes of headers in a record of ${length}`);
    yield {
      flow: flowId(view.getFloat64(at, true)),
      seconds: view.getUint32(at + 8, true),
      nanoseconds: view.getUint32(at + 12, true),
      wireLength: view.getUint32(at + 16, true),
      headers: bytes.subarray(at + fixedLength, at + fixedLength + kept),
    };
    at += length;
  }
}

/** Cuts records into pieces of at most so many bytes, each of whole records; a longer record is a piece of its own. Throws RangeError where they are damaged. */
export function* headerRecordPieces(bytes: Uint8Array, maximumBytes: number): Generator<Uint8Array, void, void> {
  const view = viewOf(bytes);
  let start = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(view, at);
    if (at > start && at + length - start > maximumBytes) {
      yield bytes.subarray(start, at);
      start = at;
    }
    at += length;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}
