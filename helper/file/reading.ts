import { createNameReader, fileHttpCountLimits, fileNameReaderLimits, HttpCounts } from '../../core/packet/index.ts';
import type { Clue, NameReader } from '../../core/packet/index.ts';
import { maximumFlowsPerMessage, maximumHttpHostsPerMessage } from '../../protocol/bounds.ts';
import type { CaptureFileMessage, FileFlow } from '../../protocol/capture-file.ts';
import type { NameSeen } from '../../protocol/flow.ts';
import { createQuicCrypto } from '../capture/quic-crypto.ts';
import type { FileDecoder, StreamedSummary } from '../native/index.ts';
import type { FlowRecord } from '../native/records.ts';
import { InputError } from './input.ts';
import type { CaptureInput } from './input.ts';
import { ToldNames } from './told-names.ts';

/** Between two messages of progress, in milliseconds: a bar is drawn as often. */
const progressMs = 100;
/** Packet time between two ageings of the name reader, in milliseconds: each looks at every flow, and forgets those of minutes ago. */
const ageMs = 10_000;

/** Names as they are found, without needless repetitions, and the counts of plain HTTP. */
class FileNames {
  readonly #reader: NameReader = createNameReader({ quicCrypto: createQuicCrypto(), limits: fileNameReaderLimits, believedAnswers: 'all' });
  readonly #found: NameSeen[] = [];
  readonly #told = new ToldNames((name) => this.#found.push(name));
  readonly #http = new HttpCounts(fileHttpCountLimits);
  #agedAt = 0;

  read(clues: readonly Clue[]): void {
    for (const clue of clues) {
      if (clue.kind === 'opened') this.#told.begin(clue.ends, clue.time);
      for (const name of this.#reader.read(clue)) this.#told.hear(name);
      this.#told.passed(clue.time);
      // After each clue, because the reader's list is short.
      for (const seen of this.#reader.takeHttp()) this.#http.see(seen);
      if (clue.time - this.#agedAt < ageMs) continue;
      this.#reader.age(clue.time);
      this.#agedAt = clue.time;
    }
  }

  /** Whole messages of what was found; what is less than one waits for more of it. */
  *takeWhole(): Generator<CaptureFileMessage> {
    while (this.#found.length >= maximumFlowsPerMessage) yield { kind: 'names', names: this.#found.splice(0, maximumFlowsPerMessage) };
  }

  /** The rest, at the end. */
  *takeRest(): Generator<CaptureFileMessage> {
    yield* this.takeWhole();
    if (this.#found.length > 0) yield { kind: 'names', names: this.#found.splice(0) };
  }

  *takeHttp(): Generator<CaptureFileMessage> {
    const hosts = this.#http.take();
    while (hosts.length > 0) yield { kind: 'http', hosts: hosts.splice(0, maximumHttpHostsPerMessage) };
  }
}

function fileFlow(record: FlowRecord): FileFlow {
  const { flow, ends, bytesAb, bytesBa, packetsAb, packetsBa, firstSeen, lastSeen, inner, tunnel } = record;
  return {
    flow,
    ...ends,
    bytesAb,
    bytesBa,
    packetsAb,
    packetsBa,
    firstSeen,
    lastSeen,
    inner,
    tunnel,
    ...(record.roundTripMicroseconds > 0 ? { roundTripMicroseconds: record.roundTripMicroseconds } : {}),
    ...(record.retransmits > 0 ? { retransmits: record.retransmits } : {}),
  };
}

function* flowMessages(records: Iterable<FlowRecord>): Generator<CaptureFileMessage> {
  let flows: FileFlow[] = [];
  for (const record of records) {
    flows.push(fileFlow(record));
    if (flows.length < maximumFlowsPerMessage) continue;
    yield { kind: 'flows', flows };
    flows = [];
  }
  if (flows.length > 0) yield { kind: 'flows', flows };
}

/** One link type by its name, several as `mixed`, none (a file without packets) as the empty text. */
function linkTypeOf(linkTypes: readonly string[]): string {
  return linkTypes.length > 1 ? 'mixed' : (linkTypes[0] ?? '').toLowerCase().slice(0, 64);
}

function doneMessage(summary: StreamedSummary, cut: boolean): CaptureFileMessage {
  const { counters } = summary;
  return {
    kind: 'done',
    packets: counters.packets,
    ipBytes: counters.bytes,
    malformedPackets: counters.malformedPackets,
    linkType: linkTypeOf(summary.linkTypes),
    truncated: summary.truncated || cut,
    refusedClues: counters.refusedClues,
    evictedFlows: counters.evictedFlows,
  };
}

function failedMessage(error: unknown): CaptureFileMessage {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s+/gu, ' ').slice(0, 1024);
  if (error instanceof InputError) return { kind: 'failed', code: error.code, message };
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'not-a-capture' || code === 'damaged' || code === 'unsupported') return { kind: 'failed', code, message };
  throw error;
}

/**
 * Reads a whole capture file and says what protocol/capture-file.ts says: progress, names, flows, and `done` or `failed` last.
 * What is wrong with the file is a message; only a broken assumption throws.
 */
export async function* readCapture(openInput: () => Promise<CaptureInput>, decoder: FileDecoder): AsyncGenerator<CaptureFileMessage> {
  const names = new FileNames();
  let toldAt = performance.now();
  try {
    const input = await openInput();
    for await (const piece of input.pieces) {
      names.read(decoder.push(piece));
      yield* names.takeWhole();
      if (performance.now() - toldAt < progressMs) continue;
      toldAt = performance.now();
      yield { kind: 'progress', readBytes: input.readBytes(), totalBytes: input.totalBytes, packets: decoder.packets };
    }
    yield* names.takeRest();
    const summary = decoder.finishStreaming();
    yield* flowMessages(summary.flows);
    yield* names.takeHttp();
    yield doneMessage(summary, input.cut());
  } catch (error) {
    yield failedMessage(error);
  }
}
