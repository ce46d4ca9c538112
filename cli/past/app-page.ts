import type { UsageRow } from '../../protocol/app.ts';
import type { DataTable } from '../../service/index.ts';
import { gapLine } from '../report/tables.ts';
import { tableLines } from '../table.ts';
import type { Canvas, Cell, Column } from '../table.ts';
import { visible } from '../terminal.ts';
import { dateTimeText } from '../time.ts';
import { countText, countedText, shareText, sizeText } from '../units.ts';
import type { AppFacts } from './app.ts';

/** An app as a page for people, and its days for programs. */

interface Bytes {
  readonly rxBytes: number;
  readonly txBytes: number;
}

const both = ({ rxBytes, txBytes }: Bytes): number => rxBytes + txBytes;

function usageLines(title: string, rows: readonly (Bytes & { readonly label: Cell })[], of: { readonly total: Bytes; readonly canvas: Canvas }): string[] {
  const { total, canvas } = of;
  const columns: readonly Column[] = [
    { title, align: 'left', grows: true, keeps: 'end' },
    { title: '↓ received', align: 'right' },
    { title: '↑ sent', align: 'right' },
    { title: 'share', align: 'right' },
  ];
  const cells = rows.map((row) => [row.label, sizeText(row.rxBytes, canvas.units), sizeText(row.txBytes, canvas.units), shareText(both(row), both(total))]);
  return tableLines({ columns, rows: cells }, canvas);
}

function domainRow({ kind, label, rxBytes, txBytes }: UsageRow): Bytes & { readonly label: Cell } {
  return { label: kind === 'unknown' ? { text: 'no name known', tone: 'faint' } : { text: label, tone: 'normal' }, rxBytes, txBytes };
}

/** What it is, when it was used, what it used in all, with which domains, and on which days. */
export function appLines(facts: AppFacts, canvas: Canvas): string[] {
  const { app, displayName, seen, domains, days } = facts;
  const { total, other } = domains;
  const title = displayName === app ? visible(app) : `${visible(displayName)}  ${visible(app)}`;
  const head = [
    canvas.paint('strong', title),
    `First used ${dateTimeText(seen.first)}, last ${dateTimeText(seen.last)}`,
    `↓ ${sizeText(total.rxBytes, canvas.units)}  ↑ ${sizeText(total.txBytes, canvas.units)}  ${countedText(total.connections, 'connection')} from ${dateTimeText(days.from)} to ${dateTimeText(days.to)}`,
  ];
  if (both(total) === 0) return [...head, 'Nothing was used in this time.'];
  const more = other === null ? [] : [{ label: { text: `… ${countText(other.keys)} more (--top shows more)`, tone: 'faint' as const }, ...other }];
  const gap = gapLine(days);
  return [
    ...head,
    '',
    ...usageLines('DOMAINS', [...domains.rows.map(domainRow), ...more], { total, canvas }),
    '',
    ...usageLines('DAYS', days.rows.map(({ key, rxBytes, txBytes }) => ({ label: { text: key ?? '', tone: 'normal' }, rxBytes, txBytes })), { total, canvas }),
    ...(gap === null ? [] : [canvas.paint('warning', `! ${gap}`)]),
  ];
}

/** Apps as JSON has them. */
export function appJson({ app, displayName, seen, domains, days }: AppFacts): object {
  return {
    app,
    displayName,
    first: seen.first,
    last: seen.last,
    from: days.from,
    to: days.to,
    total: domains.total,
    domains: domains.rows.map(({ kind: _kind, label: _label, ...row }) => row),
    otherDomains: domains.other,
    days: days.rows.map(({ key, rxBytes, txBytes, rxPackets, txPackets, connections }) => ({ date: key, rxBytes, txBytes, rxPackets, txPackets, connections })),
    gaps: days.gaps,
  };
}

/** One line for each app and day. */
export function appTable(apps: readonly AppFacts[]): DataTable {
  const rows = apps.flatMap(({ app, displayName, days }) => days.rows.map((day) => ({ ...day, app, name: displayName })));
  return [
    { name: 'app', type: 'text', values: rows.map(({ app }) => app) },
    { name: 'label', type: 'text', values: rows.map(({ name }) => name) },
    { name: 'date', type: 'text', values: rows.map(({ key }) => key) },
    { name: 'rx_bytes', type: 'count', values: rows.map(({ rxBytes }) => rxBytes) },
    { name: 'tx_bytes', type: 'count', values: rows.map(({ txBytes }) => txBytes) },
    { name: 'connections', type: 'count', values: rows.map(({ connections }) => connections) },
  ];
}
