import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { z } from 'zod';
import { canonicalAddress } from '../../core/flow/address.ts';
import { knownCaptures, pendingCaptures } from './captures.ts';
import type { KnownCapture, TrueFlow } from './captures.ts';

/** The whole program on every capture whose truth is known: what `tidewatch read FILE --json` prints beside that truth. */

const program = fileURLToPath(new URL('../../bin/tidewatch', import.meta.url));

/** One flow as docs/CLI.md promises it: any further field is allowed, none of these may be absent. */
const PrintedFlow = z.object({
  protocol: z.string(),
  a: z.string(),
  aPort: z.number().nullable(),
  b: z.string(),
  bPort: z.number().nullable(),
  bytesAb: z.number(),
  bytesBa: z.number(),
  packetsAb: z.number(),
  packetsBa: z.number(),
  hostname: z.string().nullable(),
  hostnameSource: z.string().nullable(),
});
type PrintedFlow = z.infer<typeof PrintedFlow>;

const Printed = z.object({
  packets: z.number(),
  ipBytes: z.number(),
  linkType: z.string(),
  flows: z.array(PrintedFlow),
  flowsInner: z.array(PrintedFlow).optional(),
});
type Printed = z.infer<typeof Printed>;

async function outputOf(child: ChildProcess): Promise<string> {
  const { stdout, stderr } = child;
  assert.ok(stdout !== null && stderr !== null);
  const [[code], printed, complaint] = await Promise.all([once(child, 'exit'), text(stdout), text(stderr)]);
  assert.equal(code, 0, complaint);
  return printed;
}

async function readFile(path: string): Promise<Printed> {
  const child = spawn(process.execPath, [program, 'read', path, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  return Printed.parse(JSON.parse(await outputOf(child)));
}

async function readStandardInput(path: string): Promise<Printed> {
  const input = openSync(path, 'r');
  try {
    const child = spawn(process.execPath, [program, 'read', '-', '--json'], { stdio: [input, 'pipe', 'pipe'] });
    return Printed.parse(JSON.parse(await outputOf(child)));
  } finally {
    closeSync(input);
  }
}

interface FlowEnds {
  readonly protocol: string;
  readonly a: string;
  readonly aPort: number | null;
  readonly b: string;
  readonly bPort: number | null;
}

function keyOf({ protocol, a, aPort, b, bPort }: FlowEnds): string {
  return `${protocol} ${canonicalAddress(a) ?? a} ${aPort ?? '-'} ${canonicalAddress(b) ?? b} ${bPort ?? '-'}`;
}

/** The truth writes protocols without a name as `ip-NUMBER`, the program as the number. */
function trueKey({ proto, a, a_port: aPort, b, b_port: bPort }: TrueFlow): string {
  return keyOf({ protocol: proto.replace(/^ip-/u, ''), a, aPort, b, bPort });
}

/** What a list of flows says in numbers, comparable: the 5-tuple, then bytes and packets of each direction. */
function trueNumbers(flows: readonly TrueFlow[]): readonly string[] {
  return flows.map((flow) => [trueKey(flow), flow.bytes_ab, flow.bytes_ba, flow.packets_ab, flow.packets_ba].join(' ')).toSorted();
}

function printedNumbers(flows: readonly PrintedFlow[]): readonly string[] {
  return flows.map((flow) => [keyOf(flow), flow.bytesAb, flow.bytesBa, flow.packetsAb, flow.packetsBa].join(' ')).toSorted();
}

/** Only TCP and UDP flows are promised names. */
function mayHaveName({ proto }: TrueFlow): boolean {
  return proto === 'tcp' || proto === 'udp';
}

function isRightName(truth: TrueFlow, printed: PrintedFlow | undefined): boolean {
  const expected = truth.hostname ?? null;
  const given = printed?.hostname ?? null;
  if (given === expected || (truth.name_optional === true && given === null)) return true;
  const isGuess = printed?.hostnameSource === 'dns' || truth.hostname_source === 'dns';
  return isGuess && truth.dns_candidates?.includes(given ?? '') === true;
}

function wrongNames({ truth }: KnownCapture, printed: Printed): readonly string[] {
  const isInner = truth.flow_level === 'inner';
  const found = new Map((isInner ? (printed.flowsInner ?? printed.flows) : printed.flows).map((flow) => [keyOf(flow), flow]));
  const wanted = (isInner ? (truth.flows_inner ?? []) : truth.flows).filter(mayHaveName);
  return wanted.flatMap((flow) => {
    const given = found.get(trueKey(flow));
    return isRightName(flow, given) ? [] : [`${trueKey(flow)}: ${given?.hostname ?? 'no name'}, in truth ${flow.hostname ?? 'no name'}`];
  });
}

/** Packets that the truth itself is unsure of. */
function doubtfulPackets({ truth }: KnownCapture): number {
  return Object.values(truth.notes).reduce<number>((sum, count) => sum + Number(count), 0);
}

const rows: string[] = [];

function addRow(capture: KnownCapture, printed: Printed): void {
  const { truth } = capture;
  const mark = (found: number, expected: number): string => (found === expected ? `${found}` : `${found} (${expected})`);
  const named = printed.flows.filter(({ hostname }) => hostname !== null).length;
  const inner = printed.flowsInner === undefined ? '-' : mark(printed.flowsInner.length, truth.flows_inner?.length ?? truth.flows.length);
  const cells = [mark(printed.packets, truth.packets), mark(printed.ipBytes, truth.ip_bytes), mark(printed.flows.length, truth.flows.length), inner, `${named}`, `${wrongNames(capture, printed).length}`];
  rows.push(`${capture.name.padEnd(56)}${cells.map((cell, column) => cell.padStart(column === 1 ? 20 : 13)).join('')}  ${truth.grade.split(' ')[0]}`);
}

function table(): string {
  const titles = ['packets', 'IP bytes', 'flows', 'innermost', 'named', 'wrong names'];
  const head = `${'tidewatch read (truth in brackets where it differs)'.padEnd(56)}${titles.map((title, column) => title.padStart(column === 1 ? 20 : 13)).join('')}  grade`;
  return [head, ...rows.toSorted()].join('\n');
}

function assertTrue(capture: KnownCapture, printed: Printed): void {
  const { truth } = capture;
  const sum = printed.flows.reduce((bytes, flow) => bytes + flow.bytesAb + flow.bytesBa, 0);
  assert.equal(printed.packets, truth.packets, 'every packet is counted');
  assert.equal(sum, printed.ipBytes, 'the flows sum up to the total');
  if (truth.grade === 'no-crash') return;
  if (!truth.grade.startsWith('exact')) {
    assert.ok(Math.abs(printed.ipBytes - truth.ip_bytes) <= doubtfulPackets(capture) * 65_535, `${printed.ipBytes} IP bytes, ${truth.ip_bytes} in truth`);
    return;
  }
  assert.equal(printed.ipBytes, truth.ip_bytes);
  assert.deepEqual(printedNumbers(printed.flows), trueNumbers(truth.flows));
  if (truth.flows_inner !== undefined && printed.flowsInner !== undefined) {
    assert.deepEqual(printedNumbers(printed.flowsInner), trueNumbers(truth.flows_inner));
  } else if (truth.flows_inner !== undefined) {
    assert.deepEqual(printedNumbers(printed.flows), trueNumbers(truth.flows_inner), 'without a second list, the flows are the innermost');
  }
  assert.deepEqual(wrongNames(capture, printed), []);
}

describe('tidewatch read on every capture with a known truth', { skip: pendingCaptures }, () => {
  const captures = pendingCaptures === undefined ? knownCaptures() : [];

  for (const capture of captures) {
    it(`${capture.name}: packets, bytes, flows and names are those of the truth (${capture.truth.grade})`, async () => {
      const printed = await readFile(capture.path);
      addRow(capture, printed);
      assertTrue(capture, printed);
    });
  }

  it('a capture compressed with gzip or zstd, or from standard input, gives the same answer', async () => {
    const capture = captures.find(({ name }) => name === 'pcapplusplus__example2.pcap') ?? captures[0];
    assert.ok(capture !== undefined);
    const folder = mkdtempSync(join(tmpdir(), 'tidewatch-read-'));
    try {
      const plain = readFileSync(capture.path);
      writeFileSync(join(folder, 'one.gz'), gzipSync(plain));
      writeFileSync(join(folder, 'one.zst'), zstdCompressSync(plain));
      const expected = await readFile(capture.path);
      assert.deepEqual(await readFile(join(folder, 'one.gz')), expected);
      assert.deepEqual(await readFile(join(folder, 'one.zst')), expected);
      assert.deepEqual(await readStandardInput(capture.path), expected);
      assert.deepEqual(await readStandardInput(join(folder, 'one.zst')), expected);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  after(() => process.stdout.write(`${table()}\n`));
});
