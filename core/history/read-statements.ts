import { scopeCodes } from './codes.ts';
import { partyTable, usageTable } from './schema.ts';
import { tierNames } from './tiers.ts';
import type { TierName } from './tiers.ts';

/** Every statement that reads the history. Only words of this file and numbers of rows go into the text of one. */

/** By what rows are grouped. */
export type Grouping = 'nothing' | 'app' | 'domain' | 'host' | 'network' | 'scope' | 'certainty' | 'bucket';

/** What rows may be narrowed to: each named condition takes one parameter, in this order. */
export const conditionNames = ['app', 'domain', 'host', 'network', 'scope'] as const;
export type ConditionName = (typeof conditionNames)[number];

const groupColumns: Readonly<Record<Grouping, string>> = {
  nothing: '0',
  app: 'party.app',
  domain: 'host.domain',
  host: 'series.host',
  network: 'party.network',
  scope: 'party.scope',
  certainty: 'party.certainty',
  bucket: 'fact.bucket',
};

const conditionTexts: Readonly<Record<ConditionName, string>> = {
  app: 'party.app = ?',
  domain: 'series.host IN (SELECT id FROM host WHERE domain = ?)',
  host: 'series.host = ?',
  network: 'party.network = ?',
  scope: 'party.scope = ?',
};

const sums = `sum(fact.rx_bytes) AS rxBytes, sum(fact.tx_bytes) AS txBytes,
  sum(fact.rx_packets) AS rxPackets, sum(fact.tx_packets) AS txPackets, sum(fact.connections) AS connections`;

export interface SumShape {
  readonly tier: TierName;
  readonly groupings: readonly Grouping[];
  readonly conditions: readonly ConditionName[];
}

/** Whether rows by host must be read; else the much shorter sums over the hosts are enough. */
function readsHosts(shape: SumShape): boolean {
  const hosts = (word: Grouping | ConditionName): boolean => word === 'domain' || word === 'host';
  return shape.groupings.some(hosts) || shape.conditions.some(hosts);
}

function source(shape: SumShape): string {
  if (!readsHosts(shape)) return `${partyTable(shape.tier)} AS fact JOIN party ON party.id = fact.party`;
  const host = shape.groupings.includes('domain') ? ' JOIN host ON host.id = series.host' : '';
  return `${usageTable(shape.tier)} AS fact JOIN series ON series.id = fact.series
  JOIN party ON party.id = series.party${host}`;
}

/**
 * Sums over buckets [?, ?) by up to two groupings, as `key` and `key2`. Loopback is not in the sums unless a scope is
 * asked for: nothing of it crosses the edge of this machine.
 */
export function sumUsage(shape: SumShape): string {
  const [first = 'nothing', second = 'nothing'] = shape.groupings;
  const scope = shape.conditions.includes('scope') ? [] : [`party.scope <> ${scopeCodes.loopback}`];
  const conditions = conditionNames.filter((name) => shape.conditions.includes(name)).map((name) => conditionTexts[name]);
  const where = ['fact.bucket >= ?', 'fact.bucket < ?', ...conditions, ...scope].join(' AND ');
  const columns = shape.groupings.map((grouping) => groupColumns[grouping]).join(', ');
  return `SELECT ${groupColumns[first]} AS key, ${groupColumns[second]} AS key2, ${sums}
FROM ${source(shape)}
WHERE ${where}${columns === '' ? '' : `\nGROUP BY ${columns}`}`;
}

export const appById = `SELECT key, executable, display_name AS displayName FROM app WHERE id = ?`;
export const appByKey = `SELECT id FROM app WHERE key = ?`;
export const domainById = `SELECT name FROM domain WHERE id = ?`;
export const domainByName = `SELECT id FROM domain WHERE name = ?`;
export const hostById = `SELECT kind, name FROM host WHERE id = ?`;
export const hostsByName = `SELECT id FROM host WHERE kind = ? AND name = ?`;
export const networkById = `SELECT name FROM network WHERE id = ?`;
export const networkByName = `SELECT id FROM network WHERE name = ?`;

export const spansBetween = `SELECT start, finish, date, zone FROM day_span WHERE finish > ? AND start < ? ORDER BY start`;
export const gapsBetween = `SELECT start, finish, reason FROM gap WHERE finish > ? AND start < ? ORDER BY start, reason`;
export const firstBucket = `SELECT min(bucket) AS bucket FROM party_day`;

export const sumCoverage = `SELECT sum(measured_ms) AS measuredMs, sum(captured_bytes) AS capturedBytes,
  sum(captured_packets) AS capturedPackets, sum(dropped_packets) AS droppedPackets,
  sum(malformed_packets) AS malformedPackets, sum(interface_bytes) AS interfaceBytes,
  sum(exact_bytes) AS exactBytes, sum(inferred_bytes) AS inferredBytes, sum(unknown_bytes) AS unknownBytes
FROM coverage WHERE tier = ? AND bucket >= ? AND bucket < ?`;

/** When something was seen first (an exact quarter-hour) and last (to the quarter-hour). */
export const appSeen = `SELECT min(app.first_seen) AS first, max(series.last_seen) AS last
FROM app JOIN party ON party.app = app.id JOIN series ON series.party = party.id WHERE app.id = ?`;
export const hostSeen = `SELECT min(host.first_seen) AS first, max(series.last_seen) AS last
FROM host JOIN series ON series.host = host.id WHERE host.id = ?`;
export const domainSeen = `SELECT min(host.first_seen) AS first, max(series.last_seen) AS last
FROM host JOIN series ON series.host = host.id WHERE host.domain = ?`;

/** The number of a tier in `coverage`: part of the file format. */
export const tierCodes: Readonly<Record<TierName, number>> = { recent: 0, minute: 1, quarter: 2, day: 3 };

/** All shapes that the views ask for, so that a check can look at each one's plan. */
export const viewShapes: readonly SumShape[] = tierNames.flatMap((tier) => [
  { tier, groupings: [], conditions: [] },
  { tier, groupings: ['app'], conditions: [] },
  { tier, groupings: ['domain'], conditions: [] },
  { tier, groupings: ['host'], conditions: [] },
  { tier, groupings: ['network'], conditions: [] },
  { tier, groupings: ['scope'], conditions: [] },
  { tier, groupings: ['bucket'], conditions: [] },
  { tier, groupings: ['bucket', 'app'], conditions: [] },
  { tier, groupings: ['domain'], conditions: ['app'] },
  { tier, groupings: ['app'], conditions: ['domain'] },
  { tier, groupings: ['bucket'], conditions: ['app'] },
  { tier, groupings: ['bucket'], conditions: ['domain'] },
]);
