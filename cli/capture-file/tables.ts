import type { CaptureFileFlow, CaptureFileResult } from '../../service/index.ts';
import { tableLines } from '../table.ts';
import type { Canvas, Table } from '../table.ts';
import { visible } from '../terminal.ts';
import { countText, countedText, shareText, sizeText } from '../units.ts';
import type { Units } from '../units.ts';
import { endText, sourceText } from '../words.ts';
import { httpSection } from './http-table.ts';

/** What a capture file holds, as tables for people. */

interface NameUse {
  bytes: number;
  flows: number;
  readonly sources: Set<string>;
}

function bytesOf(flow: CaptureFileFlow): number {
  return flow.bytesAb + flow.bytesBa;
}

/** A table's lines under its title, with a line on the rows that are not shown, so that nothing is left out silently. */
function section(title: string, lines: readonly string[], rest: { count: number; bytes: number; noun: string; units: Units | undefined }): string[] {
  const more = rest.count === 0 ? [] : [`… ${countedText(rest.count, rest.noun)} more, ${sizeText(rest.bytes, rest.units)} (--top shows more, --json all)`];
  return ['', title, ...lines, ...more];
}

function flowTable(flows: readonly CaptureFileFlow[], units: Units | undefined): Table {
  return {
    columns: [
      { title: 'protocol', align: 'left' },
      { title: 'from', align: 'left', keeps: 'end' },
      { title: 'to', align: 'left', keeps: 'end' },
      { title: 'name', align: 'left', grows: true, keeps: 'end' },
      { title: 'packets', align: 'right' },
      { title: '→', align: 'right' },
      { title: '←', align: 'right' },
    ],
    rows: flows.map((flow) => [
      flow.protocol,
      endText(flow.a, flow.aPort),
      endText(flow.b, flow.bPort),
      flow.hostname ?? '',
      countText(flow.packetsAb + flow.packetsBa),
      sizeText(flow.bytesAb, units),
      sizeText(flow.bytesBa, units),
    ]),
  };
}

/** How a file is shown: what it is called, and how many rows each table has at most. */
export interface ReadView {
  readonly title: string;
  readonly top: number;
}

function flowSection(title: string, flows: readonly CaptureFileFlow[], top: number, canvas: Canvas): string[] {
  if (flows.length === 0) return [];
  const sorted = flows.toSorted((a, b) => bytesOf(b) - bytesOf(a));
  const rest = sorted.slice(top);
  const bytes = rest.reduce((sum, flow) => sum + bytesOf(flow), 0);
  const lines = tableLines(flowTable(sorted.slice(0, top), canvas.units), canvas);
  return section(canvas.paint('strong', title), lines, { count: rest.length, bytes, noun: 'flow', units: canvas.units });
}

/** Bytes by name; the flows without one are a row of their own (the empty name), so that the rows add up to the total. */
function usesByName(flows: readonly CaptureFileFlow[]): [string, NameUse][] {
  const uses = new Map<string, NameUse>();
  for (const flow of flows) {
    const key = flow.hostname ?? '';
    const use = uses.get(key) ?? { bytes: 0, flows: 0, sources: new Set() };
    use.bytes += bytesOf(flow);
    use.flows += 1;
    if (flow.hostnameSource !== null) use.sources.add(sourceText(flow.hostnameSource));
    uses.set(key, use);
  }
  return [...uses].toSorted(([, a], [, b]) => b.bytes - a.bytes);
}

function nameTable(uses: readonly [string, NameUse][], { ipBytes, units }: { ipBytes: number; units: Units | undefined }): Table {
  return {
    columns: [
      { title: 'name', align: 'left', grows: true, keeps: 'end' },
      { title: 'known from', align: 'left' },
      { title: 'flows', align: 'right' },
      { title: 'bytes', align: 'right' },
      { title: 'share', align: 'right' },
    ],
    rows: uses.map(([name, use]) => [
      name === '' ? { text: 'no name known', tone: 'faint' } : name,
      [...use.sources].toSorted().join(', '),
      countText(use.flows),
      sizeText(use.bytes, units),
      shareText(use.bytes, ipBytes),
    ]),
  };
}

function nameSection(result: CaptureFileResult, top: number, canvas: Canvas): string[] {
  if (result.flows.length === 0) return [];
  const uses = usesByName(result.flows);
  const rest = uses.slice(top);
  const bytes = rest.reduce((sum, [, use]) => sum + use.bytes, 0);
  const lines = tableLines(nameTable(uses.slice(0, top), { ipBytes: result.ipBytes, units: canvas.units }), canvas);
  return section(canvas.paint('strong', 'NAMES'), lines, { count: rest.length, bytes, noun: 'name', units: canvas.units });
}

/** What a reader must know of a file that is not whole, or was not read whole. */
function cautions(result: CaptureFileResult): string[] {
  return [
    ...(result.truncated ? ['The file ends in the middle of a record: what comes before it is counted.'] : []),
    ...(result.malformedPackets > 0 ? [`${countedText(result.malformedPackets, 'packet')} with a length beyond reason.`] : []),
    ...(result.refusedClues > 0 ? [`${countedText(result.refusedClues, 'packet')} not searched for names: some may be missing.`] : []),
    ...(result.evictedFlows > 0 ? [`${countedText(result.evictedFlows, 'flow')} in more than one row: the file has more than fit in memory at once.`] : []),
  ];
}

/** The whole text: totals, cautions, flows, flows inside tunnels, names, plain HTTP. */
export function readLines(result: CaptureFileResult, view: ReadView, canvas: Canvas): string[] {
  const totals = [
    countedText(result.packets, 'packet'),
    `${sizeText(result.ipBytes, canvas.units)} of IP`,
    countedText(result.flows.length, 'flow'),
    `link type ${visible(result.linkType)}`,
  ];
  return [
    `${canvas.paint('strong', visible(view.title))}: ${totals.join(', ')}`,
    ...cautions(result).map((line) => canvas.paint('warning', `! ${line}`)),
    ...flowSection('FLOWS', result.flows, view.top, canvas),
    ...flowSection('FLOWS INSIDE TUNNELS (their bytes are part of those above)', result.flowsInner ?? [], view.top, canvas),
    ...nameSection(result, view.top, canvas),
    ...httpSection(result.http, view.top, canvas),
  ];
}
