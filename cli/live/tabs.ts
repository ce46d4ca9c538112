import { connectionTable, inOrder, appNames, withWords } from '../now/connection-list.ts';
import { hitsText, httpHostTable } from '../http/tables.ts';
import { tableLines } from '../table.ts';
import type { Table } from '../table.ts';
import { fitted, visible } from '../terminal.ts';
import { countText, rateOf } from '../units.ts';
import type { Frame } from './frame.ts';
import { labelText } from './labels.ts';
import { busiest } from './ledger.ts';
import type { Ledger, LedgerRow, LedgerTable } from './ledger.ts';
import { usageTable } from './sections.ts';
import { filterWords, orderOf, tabs } from './view.ts';
import type { Tab, UsageOrder, View } from './view.ts';

/** One tab of the live screen: a list of its own that fills the screen. */

const tabTitles: Readonly<Record<Tab, string>> = { all: 'all', apps: 'apps', domains: 'domains', connections: 'connections', http: 'HTTP' };

/** From here on the tabs are named in full. */
const columnsForTitles = 66;

/** `0 all  1 apps [2 domains] 3 connections  4 HTTP   by total   /cdn   held`: where one is, and what holds there. */
export function tabLine(view: View, frame: Frame): string {
  const { tab, filter, isTyping, isHeld } = view;
  const title = (each: Tab): string => (frame.columns < columnsForTitles && each !== tab ? '' : ` ${tabTitles[each]}`);
  const names = tabs.map((each, index) => (each === tab ? `[${index}${title(each)}]` : ` ${index}${title(each)} `)).join('');
  const order = tab === 'all' ? '' : `  by ${orderOf(view, tab)}`;
  const words = isTyping || filter !== '' ? `  /${visible(filter)}${isTyping ? '▏' : ''}` : '';
  return frame.paint(isHeld ? 'warning' : 'faint', fitted(`${isHeld ? 'held ' : ''}${names}${order}${words}`, frame.columns, 'start'));
}

function has(words: readonly string[], text: string): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}

function usageRows(table: LedgerTable, order: UsageOrder, words: readonly string[]): readonly LedgerRow[] {
  const comparisons: Readonly<Record<UsageOrder, (a: LedgerRow, b: LedgerRow) => number>> = {
    busy: () => 0,
    received: (a, b) => b.rxBytes - a.rxBytes,
    sent: (a, b) => b.txBytes - a.txBytes,
    total: (a, b) => b.rxTotal + b.txTotal - (a.rxTotal + a.txTotal),
    name: (a, b) => labelText(a.label).localeCompare(labelText(b.label), 'en'),
  };
  return busiest(table).filter((row) => has(words, labelText(row.label))).toSorted(comparisons[order]);
}

/** What a tab lists: how many rows there are, and a table of some of them. */
interface Rows {
  readonly count: number;
  readonly table: (from: number, to: number) => Table;
  /** What is said where there are none. */
  readonly none: string;
}

function usage(table: LedgerTable, title: string, { order, words, ledger, frame }: { readonly order: UsageOrder; readonly words: readonly string[]; readonly ledger: Ledger; readonly frame: Frame }): Rows {
  const rows = usageRows(table, order, words);
  const shape = { intervalSeconds: ledger.snapshot.intervalSeconds, width: frame.columns, units: frame.units };
  return { count: rows.length, table: (from, to) => usageTable(title, rows.slice(from, to), shape), none: 'nothing yet' };
}

function connections(ledger: Ledger, view: View, frame: Frame): Rows {
  const { snapshot } = ledger;
  const names = appNames(snapshot);
  const rows = inOrder(withWords(snapshot.connections, filterWords(view), names), orderOf(view, 'connections'), names);
  const shape = { title: 'CONNECTIONS', width: frame.columns, intervalSeconds: snapshot.intervalSeconds, names, units: frame.units };
  return { count: rows.length, table: (from, to) => connectionTable(rows.slice(from, to), shape), none: 'no connection carries anything' };
}

function http(ledger: Ledger, view: View, frame: Frame): Rows {
  const { snapshot } = ledger;
  const now = new Map(snapshot.http.map(({ host, requests }) => [host, requests]));
  const perSecond = (host: string | null): number => rateOf(now.get(host) ?? 0, snapshot.intervalSeconds);
  const order = orderOf(view, 'http');
  const words = filterWords(view);
  const rows = ledger.http
    .filter(({ host }) => has(words, host ?? 'other hosts'))
    .toSorted((a, b) => (order === 'host' ? (a.host ?? '').localeCompare(b.host ?? '', 'en') : order === 'now' ? perSecond(b.host) - perSecond(a.host) : b.requests - a.requests));
  const before = [{ column: { title: 'hits/s', align: 'right' }, cell: ({ host }: { readonly host: string | null }) => (perSecond(host) === 0 ? '·' : hitsText(perSecond(host))) }] as const;
  return { count: rows.length, table: (from, to) => httpHostTable(rows.slice(from, to), { title: 'PLAIN HTTP', width: frame.columns, before }), none: 'no plain HTTP yet' };
}

function rowsOf(ledger: Ledger, view: View, frame: Frame): Rows | null {
  const words = filterWords(view);
  switch (view.tab) {
    case 'all':
      return null;
    case 'apps':
      return usage(ledger.apps, 'APPS', { order: orderOf(view, 'apps'), words, ledger, frame });
    case 'domains':
      return usage(ledger.domains, 'DOMAINS', { order: orderOf(view, 'domains'), words, ledger, frame });
    case 'connections':
      return connections(ledger, view, frame);
    case 'http':
      return http(ledger, view, frame);
  }
}

/** The list of the tab in at most so many lines; how many rows stand above and below it is said at its end. */
export function tabLines(ledger: Ledger, view: View, { frame, available }: { readonly frame: Frame; readonly available: number }): string[] {
  const rows = rowsOf(ledger, view, frame);
  if (rows === null || available < 2) return [];
  if (rows.count === 0) return ['', frame.paint('faint', fitted(view.filter === '' ? rows.none : `nothing has "${visible(view.filter)}"; Esc shows all`, frame.columns, 'start'))];
  const room = available - 1;
  const isWhole = rows.count <= room;
  const shown = isWhole ? room : Math.max(1, room - 1);
  const from = Math.min(view.offset, Math.max(0, rows.count - shown));
  const to = Math.min(rows.count, from + shown);
  const lines = tableLines(rows.table(from, to), { width: frame.columns, paint: frame.paint });
  const place = `${countText(from + 1)} to ${countText(to)} of ${countText(rows.count)}; ↑ ↓ move`;
  return isWhole ? lines : [...lines, frame.paint('faint', fitted(place, frame.columns, 'start'))];
}

const keys: readonly (readonly [string, string])[] = [
  ['0 … 4', 'all, apps, domains, connections, HTTP'],
  ['Tab', 'the next of them'],
  ['s  ← →', 'another order'],
  ['↑ ↓', 'move through the rows'],
  ['/', 'only rows with these words; Enter keeps, Esc ends it'],
  ['space', 'hold the picture; counting goes on'],
  ['?', 'this help'],
  ['q', 'quit'],
];

/** What each key does. */
export function helpLines(frame: Frame): string[] {
  return ['', ...keys.map(([key, does]) => fitted(`  ${key.padEnd(8)}${does}`, frame.columns, 'start'))];
}
