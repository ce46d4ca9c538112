import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nameFileFlows } from '../core/attribution/index.ts';
import type { NamedFileFlow } from '../core/attribution/index.ts';
import { protocolName } from '../core/flow/protocol-name.ts';
import { createNaming, fileNamingLimits } from '../core/naming/index.ts';
import { CaptureFileMessage } from '../protocol/capture-file.ts';
import type { FileFlow } from '../protocol/capture-file.ts';
import type { NameSeen, NameSource } from '../protocol/flow.ts';
import type { HttpHostSum } from '../protocol/http.ts';
import { linesOf } from './lines.ts';
import { ServiceError } from './service-error.ts';
import type { ServiceErrorCode } from './service-error.ts';

/** What to read: a file by its path, or what is piped in. */
export type CaptureFileSource = { readonly path: string } | { readonly stdin: true };

/** How far the reading is; `totalBytes` is null where the size is not known (a pipe, a compressed file). */
export interface ReadProgress {
  readonly readBytes: number;
  readonly totalBytes: number | null;
  readonly packets: number;
}

/** One flow of a capture file, as `tidewatch read --json` prints it. `a` is the sender of its first packet. */
export interface CaptureFileFlow {
  /** Lower-case name of the IP protocol, or its number where it has none. */
  readonly protocol: string;
  readonly a: string;
  readonly aPort: number | null;
  readonly b: string;
  readonly bPort: number | null;
  /** IP bytes: headers included, link layer excluded. */
  readonly bytesAb: number;
  readonly bytesBa: number;
  readonly packetsAb: number;
  readonly packetsBa: number;
  readonly hostname: string | null;
  readonly hostnameSource: NameSource | null;
  /** From the TCP handshake; null where it was not seen. */
  readonly roundTripMicroseconds: number | null;
  /** TCP segments whose data had been seen before. */
  readonly retransmits: number;
}

/** What a capture file holds. `flowsInner`, the innermost flows, is there where some packet has more than one IP layer. */
export interface CaptureFileResult {
  readonly packets: number;
  /** Outermost IP bytes: the sum over `flows`. */
  readonly ipBytes: number;
  readonly linkType: string;
  readonly truncated: boolean;
  readonly malformedPackets: number;
  readonly refusedClues: number;
  readonly evictedFlows: number;
  readonly flows: readonly CaptureFileFlow[];
  readonly flowsInner?: readonly CaptureFileFlow[];
  /** Plain HTTP by host, the most asked first; empty where there is none. */
  readonly http: readonly HttpHostSum[];
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

type Done = Extract<CaptureFileMessage, { kind: 'done' }>;

/** What a reader has said so far. */
interface Reading {
  readonly names: NameSeen[];
  readonly flows: FileFlow[];
  readonly http: HttpHostSum[];
  done: Done | null;
}

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

function resultFlow({ flow, name }: NamedFileFlow): CaptureFileFlow {
  return {
    protocol: protocolName(flow.protocol),
    a: flow.a,
    aPort: flow.aPort,
    b: flow.b,
    bPort: flow.bPort,
    bytesAb: flow.bytesAb,
    bytesBa: flow.bytesBa,
    packetsAb: flow.packetsAb,
    packetsBa: flow.packetsBa,
    hostname: name?.name ?? null,
    hostnameSource: name?.source ?? null,
    roundTripMicroseconds: flow.roundTripMicroseconds ?? null,
    retransmits: flow.retransmits ?? 0,
  };
}

function resultOf(done: Done, reading: Reading): CaptureFileResult {
  const named = nameFileFlows(reading.flows, reading.names, createNaming(fileNamingLimits));
  const innermost = named.filter(({ flow }) => flow.inner || !flow.tunnel);
  return {
    packets: done.packets,
    ipBytes: done.ipBytes,
    linkType: done.linkType,
    truncated: done.truncated,
    malformedPackets: done.malformedPackets,
    refusedClues: done.refusedClues,
    evictedFlows: done.evictedFlows,
    flows: named.filter(({ flow }) => !flow.inner).map(resultFlow),
    ...(named.some(({ flow }) => flow.tunnel) ? { flowsInner: innermost.map(resultFlow) } : {}),
    http: reading.http,
  };
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
 * Reads a pcap or pcapng file (plain, gzip or zstd) in a process of its own and joins its flows with their names.
 * Throws {@link ServiceError}: 'file-unreadable', 'not-a-capture', 'damaged-capture', 'unsupported-capture'.
 */
export async function readCaptureFile(
  source: CaptureFileSource,
  onProgress: (progress: ReadProgress) => void,
): Promise<CaptureFileResult> {
  const name = 'path' in source ? source.path : '-';
  const reader = spawn(process.execPath, [readerProgram, name], {
    stdio: ['path' in source ? 'ignore' : 'inherit', 'pipe', 'pipe'],
    env: environment(),
  });
  const exit = once(reader, 'exit');
  const complaint = firstComplaint(reader.stderr);
  const reading: Reading = { names: [], flows: [], http: [], done: null };
  try {
    for await (const line of linesOf(reader.stdout, longestLine)) take(parse(line), reading, onProgress);
    await exit;
    if (reading.done === null) throw readerFailed((await complaint) || 'it ended without a word');
    return resultOf(reading.done, reading);
  } catch (error) {
    throw error instanceof ServiceError ? error : readerFailed(String(error), error);
  } finally {
    reader.kill('SIGKILL');
    await exit;
  }
}
