import type { HttpHostSum } from '../../protocol/http.ts';
import type { DataTable } from '../../service/index.ts';
import { tableLines } from '../table.ts';
import type { Canvas, Cell, Column, Table } from '../table.ts';
import { clockText } from '../time.ts';
import { countText, countedText, durationText } from '../units.ts';
import type { HttpSpan } from './monitor.ts';

/** Plain HTTP as tables for people and for programs. */

/** Different things named in one cell: the rest is `…`, and whole in the JSON. */
const namedInCell = 3;

/** From here on there are columns for sections and methods. */
const widthForSections = 64;

/** Below it only the numbers stand beside the host. */
const widthForAnswers = 48;

type Counts = Readonly<Record<string, number>>;

/** `GET 5, POST 2, …`: the largest counts. */
export function largestText(counts: Counts): string {
  const sorted = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  const named = sorted.slice(0, namedInCell).map(([key, count]) => `${key} ${countText(count)}`);
  return [...named, ...(sorted.length > namedInCell ? ['…'] : [])].join(', ');
}

/** Answers by class: `2xx` with 200 and 204 in it. */
export function statusClasses(statuses: Counts): Readonly<Record<string, number>> {
  const classes = new Map<string, number>();
  for (const [status, count] of Object.entries(statuses)) classes.set(`${status[0]}xx`, (classes.get(`${status[0]}xx`) ?? 0) + count);
  return Object.fromEntries([...classes].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function classText(statuses: Counts): string {
  return Object.entries(statusClasses(statuses)).map(([name, count]) => `${name} ${countText(count)}`).join(', ');
}

/** Counts of several hosts, key by key. */
function summed(all: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const [key, count] of all.flatMap((counts) => Object.entries(counts))) sums.set(key, (sums.get(key) ?? 0) + count);
  return Object.fromEntries(sums);
}

/** `3.20`, `12.0`, `120`: requests a second. */
export function hitsText(hitsPerSecond: number): string {
  if (hitsPerSecond === 0) return '0';
  const digits = hitsPerSecond < 9.995 ? 2 : hitsPerSecond < 99.95 ? 1 : 0;
  return digits === 0 ? countText(hitsPerSecond) : hitsPerSecond.toFixed(digits);
}

/** Hosts as a table. `before` are columns that stand before the number of requests. */
export function httpHostTable(hosts: readonly HttpHostSum[], { title, width, before = [] }: { readonly title: string; readonly width: number; readonly before?: readonly { readonly column: Column; readonly cell: (host: HttpHostSum) => string }[] }): Table {
  const isWide = width >= widthForSections;
  const hasAnswers = width >= widthForAnswers;
  return {
    columns: [
      { title, align: 'left', grows: true, keeps: 'end' },
      ...before.map(({ column }) => column),
      { title: 'requests', align: 'right' },
      ...(isWide ? [{ title: 'sections', align: 'left' }, { title: 'methods', align: 'left' }] as const : []),
      ...(hasAnswers ? [{ title: 'answers', align: 'left' }] as const : []),
    ],
    rows: hosts.map((sum): readonly (string | Cell)[] => [
      sum.host ?? { text: 'other hosts', tone: 'faint' },
      ...before.map(({ cell }) => cell(sum)),
      countText(sum.requests),
      ...(isWide ? [largestText(sum.sections), largestText(sum.methods)] : []),
      ...(hasAnswers ? [classText(sum.statuses)] : []),
    ]),
  };
}

/** The most asked hosts, and a line on the rest. */
export function httpHostLines(hosts: readonly HttpHostSum[], top: number, canvas: Canvas): string[] {
  const rest = hosts.slice(top);
  const requests = rest.reduce((sum, host) => sum + host.requests, 0);
  const more = rest.length === 0 ? [] : [canvas.paint('faint', `… ${countedText(rest.length, 'host')} more, ${countedText(requests, 'request')} (--top shows more)`)];
  return [...tableLines(httpHostTable(hosts.slice(0, top), { title: 'host', width: canvas.width }), canvas), ...more];
}

/** What all hosts together were asked and answered: methods, then classes of answers. */
export function httpSumLine(hosts: readonly HttpHostSum[]): string {
  const methods = largestText(summed(hosts.map((host) => host.methods)));
  const answers = classText(summed(hosts.map((host) => host.statuses)));
  return [`methods ${methods === '' ? 'none' : methods}`, `answers ${answers === '' ? 'none' : answers}`].join('; ');
}

/** `! over: 12.0 hits a second are more than 10`, or that it has recovered; null where neither is new or true. */
export function stateLine({ state, hitsPerSecond, overSince, to }: HttpSpan, threshold: number): string | null {
  if (state === 'over') return `! over: ${hitsText(hitsPerSecond)} hits a second are more than ${countText(threshold)}, since ${clockText(overSince ?? to)}`;
  if (state === 'recovered') return `recovered: ${hitsText(hitsPerSecond)} hits a second, after ${durationText((to - (overSince ?? to)) / 1000)} over ${countText(threshold)}`;
  return null;
}

/** One span as lines: how much, how it stands to the threshold, and the hosts. */
export function spanLines(span: HttpSpan, { top, threshold }: { readonly top: number; readonly threshold: number }, canvas: Canvas): string[] {
  const { to, seconds, requests, responses, hitsPerSecond, hosts, state } = span;
  const head = `${clockText(to)}  ${hitsText(hitsPerSecond)} hits/s  ${countedText(requests, 'request')}, ${countedText(responses, 'answer')} in ${durationText(seconds)}`;
  const line = stateLine(span, threshold);
  return [
    canvas.paint('strong', head),
    ...(line === null ? [] : [canvas.paint(state === 'over' ? 'warning' : 'good', line)]),
    ...(hosts.length === 0 ? [] : [httpSumLine(hosts), ...httpHostLines(hosts, top, canvas)]),
  ];
}

/** One line for each host; methods, sections and answers as `GET 5 POST 2`. */
export function httpData(hosts: readonly HttpHostSum[]): DataTable {
  const all = (counts: Counts): string => Object.entries(counts).toSorted(([, a], [, b]) => b - a).map(([key, count]) => `${key} ${count}`).join(' ');
  return [
    { name: 'host', type: 'text', values: hosts.map(({ host }) => host) },
    { name: 'requests', type: 'count', values: hosts.map(({ requests }) => requests) },
    { name: 'responses', type: 'count', values: hosts.map(({ responses }) => responses) },
    { name: 'methods', type: 'text', values: hosts.map(({ methods }) => all(methods)) },
    { name: 'sections', type: 'text', values: hosts.map(({ sections }) => all(sections)) },
    { name: 'statuses', type: 'text', values: hosts.map(({ statuses }) => all(statuses)) },
  ];
}
