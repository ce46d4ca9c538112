import type { AppRow, Coverage, DomainRow, LiveEvent, PrivacyMode, Snapshot, SnapshotEvent } from '../../protocol/app.ts';
import type { OwnerReason } from '../../protocol/flow.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { mergedHttp } from '../../service/index.ts';

/** What a watcher has seen so far: the newest snapshot, and since the beginning what each app and domain has used. */

/** One app or domain since the watching began. */
export interface LedgerRow {
  /** What it is, in words; not yet harmless for a terminal. */
  readonly label: LedgerLabel;
  /** Bytes of the newest interval. */
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Bytes since the watching began. */
  readonly rxTotal: number;
  readonly txTotal: number;
  /** Bytes with weights that halve every few seconds: orders the rows so that they do not jump about. */
  readonly weight: number;
}

export type LedgerLabel =
  | { readonly kind: 'app'; readonly name: string | null; readonly reason: OwnerReason | null; readonly processes: number }
  | { readonly kind: 'domain'; readonly domain: string | null; readonly reason: DomainRow['reason'] }
  | { readonly kind: 'earlier' };

export type LedgerTable = ReadonlyMap<string, LedgerRow>;

export interface Ledger {
  /** The newest snapshot. */
  readonly snapshot: Snapshot;
  readonly sequence: number;
  readonly mode: PrivacyMode;
  /** Beginning of the first interval. */
  readonly since: EpochMs;
  /** Snapshots that did not arrive: what they held is missing from the totals. */
  readonly missed: number;
  readonly rxTotal: number;
  readonly txTotal: number;
  /** Sums since the watching began. */
  readonly coverage: Coverage;
  /** Bytes per second of the newest intervals, the newest last. */
  readonly rates: readonly { readonly rx: number; readonly tx: number }[];
  readonly apps: LedgerTable;
  readonly domains: LedgerTable;
  /** Apps of the traffic that is not part of the totals: loopback, bridges, the inner side of tunnels. */
  readonly inside: LedgerTable;
  /** Plain HTTP since the watching began, the most asked host first. */
  readonly http: readonly HttpHostSum[];
}

/** As many rates as the widest terminal shows. */
const keptRates = 240;

/** More rows than anybody looks at; the quietest beyond it are summed into one row, so that no byte is lost. */
export const maximumLedgerRows = 500;

/** Seconds in which a silent row loses half of its weight. */
const weightHalfLifeSeconds = 5;

const earlierKey = '\0earlier';

interface Seen {
  readonly key: string;
  readonly label: LedgerLabel;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** How an app's row is called: its name and how sure its owner is. */
export function appLabel(row: AppRow): LedgerLabel {
  const name = row.app === null ? null : (row.displayName ?? row.app);
  return { kind: 'app', name, reason: row.reason, processes: row.pids.length };
}

/** How a domain's row is called. */
export function domainLabel(row: DomainRow): LedgerLabel {
  return { kind: 'domain', domain: row.domain, reason: row.reason };
}

function ofApp(row: AppRow): Seen {
  return {
    key: row.app ?? `\0${row.reason ?? ''}`,
    label: appLabel(row),
    rxBytes: row.rxBytes,
    txBytes: row.txBytes,
  };
}

function ofDomain(row: DomainRow): Seen {
  return {
    key: row.domain ?? `\0${row.reason ?? ''}`,
    label: domainLabel(row),
    rxBytes: row.rxBytes,
    txBytes: row.txBytes,
  };
}

function silent(row: LedgerRow, decay: number): LedgerRow {
  return { ...row, rxBytes: 0, txBytes: 0, weight: row.weight * decay };
}

function withSeen(row: LedgerRow | undefined, seen: Seen): LedgerRow {
  return {
    label: seen.label,
    rxBytes: (row?.rxBytes ?? 0) + seen.rxBytes,
    txBytes: (row?.txBytes ?? 0) + seen.txBytes,
    rxTotal: (row?.rxTotal ?? 0) + seen.rxBytes,
    txTotal: (row?.txTotal ?? 0) + seen.txBytes,
    weight: (row?.weight ?? 0) + seen.rxBytes + seen.txBytes,
  };
}

/** Sums the quietest rows beyond the bound into one. */
function bounded(table: ReadonlyMap<string, LedgerRow>): LedgerTable {
  if (table.size <= maximumLedgerRows) return table;
  const byWeight = [...table].filter(([key]) => key !== earlierKey).toSorted(([, a], [, b]) => b.weight - a.weight);
  const kept = byWeight.slice(0, maximumLedgerRows - 1);
  const folded = [...byWeight.slice(maximumLedgerRows - 1).map(([, row]) => row), table.get(earlierKey)];
  const sum = folded.reduce<LedgerRow | undefined>(
    (total, row) => ({
      label: { kind: 'earlier' },
      rxBytes: (total?.rxBytes ?? 0) + (row?.rxBytes ?? 0),
      txBytes: (total?.txBytes ?? 0) + (row?.txBytes ?? 0),
      rxTotal: (total?.rxTotal ?? 0) + (row?.rxTotal ?? 0),
      txTotal: (total?.txTotal ?? 0) + (row?.txTotal ?? 0),
      weight: (total?.weight ?? 0) + (row?.weight ?? 0),
    }),
    undefined,
  );
  return new Map(sum === undefined ? kept : [...kept, [earlierKey, sum]]);
}

function tableAfter(before: LedgerTable, seen: readonly Seen[], decay: number): LedgerTable {
  const table = new Map([...before].map(([key, row]) => [key, silent(row, decay)]));
  for (const each of seen) table.set(each.key, withSeen(table.get(each.key), each));
  return bounded(table);
}

/** Hosts beyond the bound become one row. */
function httpAfter(before: readonly HttpHostSum[], now: readonly HttpHostSum[]): readonly HttpHostSum[] {
  return now.length === 0 ? before : mergedHttp([before, now], { hosts: maximumLedgerRows });
}

function coverageAfter(before: Coverage | undefined, now: Coverage): Coverage {
  if (before === undefined) return now;
  return {
    capturedBytes: before.capturedBytes + now.capturedBytes,
    capturedPackets: before.capturedPackets + now.capturedPackets,
    droppedPackets: before.droppedPackets + now.droppedPackets,
    malformedPackets: before.malformedPackets + now.malformedPackets,
    interfaceBytes: before.interfaceBytes + now.interfaceBytes,
    exactBytes: before.exactBytes + now.exactBytes,
    inferredBytes: before.inferredBytes + now.inferredBytes,
    unknownBytes: before.unknownBytes + now.unknownBytes,
  };
}

function missedAfter(before: Ledger | null, sequence: number): number {
  return before === null ? 0 : before.missed + Math.max(0, sequence - before.sequence - 1);
}

/** The ledger after one more event; `before` is null until the first snapshot. */
export function ledgerAfter(before: Ledger | null, event: LiveEvent): Ledger | null {
  if (event.kind === 'snapshot') return ledgerWith(before, event);
  if (before === null) return null;
  if (event.kind === 'alert') return { ...before, sequence: event.sequence, missed: missedAfter(before, event.sequence) };
  const { sequence, mode, troubles } = event;
  return { ...before, sequence, mode, missed: missedAfter(before, sequence), snapshot: { ...before.snapshot, troubles } };
}

function ledgerWith(before: Ledger | null, { snapshot, sequence, mode }: SnapshotEvent): Ledger {
  const { intervalSeconds, totals } = snapshot;
  const decay = 0.5 ** (intervalSeconds / weightHalfLifeSeconds);
  const rate = (bytes: number): number => (intervalSeconds > 0 ? bytes / intervalSeconds : 0);
  return {
    snapshot,
    sequence,
    mode,
    since: before?.since ?? epochMs(Math.max(0, snapshot.time - intervalSeconds * 1000)),
    missed: missedAfter(before, sequence),
    rxTotal: (before?.rxTotal ?? 0) + totals.rxBytes,
    txTotal: (before?.txTotal ?? 0) + totals.txBytes,
    coverage: coverageAfter(before?.coverage, snapshot.coverage),
    rates: [...(before?.rates ?? []), { rx: rate(totals.rxBytes), tx: rate(totals.txBytes) }].slice(-keptRates),
    apps: tableAfter(before?.apps ?? new Map(), snapshot.apps.map(ofApp), decay),
    domains: tableAfter(before?.domains ?? new Map(), snapshot.domains.map(ofDomain), decay),
    inside: tableAfter(before?.inside ?? new Map(), snapshot.inside.apps.map(ofApp), decay),
    http: httpAfter(before?.http ?? [], snapshot.http),
  };
}

/** The rows of a table, the busiest of late first; rows of equal weight by what they used in all. */
export function busiest(table: LedgerTable): LedgerRow[] {
  return [...table.values()].toSorted(
    (a, b) => b.weight - a.weight || b.rxTotal + b.txTotal - (a.rxTotal + a.txTotal),
  );
}
