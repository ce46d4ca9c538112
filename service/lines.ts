/** A line from outside was longer than agreed; the stream that carried it is of no further use. */
export class LineTooLong extends Error {
  readonly maximumBytes: number;

  constructor(maximumBytes: number) {
    super(`a line is longer than ${maximumBytes} bytes`);
    this.name = 'LineTooLong';
    this.maximumBytes = maximumBytes;
  }
}

const newline = 10;

/**
 * The lines of a byte stream, without their ends, as text. Reads only as fast as the lines are taken, and keeps at most
 * one line: throws {@link LineTooLong} for a longer one. Bytes after the last line end are given up: a line that was
 * not finished was not said.
 */
export async function* linesOf(stream: AsyncIterable<Buffer>, maximumBytes: number): AsyncGenerator<string, void, void> {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const last = chunk.subarray(start, end);
      if (keptBytes + last.length > maximumBytes) throw new LineTooLong(maximumBytes);
      yield (keptBytes === 0 ? last : Buffer.concat([...kept, last])).toString('utf8');
      kept = [];
      keptBytes = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    kept.push(chunk.subarray(start));
    keptBytes += chunk.length - start;
    if (keptBytes > maximumBytes) throw new LineTooLong(maximumBytes);
  }
}
