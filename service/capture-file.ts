import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CaptureFileMessage } from '../protocol/capture-file.ts';
import type { CaptureFileResult, Reading } from './capture-file-result.ts';
import { linesOf } from './lines.ts';
import { nodeProgram } from './node-program.ts';
import { ServiceError } from './service-error.ts';
import type { ServiceErrorCode } from './service-error.ts';

export type { CaptureFileFlow, CaptureFileResult } from './capture-file-result.ts';

/** What to read: a file by its path, or what is piped in. */
export type CaptureFileSource = { readonly path: string } | { readonly stdin: true };

/** How far the reading is; `totalBytes` is null where the size is not known (a pipe, a compressed file). */
export interface ReadProgress {
  readonly readBytes: number;
  readonly totalBytes: number | null;
  readonly packets: number;
}

const readerProgram = fileURLToPath(new URL('../helper/read-file.ts', import.meta.url));

/** A line of a thousand flows or names is below half a megabyte. */
const longestLine = 1_048_576;
const longestComplaint = 4096;

/** Names kept of one file. More than there are flows in the reader's table would name nothing more. */
const maximumNames = 2_097_152;
const maximumFlows = 4_194_304;
/** More than the reader tells apart. */
const maximumHttpHosts = 65_536;

/** What the reader says when a file cannot be read, in our words. */
const failureCodes: Readonly<Record<Extract<CaptureFileMessage, { kind: 'failed' }>['code'], ServiceErrorCode>> = {
  unreadable: 'file-unreadable',
  'not-a-capture': 'not-a-capture',
  damaged: 'damaged-capture',
  unsupported: 'unsupported-capture',
};

function readerFailed(detail: string, cause?: unknown): ServiceError {
  const message = `the reader of capture files failed (${detail}); look for what is missing with: tidewatch doctor`;
  return new ServiceError('file-unreadable', message, { cause });
}

function parse(line: string): CaptureFileMessage {
  try {
    return CaptureFileMessage.parse(JSON.parse(line));
  } catch (error) {
    throw readerFailed('it said something that is no message', error);
  }
}

function take(message: CaptureFileMessage, reading: Reading, onProgress: (progress: ReadProgress) => void): void {
  switch (message.kind) {
    case 'progress':
      onProgress({ readBytes: message.readBytes, totalBytes: message.totalBytes, packets: message.packets });
      return;
    case 'names':
      if (reading.names.length < maximumNames) reading.names.push(...message.names);
      return;
    case 'flows':
      if (reading.flows.length >= maximumFlows) throw readerFailed(`it found more than ${maximumFlows} flows`);
      reading.flows.push(...message.flows);
      return;
    case 'http':
      if (reading.http.length >= maximumHttpHosts) throw readerFailed(`it found more than ${maximumHttpHosts} hosts`);
      reading.http.push(...message.hosts);
      return;
    case 'done':
      reading.done = message;
      return;
    case 'failed':
      throw new ServiceError(failureCodes[message.code], message.message);
  }
}

/**
 * The reader runs as this user, so it may take compiled code from the same folder as this process, which halves its time to
 * start. The folder's name ends with a part for this version of Node, which the reader adds itself.
 */
function environment(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir();
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: path.dirname(folder) };
}

async function firstComplaint(stderr: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stderr) if (text.length < longestComplaint) text += chunk.toString('utf8');
  return text.trim().split('\n').at(-1)?.slice(0, 512) ?? '';
}

/**
 * A young generation of 16 MB from the start: the names and flows of a file live until its end, and a small one copies them many
 * times while it grows. A tenth of the reader's time.
 */
const readerNodeOptions = ['--min-semi-space-size=16'];

/**
 * Reads a pcap or pcapng file (plain, gzip or zstd) in a process of its own and joins its flows with their names.
 * Throws {@link ServiceError}: 'file-unreadable', 'not-a-capture', 'damaged-capture', 'unsupported-capture'.
 */
export async function readCaptureFile(
  source: CaptureFileSource,
  onProgress: (progress: ReadProgress) => void,
): Promise<CaptureFileResult> {
  const name = 'path' in source ? source.path : '-';
  const reader = spawn(nodeProgram(), [...readerNodeOptions, readerProgram, name], {
    stdio: ['path' in source ? 'ignore' : 'inherit', 'pipe', 'pipe'],
    env: environment(),
  });
  // What joins flows and names is loaded while the reader reads.
  const joining = import('./capture-file-result.ts');
  const exit = once(reader, 'exit');
  const complaint = firstComplaint(reader.stderr);
  const reading: Reading = { names: [], flows: [], http: [], done: null };
  try {
    for await (const line of linesOf(reader.stdout, longestLine)) take(parse(line), reading, onProgress);
    await exit;
    if (reading.done === null) throw readerFailed((await complaint) || 'it ended without a word');
    return (await joining).resultOf(reading.done, reading);
  } catch (error) {
    throw error instanceof ServiceError ? error : readerFailed(String(error), error);
  } finally {
    reader.kill('SIGKILL');
    await exit;
  }
}
