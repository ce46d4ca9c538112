import { barChart, csvText, escapedText, parquetBytes } from '../../service/index.ts';
import type { DataColumn, DataTable } from '../../service/index.ts';
import { jsonLine, visible } from '../terminal.ts';
import { countText, shareText, sizeText } from '../units.ts';
import type { Units } from '../units.ts';
import { bytesOf, followsTime, notMeasuredSeconds } from './answer.ts';
import type { Answer, RowCounts } from './answer.ts';
import { labelsOf } from './labels.ts';
import { changeText, gapLine, rangeLine } from './tables.ts';

/** A report as a file that another program reads, or shows. */

function counts(row: RowCounts, previous: RowCounts | undefined): object {
  return previous === undefined ? row : { ...row, previous };
}

/** One JSON object: its fields are stable (docs/CLI.md). */
export function reportJson(answer: Answer): string {
  const { by, from, to, rows, other, total, gaps, previousFrom, previousTotal } = answer;
  const compared = previousFrom === null ? {} : { previousFrom, previousTotal };
  return jsonLine({
    from,
    to,
    ...compared,
    by,
    rows: rows.map((row) => ({ key: row.key, ...(row.displayName === undefined ? {} : { displayName: row.displayName }), ...counts(row.counts, row.previous) })),
    other: other === null ? null : { ...counts(other.counts, other.previous), keys: other.keys },
    total,
    gaps,
    notMeasuredSeconds: notMeasuredSeconds(answer),
  });
}

interface DataRow {
  readonly kind: 'known' | 'unknown' | 'other';
  readonly key: string | null;
  readonly label: string;
  readonly counts: RowCounts;
  readonly previous: RowCounts | undefined;
}

function dataRows(answer: Answer): readonly DataRow[] {
  const labels = labelsOf(answer);
  const rows = answer.rows.map(({ key, counts, previous }, index): DataRow => ({ kind: key === null ? 'unknown' : 'known', key, label: labels[index] ?? '', counts, previous }));
  const { other } = answer;
  return other === null ? rows : [...rows, { kind: 'other', key: null, label: `${other.keys} more`, counts: other.counts, previous: other.previous }];
}

/**
 * One line for each row; what lies beyond `--top` is one of the kind `other`, so that the lines sum up to the total. Counts are
 * whole numbers.
 */
export function reportTable(answer: Answer): DataTable {
  const rows = dataRows(answer);
  const text = (name: string, of: (row: DataRow) => string | null): DataColumn => ({ name, type: 'text', values: rows.map(of) });
  const count = (name: string, of: (row: DataRow) => number): DataColumn => ({ name, type: 'count', values: rows.map(of) });
  const compared = answer.previousTotal === null ? [] : [
    count('previous_rx_bytes', (row) => row.previous?.rxBytes ?? 0),
    count('previous_tx_bytes', (row) => row.previous?.txBytes ?? 0),
  ];
  return [
    text(answer.by, (row) => row.key),
    text('label', (row) => row.label),
    text('kind', (row) => row.kind),
    count('rx_bytes', (row) => row.counts.rxBytes),
    count('tx_bytes', (row) => row.counts.txBytes),
    count('rx_packets', (row) => row.counts.rxPackets),
    count('tx_packets', (row) => row.counts.txPackets),
    count('connections', (row) => row.counts.connections),
    ...compared,
  ];
}

export function reportCsv(answer: Answer): string {
  return csvText(reportTable(answer));
}

export function reportParquet(answer: Answer): Uint8Array {
  return parquetBytes(reportTable(answer));
}

/** What the tables of Markdown and HTML say, without their signs: titles first. */
function cells(answer: Answer, units: Units): readonly (readonly string[])[] {
  const isCompared = answer.previousTotal !== null;
  const all = bytesOf(answer.total);
  const line = (label: string, now: RowCounts, previous: RowCounts | undefined): readonly string[] => {
    const before = previous === undefined ? 0 : bytesOf(previous);
    const last = isCompared ? [sizeText(before, units), changeText(bytesOf(now), before)] : [countText(now.connections)];
    return [label, sizeText(now.rxBytes, units), sizeText(now.txBytes, units), shareText(bytesOf(now), all), ...last];
  };
  return [
    [answer.by, 'received', 'sent', 'share', ...(isCompared ? ['before', 'change'] : ['connections'])],
    ...dataRows(answer).map(({ label, counts, previous }) => line(visible(label), counts, previous)),
    line('total', answer.total, answer.previousTotal ?? undefined),
  ];
}

/** A text as it stands in a cell of a Markdown table: signs that mean something there (CommonMark 2.4, GFM 4.10) do not. */
function markdownText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~-]/gu, '\\$&');
}

export function reportMarkdown(answer: Answer, units: Units): string {
  const table = cells(answer, units);
  const [titles = '', ...rows] = table.map((row) => row.map((cell) => ` ${markdownText(cell)} `).join('|'));
  const rule = (table[0] ?? []).map((_title, index) => (index === 0 ? ' --- ' : ' ---: ')).join('|');
  const gap = gapLine(answer);
  return [`## Network use, ${markdownText(rangeLine(answer))}`, '', `|${titles}|`, `|${rule}|`, ...rows.map((row) => `|${row}|`), ...(gap === null ? [] : ['', markdownText(gap)]), ''].join('\n');
}

/** Most bars of a chart: more cannot be told apart. */
const mostBars = 62;

function chart(answer: Answer, units: Units): string {
  const labels = labelsOf(answer);
  const rows = followsTime(answer.by) ? answer.rows.slice(-mostBars) : answer.rows.slice(0, 12);
  const offset = followsTime(answer.by) ? Math.max(0, answer.rows.length - mostBars) : 0;
  const bars = rows.map(({ counts: { rxBytes, txBytes } }, index) => ({ label: shortened(visible(labels[offset + index] ?? '')), rxBytes, txBytes }));
  return bars.length === 0 ? '' : barChart(bars, { title: `Received and sent, by ${answer.by}`, amount: (bytes) => sizeText(bytes, units) });
}

function shortened(label: string): string {
  return label.length <= 16 ? label : `…${label.slice(-15)}`;
}

const style = `body{font-family:sans-serif;color:#222;max-width:760px;margin:0 auto;padding:8px}table{border-collapse:collapse;width:100%}
th,td{padding:4px;text-align:right;border-top:1px solid #ddd;font-variant-numeric:tabular-nums}th:first-child,td:first-child{text-align:left;word-break:break-all}
tr:last-child{font-weight:bold}svg{max-width:100%;height:auto}`;

/** A page that holds all it needs: nothing of it is loaded from elsewhere, and it runs nothing. */
export function reportHtml(answer: Answer, units: Units): string {
  const [titles = [], ...rows] = cells(answer, units);
  const tableRow = (row: readonly string[], tag: 'td' | 'th'): string => `<tr>${row.map((cell) => `<${tag}>${escapedText(cell)}</${tag}>`).join('')}</tr>`;
  const gap = gapLine(answer);
  const title = escapedText(`Network use, ${rangeLine(answer)}`);
  return [
    `<!doctype html>`,
    `<html lang="en"><head><meta charset="utf-8"><title>${title}</title>`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<style>${style}</style></head><body>`,
    `<h1 style="font-size:20px">${title}</h1>`,
    chart(answer, units),
    `<table><thead>${tableRow(titles, 'th')}</thead><tbody>`,
    ...rows.map((row) => tableRow(row, 'td')),
    `</tbody></table>`,
    gap === null ? '' : `<p>${escapedText(gap)}</p>`,
    `</body></html>`,
    '',
  ].join('\n');
}
