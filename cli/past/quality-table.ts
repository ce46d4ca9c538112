import type { QualityRow } from '../../protocol/app.ts';
import type { DataTable } from '../../service/index.ts';
import { tableLines } from '../table.ts';
import type { Canvas, Cell, Column } from '../table.ts';
import { countText, shareText } from '../units.ts';

/** How well connections went, as a table for people and for programs. */

/** From here on the least and the most have columns of their own. */
const widthForSpread = 80;

/** A round-trip time with three digits: `0.42 ms`, `12.3 ms`, `1 230 ms`. Microseconds. */
export function millisecondsText(microseconds: number): string {
  const milliseconds = microseconds / 1000;
  const digits = milliseconds < 9.995 ? 2 : milliseconds < 99.95 ? 1 : 0;
  return `${digits === 0 ? countText(milliseconds) : milliseconds.toFixed(digits)} ms`;
}

function label({ kind, displayName, label: name }: QualityRow): Cell {
  if (kind === 'unknown') return { text: 'unknown', tone: 'faint' };
  return { text: displayName ?? name, tone: 'normal' };
}

/** The rows as a table; a line where there are none. */
export function qualityLines(rows: readonly QualityRow[], by: string, canvas: Canvas): string[] {
  if (rows.length === 0) return ['No TCP connection was measured in this time.'];
  const isWide = canvas.width >= widthForSpread;
  const right = (title: string): Column => ({ title, align: 'right' });
  const columns: readonly Column[] = [
    { title: by, align: 'left', grows: true, keeps: 'end' },
    ...(isWide ? [right('samples'), right('least')] : []),
    right(isWide ? 'mean' : 'round trip'),
    ...(isWide ? [right('most')] : []),
    right('sent again'),
    right('of packets'),
  ];
  const cells = rows.map((row) => {
    const { samples, roundTripMicroseconds: trip, retransmits, packets } = row;
    const time = (value: number | undefined): string => (value === undefined ? '·' : millisecondsText(value));
    return [
      label(row),
      ...(isWide ? [countText(samples), time(trip?.least)] : []),
      time(trip?.mean),
      ...(isWide ? [time(trip?.most)] : []),
      countText(retransmits),
      packets === 0 ? '·' : shareText(retransmits, packets),
    ];
  });
  return tableLines({ columns, rows: cells }, canvas);
}

/** One line for each row; times in microseconds. */
export function qualityTable(rows: readonly QualityRow[], by: string): DataTable {
  return [
    { name: by, type: 'text', values: rows.map(({ key }) => key) },
    { name: 'label', type: 'text', values: rows.map(({ displayName, label: name }) => displayName ?? name) },
    { name: 'samples', type: 'count', values: rows.map(({ samples }) => samples) },
    { name: 'round_trip_least', type: 'count', values: rows.map(({ roundTripMicroseconds: trip }) => trip?.least ?? null) },
    { name: 'round_trip_mean', type: 'number', values: rows.map(({ roundTripMicroseconds: trip }) => trip?.mean ?? null) },
    { name: 'round_trip_most', type: 'count', values: rows.map(({ roundTripMicroseconds: trip }) => trip?.most ?? null) },
    { name: 'retransmits', type: 'count', values: rows.map(({ retransmits }) => retransmits) },
    { name: 'packets', type: 'count', values: rows.map(({ packets }) => packets) },
    { name: 'retransmit_share', type: 'number', values: rows.map(({ retransmitShare }) => retransmitShare) },
  ];
}
