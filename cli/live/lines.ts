import type { PrivacyMode, Snapshot } from '../../protocol/app.ts';
import { visible } from '../terminal.ts';
import { clockText } from '../time.ts';
import { countedText, rateOf, rateText, widestTexts } from '../units.ts';
import type { Units } from '../units.ts';
import { connectionCount, coverageText, labelText, troubleText } from './labels.ts';
import { appLabel, domainLabel } from './ledger.ts';
import type { LedgerLabel } from './ledger.ts';

/** The live view without a terminal: one line a second, for a log or a pipe. */

/** The most that one line names of each kind. */
const namedPerLine = 3;

interface Named {
  readonly label: LedgerLabel;
  readonly rxBytes: number;
  readonly txBytes: number;
}

function top(rows: readonly Named[], { intervalSeconds, units }: { intervalSeconds: number; units: Units | undefined }): string {
  return rows
    .filter((row) => row.rxBytes + row.txBytes > 0)
    .toSorted((a, b) => b.rxBytes + b.txBytes - (a.rxBytes + a.txBytes))
    .slice(0, namedPerLine)
    .map((row) => `${visible(labelText(row.label))} ${rateText(rateOf(row.rxBytes + row.txBytes, intervalSeconds), units)}`)
    .join(', ');
}

/** `14:03:22  ↓ 12.3 MB/s  ↑ 1.20 kB/s  3 connections  apps: curl 12.3 MB/s  domains: example.com 12.3 MB/s  (100 % …)`. */
export function snapshotLine(snapshot: Snapshot, mode: PrivacyMode, units?: Units): string {
  const { intervalSeconds, totals } = snapshot;
  const width = widestTexts(units).rate;
  const apps = top(
    snapshot.apps.map((row) => ({ ...row, label: appLabel(row) })),
    { intervalSeconds, units },
  );
  const domains = top(
    snapshot.domains.map((row) => ({ ...row, label: domainLabel(row) })),
    { intervalSeconds, units },
  );
  return [
    clockText(snapshot.time),
    ...(snapshot.state === 'measuring' ? [] : [snapshot.state === 'paused' ? 'paused' : 'NOT MEASURING']),
    ...(mode.private === null ? [] : ['private']),
    `↓ ${rateText(rateOf(totals.rxBytes, intervalSeconds), units).padStart(width)}`,
    `↑ ${rateText(rateOf(totals.txBytes, intervalSeconds), units).padStart(width)}`,
    countedText(connectionCount(snapshot), 'connection'),
    ...(apps === '' ? [] : [`apps: ${apps}`]),
    ...(domains === '' ? [] : [`domains: ${domains}`]),
    `(${coverageText(snapshot.coverage)})`,
  ].join('  ');
}

/** The lines for troubles that were not told yet, given the texts that were. */
export function newTroubles(snapshot: Snapshot, told: ReadonlySet<string>): string[] {
  return snapshot.troubles
    .filter((trouble) => !trouble.over)
    .map((trouble) => visible(troubleText(trouble)))
    .filter((text) => !told.has(text));
}
