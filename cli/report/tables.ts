import type { Gap } from '../../protocol/app.ts';
import { tableLines } from '../table.ts';
import type { Canvas, Cell, Column } from '../table.ts';
import { dateTimeText } from '../time.ts';
import { countText, durationText, shareText, sizeText } from '../units.ts';
import { bytesOf, notMeasuredSeconds } from './answer.ts';
import type { Answer, RowCounts } from './answer.ts';
import { labelsOf } from './labels.ts';

/** A report as a table for people. */

const gapWords: Record<Gap['reason'], string> = {
  'helper-down': 'the capture had failed',
  'service-down': 'Tidewatch was not running',
  asleep: 'the machine was asleep',
  paused: 'paused',
  'clock-set': 'the clock was set forward',
};

const gapReasons = ['helper-down', 'service-down', 'asleep', 'paused', 'clock-set'] as const satisfies readonly Gap['reason'][];

/** `Not measured: 12 min (Tidewatch was not running 10 min, paused 2 min)`; null where all of it was. */
export function gapLine(answer: Pick<Answer, 'gaps' | 'from' | 'to'>): string | null {
  const seconds = notMeasuredSeconds(answer);
  if (seconds === 0) return null;
  const reasons = gapReasons.flatMap((reason) => {
    const part = notMeasuredSeconds(answer, reason);
    return part === 0 ? [] : [`${gapWords[reason]} ${durationText(part)}`];
  });
  return `Not measured: ${durationText(seconds)} (${reasons.join(', ')})`;
}

/** What a report is of: `2026-11-19 00:00 to 2026-11-20 00:00, by app`. */
export function rangeLine({ from, to, by, previousFrom }: Pick<Answer, 'from' | 'to' | 'by' | 'previousFrom'>): string {
  const before = previousFrom === null ? '' : `, beside ${dateTimeText(previousFrom)} to ${dateTimeText(from)}`;
  return `${dateTimeText(from)} to ${dateTimeText(to)}, by ${by}${before}`;
}

/** `+12 %`, `-3 %`, `new`, `gone`: how much more there was than before. */
export function changeText(now: number, before: number): string {
  if (before === 0) return now === 0 ? '±0 %' : 'new';
  if (now === 0) return 'gone';
  const percent = Math.round((100 * (now - before)) / before);
  if (percent === 0) return '±0 %';
  return `${percent > 0 ? '+' : ''}${countText(percent)} %`;
}

interface Line {
  readonly label: string;
  readonly counts: RowCounts;
  readonly previous: RowCounts | undefined;
  readonly tone: Cell['tone'];
}

/** Rows, the others as one, and the total: so that the rows always add up to it. */
function linesOf(answer: Answer): readonly Line[] {
  const labels = labelsOf(answer);
  const { other } = answer;
  return [
    ...answer.rows.map(({ key, counts, previous }, index): Line => ({ label: labels[index] ?? '', counts, previous, tone: key === null ? 'faint' : 'normal' })),
    ...(other === null ? [] : [{ label: `… ${countText(other.keys)} more (--top shows more)`, counts: other.counts, previous: other.previous, tone: 'faint' } as const]),
    { label: 'total', counts: answer.total, previous: answer.previousTotal ?? undefined, tone: 'strong' },
  ];
}

/** The whole text: range, table, gaps. */
export function reportLines(answer: Answer, canvas: Canvas): string[] {
  const range = rangeLine(answer);
  const gap = gapLine(answer);
  const gapLines = gap === null ? [] : [canvas.paint('warning', `! ${gap}`)];
  if (answer.rows.length === 0) return [canvas.paint('strong', range), 'Nothing was measured in this time.', ...gapLines];
  const all = bytesOf(answer.total);
  const isCompared = answer.previousTotal !== null;
  const columns: Column[] = [
    { title: answer.by, align: 'left', grows: true, keeps: 'end' },
    { title: '↓ received', align: 'right' },
    { title: '↑ sent', align: 'right' },
    { title: 'share', align: 'right' },
    ...(isCompared ? [{ title: 'before', align: 'right' }, { title: 'change', align: 'right' }] as const : [{ title: 'connections', align: 'right' }] as const),
  ];
  const rows = linesOf(answer).map(({ label, counts, previous, tone }) => {
    const before = previous === undefined ? 0 : bytesOf(previous);
    const last = isCompared ? [sizeText(before, canvas.units), changeText(bytesOf(counts), before)] : [countText(counts.connections)];
    const texts = [label, sizeText(counts.rxBytes, canvas.units), sizeText(counts.txBytes, canvas.units), shareText(bytesOf(counts), all), ...last];
    return texts.map((text) => ({ text, tone }));
  });
  return [canvas.paint('strong', range), ...tableLines({ columns, rows }, canvas), ...gapLines];
}
