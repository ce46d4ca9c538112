import { GrowingBytes, uint16 } from './bytes.ts';

/** The largest DNS message over TCP, with its prefix of two bytes (RFC 1035 4.2.2). */
const maximumFramedBytes = 65_537;
const prefixBytes = 2;
/** A DNS message is at least a header: a shorter length means that this is no DNS, or that the stream slipped. */
const minimumMessageBytes = 12;

/** Takes DNS messages out of a TCP stream in any pieces: several in one, one in several, the length prefix itself split. */
export class DnsStream {
  readonly #framed = new GrowingBytes(maximumFramedBytes);
  #broken = false;

  get heldBytes(): number {
    return this.#framed.length;
  }

  /** True once the bytes have contradicted the framing: nothing more will come. */
  get isBroken(): boolean {
    return this.#broken;
  }

  /** Takes the next bytes and calls `take` with each message that is complete; the bytes are valid during the call only. */
  push(piece: Uint8Array, take: (message: Uint8Array) => void): void {
    let rest = piece;
    while (rest.length > 0 && !this.#broken) {
      const missing = this.#missing();
      this.#framed.append(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      if (this.#framed.length === prefixBytes && this.#missing() < minimumMessageBytes) this.#broken = true;
      if (this.#framed.length > prefixBytes && this.#missing() === 0) {
        take(this.#framed.bytes.subarray(prefixBytes));
        this.#framed.clear();
      }
    }
  }

  /** Bytes that the part in hand still lacks: of the prefix first, then of the message. */
  #missing(): number {
    const held = this.#framed.length;
    return held < prefixBytes ? prefixBytes - held : prefixBytes + uint16(this.#framed.bytes, 0) - held;
  }
}
