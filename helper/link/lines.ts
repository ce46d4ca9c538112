const newline = 10;

/** Splits a stream of bytes into lines of bounded length. */
export class LineSplitter {
  readonly #maximumBytes: number;
  readonly #end: number;
  #pieces: Buffer[] = [];
  #length = 0;

  /** `maximumBytes`: longest line, its end not counted. `end`: the byte that ends a line. */
  constructor(maximumBytes: number, end = newline) {
    this.#maximumBytes = maximumBytes;
    this.#end = end;
  }

  /** The lines that this piece completes, as UTF-8; null where one of them is too long. */
  push(piece: Buffer): readonly string[] | null {
    const lines: string[] = [];
    let start = 0;
    for (let end = piece.indexOf(this.#end); end >= 0; end = piece.indexOf(this.#end, start)) {
      if (this.#length + end - start > this.#maximumBytes) return null;
      lines.push(Buffer.concat([...this.#pieces, piece.subarray(start, end)]).toString('utf8'));
      this.#pieces = [];
      this.#length = 0;
      start = end + 1;
    }
    const rest = piece.subarray(start);
    if (this.#length + rest.length > this.#maximumBytes) return null;
    if (rest.length > 0) this.#pieces.push(Buffer.from(rest));
    this.#length += rest.length;
    return lines;
  }
}
