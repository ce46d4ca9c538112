import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { canonicalAddress } from '../../core/flow/address.ts';
import { createNaming, fileNamingLimits } from '../../core/naming/index.ts';
import type { FlowName } from '../../core/naming/index.ts';
import { createNameReader } from '../../core/packet/index.ts';
import { createQuicCrypto } from '../../helper/capture/quic-crypto.ts';
import { loadNative } from '../../helper/native/index.ts';
import type { FlowRecord } from '../../helper/native/index.ts';
import { defaultMaximumFileFlows } from '../../helper/native/limits.ts';
import { knownCaptures, pendingCaptures } from './captures.ts';
import type { KnownCapture, TrueFlow } from './captures.ts';

/** Pieces of this size are pushed into the decoder, so that clues come as they do from a long file. */
const pieceBytes = 65_536;

const protocolNumbers = new Map([
  ['tcp', 6],
  ['udp', 17],
]);

interface NamedFlow {
  readonly record: FlowRecord;
  readonly name: FlowName | null;
}

/** The flows of a capture with what each would be called: by its responder, else by its initiator (`a` sent first). */
function namedFlows({ path }: KnownCapture): readonly NamedFlow[] {
  const decoder = loadNative().createFileDecoder({ maximumFlows: defaultMaximumFileFlows, decapsulate: true });
  const reader = createNameReader({ quicCrypto: createQuicCrypto(), believedAnswers: 'all' });
  const naming = createNaming(fileNamingLimits);
  const file = readFileSync(path);
  for (let offset = 0; offset < file.length; offset += pieceBytes) {
    for (const clue of decoder.push(file.subarray(offset, offset + pieceBytes))) {
      for (const name of reader.read(clue)) naming.see(name, null);
    }
  }
  const { flows } = decoder.finish();
  decoder[Symbol.dispose]();
  return flows.map((record) => {
    const { flow, firstSeen, lastSeen, ends } = record;
    const ask = (remoteAddress: string): FlowName | null => naming.nameOf({ flow, remoteAddress, app: null, openedAt: firstSeen, now: lastSeen });
    return { record, name: ask(ends.b) ?? ask(ends.a) };
  });
}

function keyOf(protocol: number | undefined, a: string, aPort: number | null, b: string, bPort: number | null): string {
  return `${protocol ?? '?'} ${canonicalAddress(a) ?? a} ${aPort ?? '-'} ${canonicalAddress(b) ?? b} ${bPort ?? '-'}`;
}

/** What of a flow's name differs from the truth; null where it is right. */
function difference(truth: TrueFlow, name: FlowName | null): string | null {
  const expected = truth.hostname ?? null;
  const given = name?.name ?? null;
  if (given === expected || (truth.name_optional === true && given === null)) return null;
  // A guess by DNS is right where any answer before it said so.
  if ((name?.source === 'dns' || truth.hostname_source === 'dns') && truth.dns_candidates?.includes(given ?? '') === true) return null;
  return `${keyOf(protocolNumbers.get(truth.proto), truth.a, truth.a_port, truth.b, truth.b_port)}: ${name?.source ?? ''} ${given ?? 'no name'}, in truth ${truth.hostname_source ?? ''} ${expected ?? 'no name'}`;
}

interface Row {
  readonly capture: string;
  readonly named: number;
  readonly matching: number;
  readonly flows: number;
}

const rows: Row[] = [];
const bytesBySource = new Map<string, number>();

function count(source: string, { bytesAb, bytesBa }: FlowRecord): void {
  bytesBySource.set(source, (bytesBySource.get(source) ?? 0) + bytesAb + bytesBa);
}

function table(): string {
  const total = [...bytesBySource.values()].reduce((sum, bytes) => sum + bytes, 0);
  const files = rows.map((row) => `${row.capture.padEnd(60)} ${`${row.matching}/${row.flows}`.padStart(9)} flows right, ${row.named} named`);
  const sources = [...bytesBySource].toSorted(([, one], [, other]) => other - one);
  return [...files, '', ...sources.map(([source, bytes]) => `${source.padEnd(12)} ${bytes.toString().padStart(10)} bytes ${((100 * bytes) / total).toFixed(1).padStart(5)} %`)].join('\n');
}

describe('the names in every capture with a known truth', { skip: pendingCaptures }, () => {
  for (const capture of pendingCaptures === undefined ? knownCaptures() : []) {
    const { name: file, truth } = capture;
    const isExact = truth.grade.startsWith('exact');

    it(`${file}: every flow has the name of the truth (${truth.grade})`, () => {
      const found = namedFlows(capture);
      const byKey = new Map(found.map((flow) => [keyOf(flow.record.ends.protocol, flow.record.ends.a, flow.record.ends.aPort, flow.record.ends.b, flow.record.ends.bPort), flow]));
      const all = truth.flow_level === 'inner' ? (truth.flows_inner ?? []) : truth.flows;
      const flows = all.filter(({ proto }) => protocolNumbers.has(proto));
      const nameFor = (flow: TrueFlow): FlowName | null => byKey.get(keyOf(protocolNumbers.get(flow.proto), flow.a, flow.a_port, flow.b, flow.b_port))?.name ?? null;
      const wrong = flows.flatMap((flow) => difference(flow, nameFor(flow)) ?? []);
      rows.push({ capture: file, named: flows.filter((flow) => nameFor(flow) !== null).length, matching: flows.length - wrong.length, flows: flows.length });
      for (const { record, name } of found) if (!record.tunnel) count(name?.source ?? 'none', record);
      if (isExact) assert.deepEqual(wrong, []);
    });
  }

  after(() => process.stdout.write(`${table()}\n`));
});
