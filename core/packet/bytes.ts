/**
 * Big-endian numbers out of bytes that a stranger sent. A byte beyond the end reads as 0, so no reader can throw; a
 * parser checks lengths before it believes a value.
 */

/** The byte at `offset`, or 0 beyond the end. */
export function uint8(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}

/** Two bytes, big-endian: 0 to 65 535. */
export function uint16(bytes: Uint8Array, offset: number): number {
  return (uint8(bytes, offset) << 8) | uint8(bytes, offset + 1);
}

/** Three bytes, big-endian: 0 to 2^24 - 1. */
export function uint24(bytes: Uint8Array, offset: number): number {
  return (uint8(bytes, offset) << 16) | uint16(bytes, offset + 1);
}

/** Four bytes, big-endian: 0 to 2^32 - 1. */
export function uint32(bytes: Uint8Array, offset: number): number {
  return uint16(bytes, offset) * 65_536 + uint16(bytes, offset + 2);
}

/** The bytes from `start` to `end` as text, one character for each byte (ISO 8859-1): nothing is refused or guessed. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let offset = start; offset < Math.min(end, bytes.length); offset += 1) text += String.fromCharCode(uint8(bytes, offset));
  return text;
}

/**
 * The same bytes in memory of their own. Not `slice`: Node's `Buffer` is a `Uint8Array` whose `slice` shares its memory,
 * and the memory of a clue is used again.
 */
export function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Whether both are the same bytes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** A new array with the bytes of both. */
export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

/** No bytes. One for all: an array of its own costs more than most of what is kept of a flow. */
export const noBytes = new Uint8Array(0);

/** Bytes that come in pieces, kept in one array that grows as needed and never beyond `maximum`. */
export class GrowingBytes {
  readonly #maximum: number;
  #room: Uint8Array = noBytes;
  #length = 0;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get length(): number {
    return this.#length;
  }

  /** What has been appended; a view that the next append may leave behind. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.#length);
  }

  /** Appends what fits below the maximum and returns whether all of it did. */
  append(piece: Uint8Array): boolean {
    const fitting = piece.subarray(0, this.#maximum - this.#length);
    const needed = this.#length + fitting.length;
    if (needed > this.#room.length) {
      const larger = new Uint8Array(Math.min(this.#maximum, Math.max(needed, this.#room.length * 2)));
      larger.set(this.bytes);
      this.#room = larger;
    }
    this.#room.set(fitting, this.#length);
    this.#length = needed;
    return fitting.length === piece.length;
  }

  /** Forgets the bytes and gives their memory back. */
  clear(): void {
    this.#length = 0;
    this.#room = noBytes;
  }
}
