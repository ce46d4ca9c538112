import { readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** A capture file as a stream of its decompressed bytes. */
export interface CaptureInput {
  /**
   * Decompressed pieces, each valid until the next is asked for. Throws {@link InputError}; a compressed file that ends early
   * ends the stream and sets `cut`.
   */
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

/** Large pieces, so that the decoder is called seldom. Much larger ones would not stay in the processor's cache. */
const pieceBytes = 524_288;

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

/** A file that was opened, with its size; null where it has none, such as a named pipe. */
interface OpenedFile {
  readonly file: FileHandle;
  readonly totalBytes: number | null;
}

async function openFile(path: string): Promise<OpenedFile> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    const status = await file.stat();
    if (status.isDirectory()) throw new InputError('unreadable', `${path} is a folder, not a capture file`);
    return { file, totalBytes: status.isFile() ? status.size : null };
  } catch (error) {
    await file?.close();
    if (error instanceof InputError) throw error;
    throw new InputError('unreadable', `cannot open ${path}: ${reasonOf(error)}`, error);
  }
}

/** The pieces of a file, all in one buffer. Nothing else waits in this process, and to have a thread read them costs as much again. */
async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  try {
    for (let bytes = readSync(file.fd, buffer); bytes > 0; bytes = readSync(file.fd, buffer)) yield buffer.subarray(0, bytes);
  } finally {
    await file.close();
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

/** Takes pieces until the compression can be told, and gives all of them back. */
async function withCompression(source: AsyncIterator<Uint8Array>): Promise<{ readonly compression: Compression; readonly pieces: AsyncIterable<Uint8Array> }> {
  const taken: Uint8Array[] = [];
  let length = 0;
  while (length < 4) {
    const next = await source.next();
    if (next.done === true) break;
    // The next call makes this piece invalid, unless it is the last of these.
    const isEnough = length + next.value.length >= 4;
    taken.push(isEnough ? next.value : Uint8Array.from(next.value));
    length += next.value.length;
  }
  const rest: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => source };
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* taken;
    yield* rest;
  }
  return { compression: compressionOf(Buffer.concat(taken).subarray(0, 4)), pieces: all() };
}

/** Opens a capture file, or standard input for `-`, and undoes gzip or zstd. Throws {@link InputError}. */
export async function openCaptureInput(path: string): Promise<CaptureInput> {
  const opened = path === '-' ? null : await openFile(path);
  const source: AsyncIterable<Uint8Array> = opened === null ? process.stdin : piecesOf(opened.file);
  let read = 0;
  let cut = false;
  async function* counted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of source) {
        read += piece.length;
        yield piece;
      }
    } catch (error) {
      throw new InputError('unreadable', `cannot read ${path}: ${reasonOf(error)}`, error);
    }
  }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const { compression, pieces: packed } = await withCompression(counted());
    try {
      yield* compression === 'none' ? packed : decompressed(packed, compression);
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (codeOf(error) !== 'Z_BUF_ERROR') throw new InputError('damaged', `${path} is damaged: ${reasonOf(error)}`, error);
      cut = true;
    }
  }
  return { pieces: pieces(), totalBytes: opened?.totalBytes ?? null, readBytes: () => read, cut: () => cut };
}

async function* decompressed(packed: AsyncIterable<Uint8Array>, compression: 'gzip' | 'zstd'): AsyncGenerator<Uint8Array> {
  // The decompressor holds several pieces at a time, so each needs bytes of its own.
  async function* copies(): AsyncGenerator<Uint8Array> {
    for await (const piece of packed) yield Buffer.from(piece);
  }
  const unpack = compression === 'gzip' ? createGunzip({ chunkSize: pieceBytes }) : createZstdDecompress({ chunkSize: pieceBytes });
  const plain = Readable.from(copies(), { objectMode: false });
  plain.once('error', (error) => unpack.destroy(error));
  for await (const piece of plain.pipe(unpack)) if (piece instanceof Uint8Array) yield piece;
}
