import type { HttpHostSum } from '../../protocol/http.ts';
import { largestText } from '../http/tables.ts';
import { tableLines } from '../table.ts';
import type { Canvas, Table } from '../table.ts';
import { countText, countedText } from '../units.ts';

/** What a capture file holds of plain HTTP, as a table for people. */

function httpTable(sums: readonly HttpHostSum[]): Table {
  return {
    columns: [
      { title: 'host', align: 'left', grows: true, keeps: 'end' },
      { title: 'requests', align: 'right' },
      { title: 'methods', align: 'left' },
      { title: 'paths', align: 'left' },
      { title: 'answers', align: 'left' },
    ],
    rows: sums.map(({ host, requests, methods, sections, statuses }) => [
      host ?? { text: 'other hosts', tone: 'faint' },
      countText(requests),
      largestText(methods),
      largestText(sections),
      largestText(statuses),
    ]),
  };
}

/** The hosts that were asked most, with a line on the rest; nothing where there was no plain HTTP. */
export function httpSection(sums: readonly HttpHostSum[], top: number, canvas: Canvas): string[] {
  if (sums.length === 0) return [];
  const rest = sums.slice(top);
  const requests = rest.reduce((sum, one) => sum + one.requests, 0);
  const more = rest.length === 0 ? [] : [`… ${countedText(rest.length, 'host')} more, ${countedText(requests, 'request')} (--top shows more, --json all)`];
  return ['', canvas.paint('strong', 'PLAIN HTTP'), ...tableLines(httpTable(sums.slice(0, top)), canvas), ...more];
}
