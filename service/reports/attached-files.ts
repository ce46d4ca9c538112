import type { PeriodAnswers, ScheduledReport } from '../../core/report/index.ts';
import type { ReportRow } from '../../protocol/app.ts';
import { csvText, parquetBytes } from '../formats/index.ts';
import type { DataTable } from '../formats/index.ts';
import type { Attachment } from '../mail/index.ts';

interface Line {
  readonly section: string;
  readonly key: string | null;
  readonly label: string | null;
  readonly start: number | null;
  readonly row: Omit<ReportRow, 'key' | 'displayName'>;
}

/** Every row of the report, whole: sections `app`, `domain`, `network`, `scope` and `step` each sum up to the total. */
export function reportTable(answers: PeriodAnswers): DataTable {
  const sections = { app: answers.apps, domain: answers.domains, network: answers.networks, scope: answers.scopes };
  const lines: Line[] = Object.entries(sections).flatMap(([section, { rows }]) =>
    rows.map((row) => ({ section, key: row.key, label: row.displayName ?? null, start: null, row })));
  for (const step of answers.steps.steps) lines.push({ section: 'step', key: step.date, label: null, start: step.start, row: step });
  return [
    { name: 'section', type: 'text', values: lines.map(({ section }) => section) },
    { name: 'key', type: 'text', values: lines.map(({ key }) => key) },
    { name: 'label', type: 'text', values: lines.map(({ label }) => label) },
    { name: 'start', type: 'time', values: lines.map(({ start }) => start) },
    { name: 'rx_bytes', type: 'count', values: lines.map(({ row }) => row.rxBytes) },
    { name: 'tx_bytes', type: 'count', values: lines.map(({ row }) => row.txBytes) },
    { name: 'rx_packets', type: 'count', values: lines.map(({ row }) => row.rxPackets) },
    { name: 'tx_packets', type: 'count', values: lines.map(({ row }) => row.txPackets) },
    { name: 'connections', type: 'count', values: lines.map(({ row }) => row.connections) },
  ];
}

/** The files that the settings ask for, by the name of the report. */
export function attachedFiles(kinds: readonly string[], from: { readonly answers: PeriodAnswers; readonly report: ScheduledReport; readonly name: string }): readonly Attachment[] {
  const { answers, report, name } = from;
  const table = reportTable(answers);
  const files: Attachment[] = [];
  if (kinds.includes('json')) files.push({ name: `${name}.json`, mediaType: 'application/json', content: Buffer.from(`${JSON.stringify(report, null, 2)}\n`) });
  if (kinds.includes('csv')) files.push({ name: `${name}.csv`, mediaType: 'text/csv; charset=utf-8', content: Buffer.from(csvText(table)) });
  // A Parquet file without rows is one that strict readers refuse.
  if (kinds.includes('parquet') && (table[0]?.values.length ?? 0) > 0) {
    files.push({ name: `${name}.parquet`, mediaType: 'application/vnd.apache.parquet', content: parquetBytes(table) });
  }
  return files;
}
