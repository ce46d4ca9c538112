import { barChart, escapedText } from '../../service/index.ts';
import { dateTimeText } from '../time.ts';
import { sizeText } from '../units.ts';
import type { Units } from '../units.ts';
import type { Analysis } from './analyse.ts';
import { analysisLines } from './tables.ts';

/** Bars of one chart: more cannot be told apart. */
const mostBars = 400;

function chartOf(found: Analysis, units: Units): string {
  if (found.type === 'patterns') {
    const bars = found.patterns.hours.map((share, hour) => ({ label: `${String(hour).padStart(2, '0')}:00`, rxBytes: Math.round(share * 1000), txBytes: 0 }));
    return barChart(bars, { title: 'Share of each hour of the day', amount: (share) => `${(share / 10).toFixed(0)} %` });
  }
  const bars = found.steps.slice(-mostBars).map(({ start, bytes }) => ({ label: dateTimeText(start).slice(5, found.step === 'day' ? 10 : 16), rxBytes: bytes, txBytes: 0 }));
  return barChart(bars, { title: `Bytes by ${found.step}`, amount: (bytes) => sizeText(Math.round(bytes), units) });
}

/** An analysis as a page that stands alone and loads nothing. */
export function analysisHtml(found: Analysis, units: Units): string {
  const lines = analysisLines(found, { width: Infinity, paint: (_tone, text) => text, units });
  const title = escapedText(`Tidewatch: ${found.type}`);
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${title}</title></head>`,
    `<body style="font-family:sans-serif;max-width:1000px;margin:1rem auto"><h1>${title}</h1>`,
    chartOf(found, units),
    `<pre>${escapedText(lines.join('\n'))}</pre>`,
    '</body></html>',
    '',
  ].join('\n');
}
