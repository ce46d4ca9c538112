import { copied } from './bytes.ts';

/** One direction of a TCP connection, put back in order by sequence number (RFC 9293 3.4: arithmetic modulo 2^32). */

/** Bytes that may wait for a missing segment in one direction. */
export const maximumWaitingBytes = 65_536;

/** Segments that may wait: one-byte segments must not cost more than their bytes. */
export const maximumWaitingSegments = 128;

interface WaitingSegment {
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** How far `sequence` lies behind `from`: negative where it lies before it. */
export function sequenceDistance(sequence: number, from: number): number {
  return (sequence - from) | 0;
}

/**
 * Puts segments in order. Where segments overlap and disagree, the bytes that came first stay. What does not fit the
 * bounds is dropped, as if the network had lost it.
 */
export class ByteStream {
  #next: number | null = null;
  #waiting: WaitingSegment[] = [];
  #waitingBytes = 0;

  /** Sequence number of the next byte in order; null before the first segment. */
  get next(): number | null {
    return this.#next;
  }

  /** Whether something came that cannot be used before what is missing. */
  get hasGap(): boolean {
    return this.#waiting.length > 0;
  }

  get waitingSegments(): number {
    return this.#waiting.length;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /**
   * Takes one segment and returns what is now in order, as pieces. A piece may be a view into `payload`: copy what is to
   * be kept. The first segment that is pushed is where the stream begins.
   */
  push(sequence: number, payload: Uint8Array): readonly Uint8Array[] {
    this.#next ??= sequence;
    const distance = sequenceDistance(sequence, this.#next);
    if (distance > 0) {
      this.#hold(sequence, payload, distance);
      return [];
    }
    if (distance + payload.length <= 0) return [];
    const fresh = payload.subarray(-distance);
    this.#next = (this.#next + fresh.length) >>> 0;
    return this.hasGap ? [fresh, ...this.#release()] : [fresh];
  }

  /** Begins again at an earlier byte; `read` is what had been given out from the old beginning on. */
  beginEarlier(sequence: number, begin: number, read: Uint8Array): void {
    this.#next = sequence;
    if (read.length > 0) this.#hold(begin, read, sequenceDistance(begin, sequence));
  }

  /** Gives up what is missing: goes on at `sequence`, or at the first segment that waits. */
  skip(sequence: number | undefined = this.#waiting[0]?.sequence): readonly Uint8Array[] {
    if (sequence === undefined) return [];
    this.#next = sequence;
    return this.#release();
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #hold(sequence: number, payload: Uint8Array, distance: number): void {
    if (distance > maximumWaitingBytes || this.#waiting.length >= maximumWaitingSegments) return;
    if (this.#waitingBytes + payload.length > maximumWaitingBytes) return;
    const at = this.#waiting.findLastIndex((segment) => sequenceDistance(segment.sequence, sequence) <= 0);
    const before = this.#waiting[at];
    if (before?.sequence === sequence && before.bytes.length >= payload.length) return;
    this.#waiting.splice(at + 1, 0, { sequence, bytes: copied(payload) });
    this.#waitingBytes += payload.length;
  }

  /** Takes out what has come in order. */
  #release(): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let first = this.#waiting[0];
    while (first !== undefined && this.#next !== null) {
      const distance = sequenceDistance(first.sequence, this.#next);
      if (distance > 0) break;
      this.#waiting.shift();
      this.#waitingBytes -= first.bytes.length;
      const fresh = first.bytes.subarray(Math.min(-distance, first.bytes.length));
      if (fresh.length > 0) pieces.push(fresh);
      this.#next = (this.#next + fresh.length) >>> 0;
      first = this.#waiting[0];
    }
    return pieces;
  }
}
