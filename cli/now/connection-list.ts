import type { ConnectionRow, Snapshot } from '../../protocol/app.ts';
import type { DataTable } from '../../service/index.ts';
import { millisecondsText } from '../past/quality-table.ts';
import type { Column, Table } from '../table.ts';
import { fitted, visible } from '../terminal.ts';
import { countText, rateOf, rateText, widestTexts } from '../units.ts';
import type { Units } from '../units.ts';
import { appText, endText, sourceText } from '../words.ts';

/** Connections of this moment: found by words, in an order, as a table of any width and for programs. */

export const connectionOrders = ['rate', 'received', 'sent', 'app', 'remote', 'round-trip', 'retransmits'] as const;
export type ConnectionOrder = (typeof connectionOrders)[number];

/** From here on there are columns for each direction and for how the name is known. */
const widthForDirections = 60;

/** From here on there is room for all. */
const widthForAll = 120;

/** What the apps of a snapshot are called, by their ids. */
export function appNames(snapshot: Pick<Snapshot, 'apps'>): ReadonlyMap<string, string> {
  return new Map(snapshot.apps.flatMap(({ app, displayName }) => (app === null || displayName === null ? [] : [[app, displayName]])));
}

type Names = ReadonlyMap<string, string>;

function nameOf(row: ConnectionRow, names: Names): string {
  return row.app === null ? 'unknown' : (names.get(row.app) ?? appText(row.app));
}

const remoteText = (row: ConnectionRow): string => `${row.protocol} ${endText(row.host ?? row.remoteAddress, row.remotePort)}`;

const bytesOf = ({ rxBytes, txBytes }: ConnectionRow): number => rxBytes + txBytes;

/** The connections in whose facts every word occurs, in capitals or not: an app, a host, an address, a port, a service, a country. */
export function withWords(rows: readonly ConnectionRow[], words: readonly string[], names: Names): readonly ConnectionRow[] {
  const wanted = words.map((word) => word.toLowerCase());
  if (wanted.length === 0) return rows;
  return rows.filter((row) => {
    const { app, pid, localAddress, localPort, remoteAddress, remotePort, host, service, country, scope } = row;
    const facts = [nameOf(row, names), app, pid, row.interface, row.protocol, endText(localAddress, localPort), endText(remoteAddress, remotePort), host, remoteText(row), service, country, scope];
    const text = facts.map((fact) => String(fact ?? '')).join('\n').toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** The connections in an order: numbers the largest first, names by the alphabet; those alike by how much they move. */
export function inOrder(rows: readonly ConnectionRow[], order: ConnectionOrder, names: Names): readonly ConnectionRow[] {
  const byBytes = (a: ConnectionRow, b: ConnectionRow): number => bytesOf(b) - bytesOf(a);
  const comparisons: Readonly<Record<ConnectionOrder, (a: ConnectionRow, b: ConnectionRow) => number>> = {
    rate: byBytes,
    received: (a, b) => b.rxBytes - a.rxBytes,
    sent: (a, b) => b.txBytes - a.txBytes,
    app: (a, b) => nameOf(a, names).localeCompare(nameOf(b, names), 'en'),
    remote: (a, b) => remoteText(a).localeCompare(remoteText(b), 'en', { numeric: true }),
    'round-trip': (a, b) => (b.roundTripMicroseconds ?? -1) - (a.roundTripMicroseconds ?? -1),
    retransmits: (a, b) => b.retransmits - a.retransmits,
  };
  const compare = comparisons[order];
  return rows.toSorted((a, b) => compare(a, b) || byBytes(a, b));
}

interface Shape {
  readonly title: string;
  readonly width: number;
  readonly intervalSeconds: number;
  readonly names: Names;
  readonly units: Units | undefined;
}

/** One column with what it shows of a row. */
interface Shown {
  readonly column: Column;
  readonly cell: (row: ConnectionRow) => Table['rows'][number][number];
}

function shownIn({ title, width, intervalSeconds, names, units }: Shape): readonly Shown[] {
  const rate = (bytes: number): string => (bytes === 0 ? '·' : rateText(rateOf(bytes, intervalSeconds), units)).padStart(widestTexts(units).rate);
  const left = (name: string, cell: Shown['cell'], more: Partial<Column> = {}): Shown => ({ column: { title: name, align: 'left', ...more }, cell });
  const right = (name: string, cell: Shown['cell']): Shown => ({ column: { title: name, align: 'right' }, cell });
  const app = left(title, (row) => fitted(visible(`${nameOf(row, names)}${row.pid === null ? '' : ` ${row.pid}`}`), 24, 'start'));
  const remote = left('remote', remoteText, { grows: true, keeps: 'end' });
  if (width < widthForDirections) return [app, remote, right('↓↑', (row) => rate(bytesOf(row)))];
  const by = left('by', ({ source }) => (source === null ? '' : sourceText(source)));
  const rates = [
    right('↓', ({ rxBytes }) => ({ text: rate(rxBytes), tone: rxBytes === 0 ? 'faint' : 'down' })),
    right('↑', ({ txBytes }) => ({ text: rate(txBytes), tone: txBytes === 0 ? 'faint' : 'up' })),
  ];
  if (width < widthForAll) return [app, remote, by, ...rates];
  return [
    app,
    left('local', ({ localAddress, localPort }) => endText(localAddress, localPort)),
    remote,
    left('service', ({ service }) => service ?? ''),
    left('in', ({ country }) => country ?? ''),
    by,
    right('round trip', ({ roundTripMicroseconds: trip }) => (trip === null ? '·' : millisecondsText(trip))),
    right('again', ({ retransmits }) => (retransmits === 0 ? '·' : countText(retransmits))),
    ...rates,
  ];
}

/** The connections as a table that has as many columns as the width allows. */
export function connectionTable(rows: readonly ConnectionRow[], shape: Shape): Table {
  const shown = shownIn(shape);
  return { columns: shown.map(({ column }) => column), rows: rows.map((row) => shown.map(({ cell }) => cell(row))) };
}

/** One line for each connection. */
export function connectionData(rows: readonly ConnectionRow[], names: Names): DataTable {
  const text = (name: string, of: (row: ConnectionRow) => string | null): DataTable[number] => ({ name, type: 'text', values: rows.map(of) });
  const count = (name: string, of: (row: ConnectionRow) => number | null): DataTable[number] => ({ name, type: 'count', values: rows.map(of) });
  return [
    text('app', ({ app }) => app),
    text('label', (row) => nameOf(row, names)),
    count('pid', ({ pid }) => pid),
    text('interface', (row) => row.interface),
    text('protocol', ({ protocol }) => protocol),
    text('local_address', ({ localAddress }) => localAddress),
    count('local_port', ({ localPort }) => localPort),
    text('remote_address', ({ remoteAddress }) => remoteAddress),
    count('remote_port', ({ remotePort }) => remotePort),
    text('host', ({ host }) => host),
    text('source', ({ source }) => source),
    text('scope', ({ scope }) => scope),
    text('country', ({ country }) => country),
    text('service', ({ service }) => service),
    count('rx_bytes', ({ rxBytes }) => rxBytes),
    count('tx_bytes', ({ txBytes }) => txBytes),
    count('round_trip', ({ roundTripMicroseconds }) => roundTripMicroseconds),
    count('retransmits', ({ retransmits }) => retransmits),
  ];
}
