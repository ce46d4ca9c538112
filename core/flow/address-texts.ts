import { addressText } from './address.ts';

/** IPv4 addresses kept as text, most: all are dropped when it is full. */
const maximumKept = 16_384;

/**
 * Addresses as text, the same value for the same IPv4 address: ten thousand flows or sockets have few local addresses, and
 * a text that is made anew for each takes longer than the rest of its record, and stays as long.
 */
export class AddressTexts {
  readonly #kept = new Map<number, string>();

  /** The canonical text of the address at `offset`, 4 or 16 bytes that the caller has made sure are there. */
  read(bytes: Uint8Array, offset: number, family: 4 | 6): string {
    if (family === 6) return addressText(bytes, offset, 6);
    const byte = (index: number): number => bytes[offset + index] ?? 0;
    const number = (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3);
    const known = this.#kept.get(number);
    if (known !== undefined) return known;
    const text = addressText(bytes, offset, 4);
    if (this.#kept.size >= maximumKept) this.#kept.clear();
    this.#kept.set(number, text);
    return text;
  }
}
