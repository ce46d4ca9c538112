import type { AppClient, RecordedPiece } from '../../protocol/app.ts';
import type { GrowingFile } from './growing-file.ts';

/** What has been recorded so far. */
export interface Recorded {
  packets: number;
  missed: number;
}

/** Where a recording goes: a file that grows up to a size. */
export interface RecordedFile {
  readonly file: GrowingFile;
  readonly maximumBytes: number;
  readonly recorded: Recorded;
}

/** Length of the first whole blocks of a piece (pcapng: each says its length in its second word) that fit, and the packets in them. */
function fitting(bytes: Buffer, room: number): { readonly length: number; readonly packets: number } {
  let length = 0;
  let packets = 0;
  while (length + 8 <= bytes.length) {
    const next = bytes.readUInt32LE(length + 4);
    if (next < 12 || length + next > Math.min(room, bytes.length)) break;
    if (bytes.readUInt32LE(length) === 6) packets += 1;
    length += next;
  }
  return { length, packets };
}

/** Writes a piece, or what of it fits; false where not all did. */
function add(piece: RecordedPiece, to: RecordedFile): boolean {
  const bytes = Buffer.from(piece.bytes, 'base64');
  const { length, packets } = fitting(bytes, to.maximumBytes - to.file.bytes);
  if (length > 0) to.file.write(bytes.subarray(0, length));
  to.recorded.packets += packets;
  to.recorded.missed += piece.missed;
  return length === bytes.length;
}

/** Pieces are asked for so often. */
const askEveryMs = 200;

/** Resolves after a while, or as soon as the signal aborts. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, askEveryMs);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    return undefined;
  });
}

/** Takes pieces until the end is wished or the file is full; then the rest. */
export async function takeAll(client: AppClient, to: RecordedFile, signal: AbortSignal): Promise<'full' | 'ended'> {
  const id = await client.command('beginRecording', {});
  while (!signal.aborted) {
    const piece = await client.command('takeRecording', id);
    if (!add(piece, to)) {
      await client.command('endRecording', id);
      return 'full';
    }
    if (!piece.more) await pause(signal);
  }
  await client.command('endRecording', id);
  for (;;) {
    const piece = await client.command('takeRecording', id);
    if (!add(piece, to)) return 'full';
    if (!piece.more) return 'ended';
  }
}
