import type { Gap, Report, ReportRequest } from '../../protocol/app.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** What a row counts. */
export interface RowCounts {
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly connections: number;
}

/** One row of a report; `previous` is there where it is compared with the period before. */
export interface AnswerRow {
  readonly key: string | null;
  readonly displayName?: string | undefined;
  readonly counts: RowCounts;
  readonly previous?: RowCounts | undefined;
}

/** A report however it was asked for: what every format is made of. */
export interface Answer {
  readonly by: ReportRequest['by'];
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Beginning of the period before, which ends where this one begins; null where nothing is compared. */
  readonly previousFrom: EpochMs | null;
  readonly rows: readonly AnswerRow[];
  /** Rows beyond `--top`, and how many; null where all are there. */
  readonly other: { readonly counts: RowCounts; readonly previous?: RowCounts | undefined; readonly keys: number } | null;
  readonly total: RowCounts;
  readonly previousTotal: RowCounts | null;
  readonly gaps: readonly Gap[];
}

function countsOf({ rxBytes, txBytes, rxPackets, txPackets, connections }: RowCounts): RowCounts {
  return { rxBytes, txBytes, rxPackets, txPackets, connections };
}

/** Received and sent together. */
export function bytesOf(counts: RowCounts): number {
  return counts.rxBytes + counts.txBytes;
}

const nothing: RowCounts = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0, connections: 0 };

/** The sum of several rows. */
export function sumOf(rows: readonly RowCounts[]): RowCounts {
  return rows.reduce<RowCounts>(
    (sum, row) => ({
      rxBytes: sum.rxBytes + row.rxBytes,
      txBytes: sum.txBytes + row.txBytes,
      rxPackets: sum.rxPackets + row.rxPackets,
      txPackets: sum.txPackets + row.txPackets,
      connections: sum.connections + row.connections,
    }),
    nothing,
  );
}

/** What a row lost or gained against what there was; a row that went is as long as nothing was there. */
export function difference(total: RowCounts, part: RowCounts): RowCounts {
  return {
    rxBytes: Math.max(0, total.rxBytes - part.rxBytes),
    txBytes: Math.max(0, total.txBytes - part.txBytes),
    rxPackets: Math.max(0, total.rxPackets - part.rxPackets),
    txPackets: Math.max(0, total.txPackets - part.txPackets),
    connections: Math.max(0, total.connections - part.connections),
  };
}

/** Whether the rows of such a report follow one another in time: then all of them are shown. */
export function followsTime(by: Report['by']): boolean {
  return by === 'hour' || by === 'day' || by === 'month';
}

function ordered(by: Report['by'], rows: readonly AnswerRow[]): readonly AnswerRow[] {
  if (followsTime(by)) return rows.toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1));
  return rows.toSorted((a, b) => bytesOf(b.counts) - bytesOf(a.counts));
}

/** A report as an answer, its rows in order. */
export function answerOf(report: Report): Answer {
  const rows = report.rows.map((row): AnswerRow => ({ key: row.key, displayName: row.displayName, counts: countsOf(row) }));
  const other = report.other === null ? null : { counts: countsOf(report.other), keys: report.other.keys };
  const { by, from, to, total, gaps } = report;
  return { by, from, to, previousFrom: null, rows: ordered(by, rows), other, total: countsOf(total), previousTotal: null, gaps };
}

/** The answer with no more than so many rows; the others are one, so that the rows always add up to the total. Times stay all. */
export function cutTo(answer: Answer, top: number): Answer {
  if (followsTime(answer.by) || answer.rows.length <= top) return answer;
  const rest = answer.rows.slice(top);
  const { other } = answer;
  const counts = sumOf([...rest.map((row) => row.counts), ...(other === null ? [] : [other.counts])]);
  const previous = answer.previousTotal === null ? undefined : sumOf([...rest.flatMap((row) => row.previous ?? []), ...(other?.previous === undefined ? [] : [other.previous])]);
  return { ...answer, rows: answer.rows.slice(0, top), other: { counts, previous, keys: rest.length + (other?.keys ?? 0) } };
}

/** Length of the gaps within the answer, in seconds; of one reason only where it is named. */
export function notMeasuredSeconds({ gaps, from, to }: Pick<Answer, 'gaps' | 'from' | 'to'>, reason?: Gap['reason']): number {
  const meant = reason === undefined ? gaps : gaps.filter((gap) => gap.reason === reason);
  return meant.reduce((sum, gap) => sum + Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, from)) / 1000, 0);
}
