import type { Database } from 'better-sqlite3';
import { certaintyCodes, countryOfCode, hostKindCodes, otherServiceId, reasonCodes, scopeOfCode, unknownAppId, unknownServiceId } from '../../core/history/codes.ts';
import { exportUsage, firstWholeDay, readIdentity } from '../../core/history/export-statements.ts';
import { bucketOf, startOf } from '../../core/history/tiers.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { epochMs } from '../../protocol/units.ts';
import { openForReading } from './open.ts';

/** One row of an export, in words. */
export interface ExportedRow {
  readonly start: EpochMs;
  readonly step: 'quarter' | 'day';
  readonly app: string | null;
  readonly appName: string | null;
  readonly executable: string | null;
  readonly certainty: string;
  readonly reason: string | null;
  readonly scope: string;
  readonly network: string;
  readonly service: string | null;
  readonly hostKind: string;
  readonly host: string | null;
  readonly domain: string | null;
  readonly source: string | null;
  readonly country: string | null;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly connections: number;
}

interface StoredRow {
  readonly bucket: number; readonly appId: number; readonly app: string; readonly executable: string | null; readonly displayName: string;
  readonly certainty: number; readonly reason: number; readonly scope: number; readonly network: string; readonly serviceId: number; readonly service: string;
  readonly kind: number; readonly host: string; readonly domain: string; readonly source: string | null; readonly country: number;
  readonly rxBytes: number; readonly txBytes: number; readonly rxPackets: number; readonly txPackets: number; readonly connections: number;
}

function wordsOf(codes: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(codes).map(([word, code]) => [code, word]));
}

const certainties = wordsOf(certaintyCodes);
const reasons = wordsOf(reasonCodes);
const hostKinds = wordsOf(hostKindCodes);

function rowOf(stored: StoredRow, step: ExportedRow['step']): ExportedRow {
  const { rxBytes, txBytes, rxPackets, txPackets, connections, network, source } = stored;
  const isKnown = stored.appId !== unknownAppId;
  const hostKind = hostKinds.get(stored.kind) ?? 'other-names';
  return {
    start: epochMs(startOf('quarter', stored.bucket)),
    step,
    app: isKnown ? stored.app : null,
    appName: isKnown ? stored.displayName : null,
    executable: stored.executable,
    certainty: certainties.get(stored.certainty) ?? 'unknown',
    reason: reasons.get(stored.reason) ?? null,
    scope: scopeOfCode(stored.scope) ?? 'internet',
    network,
    service: stored.serviceId === unknownServiceId || stored.serviceId === otherServiceId ? null : stored.service,
    hostKind,
    host: hostKind.startsWith('other-') ? null : stored.host,
    domain: hostKind === 'name' || hostKind === 'rest-of-domain' ? stored.domain : null,
    source,
    country: countryOfCode(stored.country),
    rxBytes, txBytes, rxPackets, txPackets, connections,
  };
}

/** Reads a whole history for an export, beside a service that writes it. Disposing of it closes the file. */
export class ExportReader implements Disposable {
  readonly #database: Database;

  /** Throws ServiceError where there is no history, or it cannot be read. */
  constructor(path: string) {
    this.#database = openForReading(path);
  }

  /** What the history is known by. */
  get id(): string {
    return this.#database.prepare<[], { id: string }>(readIdentity).get()?.id ?? '';
  }

  /**
   * Every row before `to`, in order: days while only days are kept, quarter-hours from the first day on of which all are. Together they are
   * all there was, each once.
   */
  *rows(to: EpochMs): Generator<ExportedRow, void, undefined> {
    const end = bucketOf('quarter', to);
    const turn = Math.min(end, this.#database.prepare<[], { bucket: number | null }>(firstWholeDay).get()?.bucket ?? end);
    for (const [tier, from, until] of [['day', 0, turn], ['quarter', turn, end]] as const) {
      const statement = this.#database.prepare<[number, number], StoredRow>(exportUsage(tier));
      for (const stored of statement.iterate(from, until)) yield rowOf(stored, tier);
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
