import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** A capture file as a stream of its decompressed bytes. */
export interface CaptureInput {
  /** Decompressed pieces. Throws {@link InputError}; a compressed file that ends early ends the stream and sets `cut`. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Size of the file as it lies on disk, in bytes; null for a pipe. */
  readonly totalBytes: number | null;
  /** Bytes of it that were read so far, compressed as they are. */
  readBytes(): number;
  /** The compressed stream ended in the middle. */
  cut(): boolean;
}

/** Why a file cannot be read. */
export class InputError extends Error {
  readonly code: 'unreadable' | 'damaged';

  constructor(code: InputError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Large pieces, so that the decoder is called seldom. */
const pieceBytes = 262_144;

type Compression = 'none' | 'gzip' | 'zstd';

/** By the first bytes: gzip (RFC 1952 2.3.1), Zstandard frames (RFC 8878 3.1.1). */
function compressionOf(start: Uint8Array): Compression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  const magic = [0x28, 0xb5, 0x2f, 0xfd];
  return magic.every((byte, index) => start[index] === byte) ? 'zstd' : 'none';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

async function openFile(path: string): Promise<{ readonly stream: Readable; readonly totalBytes: number | null }> {
  try {
    const file = await open(path, 'r');
    const status = await file.stat();
    if (status.isDirectory()) throw new InputError('unreadable', `${path} is a folder, not a capture file`);
    const totalBytes = status.isFile() ? status.size : null;
    return { stream: createReadStream('', { fd: file, highWaterMark: pieceBytes }), totalBytes };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('unreadable', `cannot open ${path}: ${reasonOf(error)}`, error);
  }
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'you may not read it';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Takes pieces until the compression can be told, and gives the stream back with them in front. */
async function withoutCompression(source: AsyncIterator<Uint8Array>): Promise<{ readonly compression: Compression; readonly stream: Readable }> {
  const taken: Uint8Array[] = [];
  let length = 0;
  while (length < 4) {
    const next = await source.next();
    if (next.done === true) break;
    taken.push(next.value);
    length += next.value.length;
  }
  const rest: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => source };
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* taken;
    yield* rest;
  }
  return { compression: compressionOf(Buffer.concat(taken).subarray(0, 4)), stream: Readable.from(all(), { objectMode: false, highWaterMark: pieceBytes }) };
}

/** Opens a capture file, or standard input for `-`, and undoes gzip or zstd. Throws {@link InputError}. */
export async function openCaptureInput(path: string): Promise<CaptureInput> {
  const { stream, totalBytes } = path === '-' ? { stream: process.stdin, totalBytes: null } : await openFile(path);
  let read = 0;
  let cut = false;
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of stream) {
        const bytes = Buffer.from(piece);
        read += bytes.length;
        yield bytes;
      }
    } catch (error) {
      throw new InputError('unreadable', `cannot read ${path}: ${reasonOf(error)}`, error);
    }
  }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const { compression, stream: plain } = await withoutCompression(counted());
    const decompressed = decompress(plain, compression);
    try {
      for await (const piece of decompressed) yield Buffer.from(piece);
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (codeOf(error) !== 'Z_BUF_ERROR') throw new InputError('damaged', `${path} is damaged: ${reasonOf(error)}`, error);
      cut = true;
    }
  }
  return { pieces: pieces(), totalBytes, readBytes: () => read, cut: () => cut };
}

function decompress(plain: Readable, compression: Compression): Readable {
  if (compression === 'none') return plain;
  const unpack = compression === 'gzip' ? createGunzip({ chunkSize: pieceBytes }) : createZstdDecompress({ chunkSize: pieceBytes });
  plain.once('error', (error) => unpack.destroy(error));
  return plain.pipe(unpack);
}
