import type { Database } from 'better-sqlite3';
import { httpSumOf } from '../../core/history/http-room.ts';
import type { HttpCount } from '../../core/history/http-room.ts';
import type { Piece, RangePlan } from '../../core/history/pieces.ts';
import { addQuality } from '../../core/history/quality.ts';
import type { Quality } from '../../core/history/quality.ts';
import type { HttpResult, QualityQuery, QualityResult, QualityRow } from '../../core/history/query.ts';
import { sideConditionNames, sumHttp, sumQuality } from '../../core/history/side-statements.ts';
import type { SideConditionName } from '../../core/history/side-statements.ts';
import { isSideTier } from '../../core/history/side-tiers.ts';
import type { SideTierName } from '../../core/history/side-tiers.ts';
import { mergedHttp } from '../../core/packet/index.ts';
import type { SideFilter } from '../../protocol/app.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import type { Names } from './names.ts';

interface QualitySum extends Quality {
  readonly key: number;
}

interface HttpRow extends HttpCount {
  readonly host: number;
}

/** One piece of an answer, as a statement takes it. */
interface Part {
  readonly tier: SideTierName;
  readonly used: readonly SideConditionName[];
  readonly parameters: readonly number[];
}

/** A filter as numbers, in the order of the statements' parameters; null where it names something the history has never seen. */
type SideConditions = ReadonlyMap<SideConditionName, number> | null;

function conditionsOf(filter: SideFilter, names: Names): SideConditions {
  const found = new Map<SideConditionName, number>();
  for (const name of sideConditionNames) {
    const wanted = filter[name];
    if (wanted === undefined) continue;
    const id = name === 'country' ? names.countryId(wanted) : wanted === null ? nullId(name, names) : names.idOf(name, wanted);
    if (id === null) return null;
    found.set(name, id);
  }
  return found;
}

function nullId(name: 'app' | 'domain' | 'host', names: Names): number | null {
  return name === 'app' ? names.appId(null) : name === 'domain' ? names.domainId(null) : null;
}

/** Answers about the quality of connections and about plain HTTP, from the tables beside the usage. */
export class SideSums {
  readonly #database: Database;
  readonly #names: Names;

  constructor(database: Database, names: Names) {
    this.#database = database;
    this.#names = names;
  }

  /** The rows with the most samples first, at most `limit`. */
  quality({ by, limit, filter }: QualityQuery, plan: RangePlan): QualityResult['rows'] {
    const sums = new Map<number, Quality>();
    for (const { tier, used, parameters } of this.#parts(plan, filter ?? {})) {
      for (const { key, ...quality } of this.#database.prepare<number[], QualitySum>(sumQuality(tier, by, used)).all(...parameters)) {
        const sum = addQuality(sums.get(key) ?? null, quality);
        if (sum !== null) sums.set(key, sum);
      }
    }
    return [...sums]
      .toSorted(([, a], [, b]) => b.samples - a.samples || b.packets - a.packets)
      .slice(0, limit)
      .map(([id, sum]) => this.#qualityRow(by, id, sum));
  }

  /** The most asked hosts first, at most `limit`; all others are one, whose name is null. */
  http(limit: number, filter: SideFilter, plan: RangePlan): HttpResult['hosts'] {
    const hosts = new Map<string | null, HttpCount[]>();
    for (const { tier, used, parameters } of this.#parts(plan, filter)) {
      for (const { host, ...count } of this.#database.prepare<number[], HttpRow>(sumHttp(tier, used)).all(...parameters)) {
        const { kind, key } = this.#names.of('host', host);
        const name = kind === 'known' ? key : null;
        const counts = hosts.get(name) ?? [];
        counts.push(count);
        hosts.set(name, counts);
      }
    }
    return mergedHttp([[...hosts].map(([host, counts]) => httpSum(host, counts)).toSorted(byRequests)], { hosts: limit });
  }

  #qualityRow(by: QualityQuery['by'], id: number, sum: Quality): QualityRow {
    const name = this.#names.of(by, id);
    const { samples, least, most, retransmits, packets } = sum;
    return {
      ...name,
      ...(by === 'app' && name.key !== null ? { displayName: name.label.slice(0, 128) } : {}),
      samples,
      roundTripMicroseconds: samples === 0 ? null : { least, mean: sum.sum / samples, most },
      retransmits,
      packets,
      retransmitShare: packets === 0 ? null : Math.min(1, retransmits / packets),
    };
  }

  #parts(plan: RangePlan, filter: SideFilter): readonly Part[] {
    const conditions = conditionsOf(filter, this.#names);
    if (conditions === null) return [];
    const used = sideConditionNames.filter((name) => conditions.has(name));
    const values = used.map((name) => conditions.get(name) ?? 0);
    return plan.pieces.flatMap(({ tier, from, to }: Piece) =>
      isSideTier(tier) ? [{ tier, used, parameters: [from, to, ...values] }] : [],
    );
  }
}

function byRequests(a: HttpHostSum, b: HttpHostSum): number {
  return b.requests - a.requests || b.responses - a.responses;
}

/** Counts of several buckets as one; the largest sections come first, because only so many have a place of their own. */
function httpSum(host: string | null, counts: readonly HttpCount[]): HttpHostSum {
  const sums = new Map<string, HttpCount>();
  for (const count of counts) {
    const key = `${count.kind} ${count.item}`;
    sums.set(key, { ...count, times: (sums.get(key)?.times ?? 0) + count.times });
  }
  return httpSumOf(host, [...sums.values()].toSorted((a, b) => b.times - a.times));
}
