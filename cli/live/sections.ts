import type { Snapshot } from '../../protocol/app.ts';
import { appNames, connectionTable, inOrder } from '../now/connection-list.ts';
import { tableLines } from '../table.ts';
import type { Column, Table } from '../table.ts';
import { rateOf, rateText, sizeText, widestTexts } from '../units.ts';
import type { Units } from '../units.ts';
import type { Frame } from './frame.ts';
import { labelText } from './labels.ts';
import { busiest } from './ledger.ts';
import type { Ledger, LedgerRow, LedgerTable } from './ledger.ts';

/** The tables of the live screen. Each knows how many rows it has and draws as many of them as it is given. */

export interface Section {
  /** Rows that there are to show. */
  readonly wanted: number;
  /** The titles and that many rows, as lines. */
  readonly lines: (rows: number) => string[];
}

/** From here on apps and domains fit beside each other. */
const columnsForTwo = 116;

/** The connections of the whole picture keep to the columns of a usual terminal; their own tab has all. */
const widestConnections = 100;

/** What stands between two tables that are beside each other. */
const between = '    ';

/** From here on the totals have a column for each direction. */
const columnsForTotals = 64;

const rateColumns: readonly Column[] = [
  { title: '↓', align: 'right' },
  { title: '↑', align: 'right' },
];

/** Apps or domains with their rates and totals. */
export function usageTable(title: string, rows: readonly LedgerRow[], shape: { intervalSeconds: number; width: number; units: Units | undefined }): Table {
  const hasTotals = shape.width >= columnsForTotals;
  // Numbers change every second: a column as wide as its widest possible text never moves.
  const widest = widestTexts(shape.units);
  const rate = (bytes: number): string => (bytes === 0 ? '·' : rateText(rateOf(bytes, shape.intervalSeconds), shape.units)).padStart(widest.rate);
  const size = (bytes: number): string => (bytes === 0 ? '·' : sizeText(bytes, shape.units)).padStart(widest.size);
  const totals: readonly Column[] = hasTotals
    ? [{ title: '↓ total', align: 'right' }, { title: '↑ total', align: 'right' }]
    : [{ title: 'total', align: 'right' }];
  return {
    columns: [{ title, align: 'left', grows: true }, ...rateColumns, ...totals],
    rows: rows.map((row) => [
      { text: labelText(row.label), tone: row.rxBytes + row.txBytes === 0 ? 'faint' : 'normal' },
      { text: rate(row.rxBytes), tone: row.rxBytes === 0 ? 'faint' : 'down' },
      { text: rate(row.txBytes), tone: row.txBytes === 0 ? 'faint' : 'up' },
      ...(hasTotals ? [size(row.rxTotal), size(row.txTotal)] : [size(row.rxTotal + row.txTotal)]),
    ]),
  };
}

interface Place {
  readonly title: string;
  readonly width: number;
}

function usageSection(table: LedgerTable, place: Place, ledger: Ledger, frame: Frame): Section {
  const rows = busiest(table);
  const shape = { intervalSeconds: ledger.snapshot.intervalSeconds, width: place.width, units: frame.units };
  return {
    wanted: rows.length,
    lines: (count) => tableLines(usageTable(place.title, rows.slice(0, count), shape), { width: place.width, paint: frame.paint }),
  };
}

function beside(left: Section, right: Section, width: number): Section {
  return {
    wanted: Math.max(left.wanted, right.wanted),
    lines: (count) => {
      const [one, other] = [left.lines(count), right.lines(count)];
      return Array.from({ length: Math.max(one.length, other.length) }, (_, index) =>
        `${one[index] ?? ' '.repeat(width)}${between}${other[index] ?? ''}`,
      );
    },
  };
}

function connectionSection(snapshot: Snapshot, frame: Frame): Section {
  const names = appNames(snapshot);
  const rows = inOrder(snapshot.connections, 'rate', names);
  // Beside the other tables there is no room for more than these columns.
  const shape = { title: 'CONNECTIONS', width: Math.min(frame.columns, widestConnections), intervalSeconds: snapshot.intervalSeconds, names, units: frame.units };
  return {
    wanted: rows.length,
    lines: (count) => tableLines(connectionTable(rows.slice(0, count), shape), { width: frame.columns, paint: frame.paint }),
  };
}

/** Apps and domains (beside each other where there is room), what is inside this machine, connections. */
export function sections(ledger: Ledger, frame: Frame): Section[] {
  const isWide = frame.columns >= columnsForTwo;
  const width = isWide ? Math.floor((frame.columns - between.length) / 2) : frame.columns;
  const apps = usageSection(ledger.apps, { title: 'APPS', width }, ledger, frame);
  const domains = usageSection(ledger.domains, { title: 'DOMAINS', width }, ledger, frame);
  const inside = usageSection(ledger.inside, { title: 'INSIDE THIS MACHINE (not in the totals)', width: frame.columns }, ledger, frame);
  const traffic = isWide ? [beside(apps, domains, width)] : [apps, domains];
  return [...traffic, inside, connectionSection(ledger.snapshot, frame)].filter((section) => section.wanted > 0);
}
