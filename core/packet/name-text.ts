/** Texts remembered, a power of two: a few hundred kilobytes. */
const maximumTexts = 4096;

/**
 * Puts a text together from character codes. The same names come again and again, and a text that was given before is given
 * again: finding it costs half of making it, and leaves nothing to be collected.
 */
export class NameText {
  readonly #codes: Uint16Array;
  /** By their hash; of two with the same the later stays. */
  readonly #texts: (string | undefined)[] = Array.from({ length: maximumTexts });
  #length = 0;
  #hash = 0;

  constructor(maximumLength: number) {
    this.#codes = new Uint16Array(maximumLength);
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
    this.#hash = 0;
  }

  /** Adds one character. What goes beyond the maximum length is left out. */
  add(code: number): void {
    this.#codes[this.#length] = code;
    if (this.#length < this.#codes.length) this.#length += 1;
    this.#hash = (Math.imul(this.#hash, 31) + code) | 0;
  }

  text(): string {
    const place = (this.#hash ^ (this.#hash >>> 16)) & (maximumTexts - 1);
    const known = this.#texts[place];
    if (known !== undefined && this.#is(known)) return known;
    const text = String.fromCharCode(...this.#codes.subarray(0, this.#length));
    this.#texts[place] = text;
    return text;
  }

  #is(text: string): boolean {
    if (text.length !== this.#length) return false;
    for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) !== this.#codes[index]) return false;
    return true;
  }
}
