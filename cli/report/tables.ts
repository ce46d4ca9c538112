import type { Gap, Report, ReportRow } from '../../protocol/app.ts';
import { tableLines } from '../table.ts';
import type { Canvas } from '../table.ts';
import { dateTimeText } from '../time.ts';
import { countText, durationText, shareText, sizeText } from '../units.ts';

/** A report as a table for people. */

const gapWords: Record<Gap['reason'], string> = {
  'helper-down': 'the capture had failed',
  'service-down': 'Tidewatch was not running',
  asleep: 'the machine was asleep',
  paused: 'paused',
  'clock-set': 'the clock was set forward',
};

/** Length of the gaps within the report, in seconds. */
export function notMeasuredSeconds(report: Report): number {
  return report.gaps.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.to, report.to) - Math.max(gap.from, report.from)) / 1000, 0);
}

/** `Not measured: 12 min (Tidewatch was not running 10 min, paused 2 min)`; null where all of it was. */
export function gapLine(report: Report): string | null {
  const seconds = notMeasuredSeconds(report);
  if (seconds === 0) return null;
  const reasons = Object.entries(gapWords).flatMap(([reason, words]) => {
    const part = notMeasuredSeconds({ ...report, gaps: report.gaps.filter((gap) => gap.reason === reason) });
    return part === 0 ? [] : [`${words} ${durationText(part)}`];
  });
  return `Not measured: ${durationText(seconds)} (${reasons.join(', ')})`;
}

function bytesOf(row: Omit<ReportRow, 'key' | 'displayName'>): number {
  return row.rxBytes + row.txBytes;
}

const unknownKeys: Record<Report['by'], string> = {
  app: 'unknown app',
  domain: 'no name known',
  host: 'no name known',
  country: 'unknown country',
  network: 'unknown network',
  scope: 'unknown scope',
  service: 'unknown service',
  hour: 'unknown hour',
  day: 'unknown day',
  month: 'unknown month',
};

/** Whether the rows of such a report follow one another in time. */
function followsTime(by: Report['by']): boolean {
  return by === 'hour' || by === 'day' || by === 'month';
}

/** Days follow one another; everything else is led by the most bytes. */
function ordered(report: Report): ReportRow[] {
  if (followsTime(report.by)) return report.rows.toSorted((a, b) => (a.key ?? '').localeCompare(b.key ?? ''));
  return report.rows.toSorted((a, b) => bytesOf(b) - bytesOf(a));
}

function sumOf(rows: readonly ReportRow[]): Omit<ReportRow, 'key' | 'displayName'> {
  const sum = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0, connections: 0 };
  for (const row of rows) {
    sum.rxBytes += row.rxBytes;
    sum.txBytes += row.txBytes;
    sum.rxPackets += row.rxPackets;
    sum.txPackets += row.txPackets;
    sum.connections += row.connections;
  }
  return sum;
}

/** Rows shown and the others as one row, so that the rows always add up to the total. */
function tableRows(report: Report, top: number): { label: string; counts: Omit<ReportRow, 'key' | 'displayName'>; tone: 'normal' | 'faint' | 'strong' }[] {
  const rows = ordered(report);
  // Days are shown all: which ones would be left out?
  const shown = followsTime(report.by) ? rows : rows.slice(0, top);
  const rest = rows.slice(shown.length);
  const alike = Map.groupBy(rows, ({ displayName }) => displayName);
  return [
    ...shown.map((row) => ({
      // Two apps that are called alike are told apart by what they are known by.
      label: (alike.get(row.displayName)?.length === 1 ? row.displayName : null) ?? row.key ?? unknownKeys[report.by],
      counts: row,
      tone: row.key === null ? ('faint' as const) : ('normal' as const),
    })),
    ...(rest.length === 0 ? [] : [{ label: `… ${countText(rest.length)} more (--top shows more)`, counts: sumOf(rest), tone: 'faint' as const }]),
    { label: 'total', counts: report.total, tone: 'strong' as const },
  ];
}

/** The whole text: range, table, gaps. */
export function reportLines(report: Report, top: number, canvas: Canvas): string[] {
  const range = `${dateTimeText(report.from)} to ${dateTimeText(report.to)}, by ${report.by}`;
  const gap = gapLine(report);
  const gapLines = gap === null ? [] : [canvas.paint('warning', `! ${gap}`)];
  if (report.rows.length === 0) return [canvas.paint('strong', range), 'Nothing was measured in this time.', ...gapLines];
  const all = bytesOf(report.total);
  const table = tableLines(
    {
      columns: [
        { title: report.by, align: 'left', grows: true, keeps: 'end' },
        { title: '↓ received', align: 'right' },
        { title: '↑ sent', align: 'right' },
        { title: 'share', align: 'right' },
        { title: 'connections', align: 'right' },
      ],
      rows: tableRows(report, top).map(({ label, counts, tone }) => [
        { text: label, tone },
        { text: sizeText(counts.rxBytes, canvas.units), tone },
        { text: sizeText(counts.txBytes, canvas.units), tone },
        { text: shareText(bytesOf(counts), all), tone },
        { text: countText(counts.connections), tone },
      ]),
    },
    canvas,
  );
  return [canvas.paint('strong', range), ...table, ...gapLines];
}
