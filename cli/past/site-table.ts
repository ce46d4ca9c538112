import type { DataTable } from '../../service/index.ts';
import { tableLines } from '../table.ts';
import type { Canvas, Cell } from '../table.ts';
import { countText, sizeText } from '../units.ts';
import type { SiteRow } from './site.ts';

/** From here on each direction has a column of its own. */
const widthForDirections = 64;

/** Number, domain, amount, date: one line for each host and day, and the sum of all. */
export function siteLines(rows: readonly SiteRow[], canvas: Canvas): string[] {
  if (rows.length === 0) return ['Nothing was used in this time.'];
  const size = (bytes: number): string => sizeText(bytes, canvas.units);
  const sum = (of: (row: SiteRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const hasDirections = canvas.width >= widthForDirections;
  const bytes = (rx: number, tx: number): readonly string[] => [...(hasDirections ? [size(rx), size(tx)] : []), size(rx + tx)];
  const total = bytes(sum(({ rxBytes }) => rxBytes), sum(({ txBytes }) => txBytes));
  const cells = rows.map(({ site, host, date, rxBytes, txBytes }, index): readonly (string | Cell)[] => [
    countText(index + 1),
    host ?? { text: `${site} (hosts not named)`, tone: 'faint' },
    ...bytes(rxBytes, txBytes),
    date,
  ]);
  const columns = [
    { title: '#', align: 'right' },
    { title: 'domain', align: 'left', grows: true, keeps: 'end' },
    ...(hasDirections ? [{ title: '↓ received', align: 'right' }, { title: '↑ sent', align: 'right' }] as const : []),
    { title: 'amount', align: 'right' },
    { title: 'date', align: 'right' },
  ] as const;
  return tableLines({ columns, rows: [...cells, ['', 'total', ...total, ''].map((text) => ({ text, tone: 'strong' as const }))] }, canvas);
}

/** One line for each host and day; the lines sum up to the sites. */
export function siteTable(rows: readonly SiteRow[]): DataTable {
  return [
    { name: 'number', type: 'count', values: rows.map((_, index) => index + 1) },
    { name: 'site', type: 'text', values: rows.map(({ site }) => site) },
    { name: 'host', type: 'text', values: rows.map(({ host }) => host) },
    { name: 'rx_bytes', type: 'count', values: rows.map(({ rxBytes }) => rxBytes) },
    { name: 'tx_bytes', type: 'count', values: rows.map(({ txBytes }) => txBytes) },
    { name: 'date', type: 'text', values: rows.map(({ date }) => date) },
  ];
}
