import type { Snapshot } from '../../protocol/app.ts';
import type { DataTable } from '../../service/index.ts';
import { labelText } from '../live/labels.ts';
import { appLabel, domainLabel } from '../live/ledger.ts';
import { tableLines } from '../table.ts';
import type { Canvas, Cell } from '../table.ts';
import { clockText } from '../time.ts';
import { countText, rateOf, rateText, shareText, widestTexts } from '../units.ts';

/** The largest apps and domains of a moment. */

interface Row {
  readonly key: string | null;
  readonly label: string;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** The largest rows, and the sum of the others. */
interface Largest {
  readonly rows: readonly Row[];
  readonly other: { readonly keys: number; readonly rxBytes: number; readonly txBytes: number } | null;
}

export interface TopNow {
  readonly snapshot: Snapshot;
  readonly apps: Largest;
  readonly domains: Largest;
}

const bytesOf = ({ rxBytes, txBytes }: Pick<Row, 'rxBytes' | 'txBytes'>): number => rxBytes + txBytes;

function largest(all: readonly Row[], top: number): Largest {
  const sorted = all.filter((row) => bytesOf(row) > 0).toSorted((a, b) => bytesOf(b) - bytesOf(a));
  const rest = sorted.slice(top);
  const sum = (direction: 'rxBytes' | 'txBytes'): number => rest.reduce((total, row) => total + row[direction], 0);
  return { rows: sorted.slice(0, top), other: rest.length === 0 ? null : { keys: rest.length, rxBytes: sum('rxBytes'), txBytes: sum('txBytes') } };
}

/** The largest of a snapshot. */
export function topNow(snapshot: Snapshot, top: number): TopNow {
  const apps = snapshot.apps.map((row) => ({ key: row.app, label: labelText(appLabel(row)), rxBytes: row.rxBytes, txBytes: row.txBytes }));
  const domains = snapshot.domains.map((row) => ({ key: row.domain, label: labelText(domainLabel(row)), rxBytes: row.rxBytes, txBytes: row.txBytes }));
  return { snapshot, apps: largest(apps, top), domains: largest(domains, top) };
}

function sectionLines(title: string, { rows, other }: Largest, { snapshot, canvas }: { readonly snapshot: Snapshot; readonly canvas: Canvas }): string[] {
  const all = bytesOf(snapshot.totals);
  const rate = (bytes: number): string => (bytes === 0 ? '·' : rateText(rateOf(bytes, snapshot.intervalSeconds), canvas.units)).padStart(widestTexts(canvas.units).rate);
  const shown = [...rows, ...(other === null ? [] : [{ ...other, key: null, label: `… ${countText(other.keys)} more` }])];
  const columns = [
    { title, align: 'left', grows: true, keeps: title === 'DOMAINS' ? 'end' : 'start' },
    { title: '↓', align: 'right' },
    { title: '↑', align: 'right' },
    { title: 'share', align: 'right' },
  ] as const;
  const cells = shown.map((row): readonly (string | Cell)[] => [
    { text: row.label, tone: row.key === null ? 'faint' : 'normal' },
    { text: rate(row.rxBytes), tone: 'down' },
    { text: rate(row.txBytes), tone: 'up' },
    shareText(bytesOf(row), all).padStart(6),
  ]);
  return ['', ...tableLines({ columns, rows: cells }, canvas)];
}

/** Both rates, then the largest apps and domains with their shares. */
export function topLines({ snapshot, apps, domains }: TopNow, canvas: Canvas): string[] {
  const { totals, intervalSeconds, time } = snapshot;
  const rate = (bytes: number): string => rateText(rateOf(bytes, intervalSeconds), canvas.units);
  const head = canvas.paint('strong', `${clockText(time)}  ↓ ${rate(totals.rxBytes)}  ↑ ${rate(totals.txBytes)}`);
  if (bytesOf(totals) === 0) return [head, snapshot.state === 'paused' ? 'Paused: nothing is measured.' : 'Nothing flows.'];
  return [head, ...sectionLines('APPS', apps, { snapshot, canvas }), ...sectionLines('DOMAINS', domains, { snapshot, canvas })];
}

/** As JSON has it; bytes are of the interval. */
export function topJson({ snapshot: { time, intervalSeconds, totals }, apps, domains }: TopNow): object {
  const row = ({ key, label, rxBytes, txBytes }: Row): object => ({ key, label, rxBytes, txBytes });
  return { time, intervalSeconds, totals, apps: apps.rows.map(row), otherApps: apps.other, domains: domains.rows.map(row), otherDomains: domains.other };
}

/** One line for each app and domain. */
export function topData({ apps, domains }: TopNow): DataTable {
  const rows = [...apps.rows.map((row) => ({ ...row, what: 'app' })), ...domains.rows.map((row) => ({ ...row, what: 'domain' }))];
  return [
    { name: 'what', type: 'text', values: rows.map(({ what }) => what) },
    { name: 'key', type: 'text', values: rows.map(({ key }) => key) },
    { name: 'label', type: 'text', values: rows.map(({ label }) => label) },
    { name: 'rx_bytes', type: 'count', values: rows.map(({ rxBytes }) => rxBytes) },
    { name: 'tx_bytes', type: 'count', values: rows.map(({ txBytes }) => txBytes) },
  ];
}
