import type { Anomaly, Patterns, Trend } from '../../service/index.ts';
import { tableLines } from '../table.ts';
import type { Canvas } from '../table.ts';
import { dateTimeText } from '../time.ts';
import { sizeText } from '../units.ts';
import type { Analysis } from './analyse.ts';

/** An analysis as lines for people. */

export const weekdayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

const two = (value: number): string => String(value).padStart(2, '0');

/** `+1.2 MB`; a sign always. */
export function differenceText(bytes: number, canvas: Pick<Canvas, 'units'>): string {
  return `${bytes < 0 ? '−' : '+'}${sizeText(Math.abs(Math.round(bytes)), canvas.units)}`;
}

/** What a trend says, in a sentence. */
export function trendSentence(trend: Trend | null, canvas: Pick<Canvas, 'units'>): string {
  if (trend === null) return 'Too little is known for a trend: it takes four days (or hours) that were measured.';
  const interval = `${differenceText(trend.low, canvas)} to ${differenceText(trend.high, canvas)}`;
  if (trend.direction === 'none') return `No trend can be told: between ${interval} a day.`;
  return `It is ${trend.direction} by ${differenceText(trend.bytesPerDay, canvas)} a day (95 %: ${interval}), from ${sizeText(Math.max(0, Math.round(trend.first)), canvas.units)} to ${sizeText(Math.max(0, Math.round(trend.last)), canvas.units)}.`;
}

/** How unlike the others it is, in words. */
export function unusualText({ bytes, typicalBytes, score }: Anomaly): string {
  const factor = typicalBytes === 0 ? null : bytes / typicalBytes;
  const times = factor === null ? 'usually nothing' : factor >= 1 ? `${factor.toFixed(factor < 10 ? 1 : 0)} times the usual` : `${Math.round(factor * 100)} % of the usual`;
  return `${times} (score ${score.toFixed(1)})`;
}

function trendLines(found: Extract<Analysis, { type: 'trend' }>, canvas: Canvas): string[] {
  const apps = found.apps.length === 0 ? [] : tableLines(
    {
      columns: [{ title: 'app', align: 'left', grows: true }, { title: 'a day', align: 'right' }, { title: 'at least', align: 'right' }, { title: 'at most', align: 'right' }],
      rows: found.apps.map(({ app, bytesPerDay, low, high }) => [app, differenceText(bytesPerDay, canvas), differenceText(low, canvas), differenceText(high, canvas)]),
    },
    canvas,
  );
  return [trendSentence(found.trend, canvas), ...apps];
}

function anomalyLines({ anomalies, step }: Extract<Analysis, { type: 'anomaly' }>, canvas: Canvas): string[] {
  if (anomalies.length === 0) return [`No ${step} is unlike the others.`];
  return tableLines(
    {
      columns: [{ title: step, align: 'left' }, { title: 'bytes', align: 'right' }, { title: 'how unusual', align: 'left' }, { title: 'because of', align: 'left', grows: true }],
      rows: anomalies.map((anomaly) => [
        step === 'day' ? dateTimeText(anomaly.start).slice(0, 10) : dateTimeText(anomaly.start),
        sizeText(anomaly.bytes, canvas.units),
        unusualText(anomaly),
        anomaly.causes.map(({ label, bytes }) => `${label} (${sizeText(bytes, canvas.units)})`).join(', ') || '–',
      ]),
    },
    canvas,
  );
}

/** Patterns in sentences. */
export function patternSentences({ busiest, quietHours, daily, weekly }: Patterns, canvas: Pick<Canvas, 'units'>): string[] {
  if (busiest === null) return ['Nothing was measured in this time by the hour.'];
  const alike = (what: string, value: number | null): string[] => (value === null ? [] : [`${what}: ${value.toFixed(2)} (1 is the same order of hours, 0 is none).`]);
  return [
    `Busiest: ${weekdayNames[busiest.weekday]} ${two(busiest.hour)}:00, ${sizeText(busiest.bytes, canvas.units)} in all.`,
    ...(quietHours === null ? [] : [`Quiet: ${two(quietHours.from)}:00 to ${two(quietHours.to)}:00.`]),
    ...alike('How alike a day is to the day before', daily),
    ...alike('How alike a week is to the week before', weekly),
  ];
}

function patternLines({ patterns }: Extract<Analysis, { type: 'patterns' }>, canvas: Canvas): string[] {
  const shares = patterns.weekdays.map((share, weekday) => `${(weekdayNames[weekday] ?? '').slice(0, 3)} ${Math.round(share * 100)} %`).join('  ');
  const pairs = patterns.pairs.length === 0 ? [] : tableLines(
    {
      columns: [{ title: 'app', align: 'left' }, { title: 'domain', align: 'left', grows: true }, { title: 'days', align: 'right' }, { title: 'a day', align: 'right' }, { title: 'usually at', align: 'left' }],
      rows: patterns.pairs.map(({ app, domain, days, ofDays, typicalBytes, usualHour }) => [app, domain, `${days} of ${ofDays}`, sizeText(typicalBytes, canvas.units), usualHour === null ? '' : `${two(usualHour)}:00`]),
    },
    canvas,
  );
  return [...patternSentences(patterns, canvas), shares, '', ...pairs];
}

/** The whole text. */
export function analysisLines(found: Analysis, canvas: Canvas): string[] {
  const head = canvas.paint('strong', `${dateTimeText(found.from)} to ${dateTimeText(found.to)}, ${found.steps.length} ${found.step}s measured`);
  switch (found.type) {
    case 'trend':
      return [head, ...trendLines(found, canvas)];
    case 'anomaly':
      return [head, ...anomalyLines(found, canvas)];
    case 'patterns':
      return [head, ...patternLines(found, canvas)];
  }
}
