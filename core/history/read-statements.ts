import { scopeCodes } from './codes.ts';
import { coverageColumns, coverageNames } from './coverage.ts';
import type { QueryKey } from './query.ts';
import { hostTable, isHostTier, partyTable, usageTable } from './tables.ts';
import { tierNames } from './tiers.ts';
import type { TierName } from './tiers.ts';

/** Every statement that reads the history. Only words of this file and numbers of rows go into the text of one. */

/** By what rows are grouped. */
export type Grouping = 'nothing' | QueryKey | 'bucket' | 'hour';

/** What rows may be narrowed to: each named condition takes one parameter, in this order. */
export const conditionNames = ['domain', 'host', 'country', 'app', 'network', 'scope', 'service'] as const;
export type ConditionName = (typeof conditionNames)[number];

const groupColumns: Readonly<Record<Grouping, string>> = {
  nothing: '0',
  app: 'party.app',
  domain: 'host.domain',
  host: 'fact.host',
  network: 'party.network',
  scope: 'party.scope',
  certainty: 'party.certainty',
  country: 'host.country',
  service: 'party.service',
  bucket: 'fact.bucket',
  // The first quarter-hour of the hour: in the quarter tier only.
  hour: 'fact.bucket / 4 * 4',
};

/** Conditions on the party; they are met by choosing the parties first, which are few. */
const partyConditions: Readonly<Partial<Record<ConditionName, string>>> = {
  app: 'app = ?',
  network: 'network = ?',
  scope: 'scope = ?',
  service: 'service = ?',
};

const hostConditions: Readonly<Partial<Record<ConditionName, string>>> = {
  domain: 'fact.host IN (SELECT id FROM host WHERE domain = ?)',
  host: 'fact.host = ?',
  country: 'fact.host IN (SELECT id FROM host WHERE country = ?)',
};

const sums = `sum(fact.rx_bytes) AS rxBytes, sum(fact.tx_bytes) AS txBytes,
  sum(fact.rx_packets) AS rxPackets, sum(fact.tx_packets) AS txPackets, sum(fact.connections) AS connections`;

export interface SumShape {
  readonly tier: TierName;
  readonly groupings: readonly Grouping[];
  readonly conditions: readonly ConditionName[];
}

/** The shortest table that has what a sum needs. */
function source(shape: SumShape): { readonly kind: 'usage' | 'party' | 'host'; readonly table: string } {
  const words = new Set<Grouping | ConditionName>([...shape.groupings, ...shape.conditions]);
  if (!(['domain', 'host', 'country'] as const).some((word) => words.has(word))) return { kind: 'party', table: partyTable(shape.tier) };
  const parties = (['app', 'network', 'scope', 'certainty', 'service'] as const).some((word) => words.has(word));
  if (!parties && isHostTier(shape.tier)) return { kind: 'host', table: hostTable(shape.tier) };
  return { kind: 'usage', table: usageTable(shape.tier) };
}

function conditionTexts(shape: SumShape, kind: 'usage' | 'party' | 'host'): readonly string[] {
  const texts = (some: Readonly<Partial<Record<ConditionName, string>>>): readonly string[] =>
    conditionNames.filter((name) => shape.conditions.includes(name)).flatMap((name) => some[name] ?? []);
  const ofHost = texts(hostConditions);
  if (kind === 'host') return ofHost;
  const ofParty = texts(partyConditions);
  // Loopback does not cross the edge of this machine: only who asks for that scope gets it. Few parties have it, or none.
  if (ofParty.length === 0) return [...ofHost, `fact.party NOT IN (SELECT id FROM party WHERE scope = ${scopeCodes.loopback})`];
  const loopback = shape.conditions.includes('scope') ? [] : [`scope <> ${scopeCodes.loopback}`];
  return [...ofHost, `fact.party IN (SELECT id FROM party WHERE ${[...ofParty, ...loopback].join(' AND ')})`];
}

/**
 * Rows of a few parties in many buckets are found by a look into each bucket, not by reading all of it: the next bucket
 * number is one step in the key.
 */
function eachBucket(table: string): string {
  return `WITH RECURSIVE counted (bucket) AS (
  SELECT min(bucket) FROM ${table} WHERE bucket >= ?
  UNION ALL
  SELECT (SELECT min(bucket) FROM ${table} WHERE ${table}.bucket > counted.bucket) FROM counted WHERE counted.bucket < ?
)
`;
}

/**
 * Sums over buckets [from, to) by up to two groupings, as `key` and `key2`. Parameters: see {@link sumParameters}.
 */
export function sumUsage(shape: SumShape): string {
  const { kind, table } = source(shape);
  const [first = 'nothing', second = 'nothing'] = shape.groupings;
  const columns = shape.groupings.map((grouping) => groupColumns[grouping]);
  const party = columns.some((column) => column.startsWith('party.')) ? ' JOIN party ON party.id = fact.party' : '';
  const host = columns.some((column) => column.startsWith('host.')) ? ' JOIN host ON host.id = fact.host' : '';
  const few = kind === 'usage' && shape.conditions.includes('app');
  const range = few ? ['counted.bucket < ?'] : ['fact.bucket >= ?', 'fact.bucket < ?'];
  const where = [...range, ...conditionTexts(shape, kind)].join(' AND ');
  const facts = few ? `counted CROSS JOIN ${table} AS fact ON fact.bucket = counted.bucket` : `${table} AS fact`;
  return `${few ? eachBucket(table) : ''}SELECT ${groupColumns[first]} AS key, ${groupColumns[second]} AS key2, ${sums}
FROM ${facts}${party}${host}
WHERE ${where}${columns.length === 0 ? '' : `\nGROUP BY ${columns.join(', ')}`}`;
}

/** The parameters of a sum's statement: the buckets, then the conditions' numbers in the order of `conditionNames`. */
export function sumParameters(shape: SumShape, buckets: { readonly from: number; readonly to: number }, values: readonly number[]): number[] {
  const few = source(shape).kind === 'usage' && shape.conditions.includes('app');
  return [...(few ? [buckets.from, buckets.to, buckets.to] : [buckets.from, buckets.to]), ...values];
}

export const appById = `SELECT key, executable, display_name AS displayName FROM app WHERE id = ?`;
export const appByKey = `SELECT id FROM app WHERE key = ?`;
export const domainById = `SELECT name FROM domain WHERE id = ?`;
export const domainByName = `SELECT id FROM domain WHERE name = ?`;
export const hostById = `SELECT kind, name FROM host WHERE id = ?`;
export const hostsByName = `SELECT id FROM host WHERE kind = ? AND name = ?`;
export const networkById = `SELECT name FROM network WHERE id = ?`;
export const serviceById = `SELECT name FROM service WHERE id = ?`;
export const serviceByName = `SELECT id FROM service WHERE name = ?`;
export const networkByName = `SELECT id FROM network WHERE name = ?`;

export const spansBetween = `SELECT start, finish, date, zone, month FROM day_span WHERE finish > ? AND start < ? ORDER BY start`;
export const gapsBetween = `SELECT start, finish, reason FROM gap WHERE finish > ? AND start < ? ORDER BY start, reason`;
export const countedUntil = `SELECT counted_until AS time FROM state WHERE id = 0`;
export const firstBucket = `SELECT min(bucket) AS bucket FROM party_day`;

/** One row, of zeros where there is none. */
export const sumCoverage = `SELECT coalesce(sum(measured_ms), 0) AS measuredMs,
  ${coverageNames.map((name) => `coalesce(sum(${coverageColumns[name]}), 0) AS ${name}`).join(', ')}
FROM coverage WHERE tier = ? AND bucket >= ? AND bucket < ?`;

export const appsByLastUse = `SELECT key, executable, display_name AS displayName, first_seen AS first, last_seen AS last
FROM app WHERE id > 0 ORDER BY last_seen DESC, id DESC LIMIT ?`;
export const countApps = `SELECT count(*) AS count FROM app WHERE id > 0`;
export const countRows = `SELECT ${tierNames.map((tier) => `(SELECT count(*) FROM ${usageTable(tier)})`).join(' + ')} AS rows`;

/** When something was seen first and last: the quarter-hours it happened in. */
export const appSeen = `SELECT first_seen AS first, last_seen AS last FROM app WHERE id = ?`;
export const hostSeen = `SELECT first_seen AS first, last_seen AS last FROM host WHERE id = ?`;
export const domainSeen = `SELECT min(first_seen) AS first, max(last_seen) AS last FROM host WHERE domain = ?`;

/** The number of a tier in `coverage`: part of the file format. */
export const tierCodes: Readonly<Record<TierName, number>> = { recent: 0, minute: 1, quarter: 2, day: 3, month: 4 };

/** All shapes that the views ask for, so that a check can look at each one's plan. */
export const viewShapes: readonly SumShape[] = tierNames.flatMap((tier) => [
  { tier, groupings: [], conditions: [] },
  { tier, groupings: ['app'], conditions: [] },
  { tier, groupings: ['domain'], conditions: [] },
  { tier, groupings: ['host'], conditions: [] },
  { tier, groupings: ['network'], conditions: [] },
  { tier, groupings: ['scope'], conditions: [] },
  { tier, groupings: ['country'], conditions: [] },
  { tier, groupings: ['service'], conditions: [] },
  { tier, groupings: ['domain'], conditions: ['country'] },
  { tier, groupings: ['domain'], conditions: ['service'] },
  { tier, groupings: ['bucket'], conditions: [] },
  { tier, groupings: ['bucket', 'app'], conditions: [] },
  { tier, groupings: ['domain'], conditions: ['app'] },
  { tier, groupings: ['app'], conditions: ['domain'] },
  { tier, groupings: ['bucket'], conditions: ['app'] },
  { tier, groupings: ['bucket'], conditions: ['domain'] },
]);
