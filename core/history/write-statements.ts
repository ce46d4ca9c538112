import { coverageColumns, coverageNames } from './coverage.ts';
import { hostTable, partyTable, usageTable } from './tables.ts';
import type { HostTierName } from './tables.ts';
import { tiers } from './tiers.ts';
import type { FineTierName, TierName } from './tiers.ts';

/** Every statement that changes the history, except clean-up and forgetting (see `keep-statements.ts`). */

const addCounts = `
  rx_bytes = rx_bytes + excluded.rx_bytes,
  tx_bytes = tx_bytes + excluded.tx_bytes,
  rx_packets = rx_packets + excluded.rx_packets,
  tx_packets = tx_packets + excluded.tx_packets,
  connections = connections + excluded.connections`;

const columns = coverageNames.map((name) => coverageColumns[name]);

/** Adds counts to the row of a bucket, a party and a host. */
export function addUsage(tier: TierName): string {
  return `INSERT INTO ${usageTable(tier)} VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (bucket, party, host) DO UPDATE SET${addCounts}`;
}

/** Adds counts to the row of a bucket and a host. */
export function addHost(tier: HostTierName): string {
  return `INSERT INTO ${hostTable(tier)} VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (bucket, host) DO UPDATE SET${addCounts}`;
}

/** Adds counts to the row of a bucket and a party. */
export function addParty(tier: TierName): string {
  return `INSERT INTO ${partyTable(tier)} VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (bucket, party) DO UPDATE SET${addCounts}`;
}

export const addCoverage = `INSERT INTO coverage (tier, bucket, measured_ms, ${columns.join(', ')})
VALUES (?, ?, ?, ${columns.map(() => '?').join(', ')})
ON CONFLICT (tier, bucket) DO UPDATE SET
  ${['measured_ms', ...columns].map((column) => `${column} = ${column} + excluded.${column}`).join(',\n  ')}`;

export const findApp = `SELECT id FROM app WHERE key = ?`;
export const insertApp = `INSERT INTO app (key, executable, display_name, first_seen, last_seen) VALUES (?, ?, ?, ?, ?)`;
export const findDomain = `SELECT id FROM domain WHERE name = ?`;
export const insertDomain = `INSERT INTO domain (name) VALUES (?)`;
export const findHost = `SELECT id FROM host WHERE kind = ? AND name = ?`;
export const insertHost = `INSERT INTO host (kind, name, domain, source, first_seen, last_seen, lasting, country)
VALUES (?, ?, ?, ?, ?, ?, 0, ?)`;
export const findNetwork = `SELECT id FROM network WHERE name = ?`;
export const insertNetwork = `INSERT INTO network (name) VALUES (?)`;
export const findParty = `SELECT id FROM party
WHERE app = ? AND scope = ? AND network = ? AND certainty = ? AND reason = ? AND service = ?`;
export const insertParty = `INSERT INTO party (app, scope, network, certainty, reason, service) VALUES (?, ?, ?, ?, ?, ?)`;
export const findService = `SELECT id FROM service WHERE name = ?`;
export const insertService = `INSERT INTO service (name) VALUES (?)`;

/** Run only when a quarter-hour is new: not ten pages every ten seconds. */
export const seenApp = `UPDATE app SET last_seen = max(last_seen, ?) WHERE id = ?`;
export const seenHost = `UPDATE host SET last_seen = max(last_seen, ?) WHERE id = ?`;
/** The host stands in a tier that is kept forever, so its row must be, too. */
export const lastingHost = `UPDATE host SET lasting = 1 WHERE id = ?`;

/** A host's country once it is known: the first stays, because a name may have addresses all over the world. See `countryCode`. */
export const hostCountry = `UPDATE host SET country = @country WHERE id = @host AND country < 2 AND country < @country`;

/** Keys of what stands in a bucket, so that after a restart its room is what it was. */
export function bucketKeys(tier: TierName): string {
  return `SELECT app.key AS app, host.kind AS kind, host.name AS name, domain.name AS domain, network.name AS network,
  service.name AS service
FROM ${usageTable(tier)} AS fact
JOIN party ON party.id = fact.party JOIN app ON app.id = party.app
JOIN host ON host.id = fact.host JOIN domain ON domain.id = host.domain JOIN network ON network.id = party.network
JOIN service ON service.id = party.service
WHERE fact.bucket = ?`;
}

/** The span that holds a quarter-hour, and its neighbours. */
export const spanBefore = `SELECT start, finish, date, zone, month FROM day_span WHERE start <= ? ORDER BY start DESC LIMIT 1`;
export const spanAfter = `SELECT start, finish, date, zone, month FROM day_span WHERE start > ? ORDER BY start LIMIT 1`;
export const insertSpan = `INSERT INTO day_span (start, finish, date, zone, month) VALUES (?, ?, ?, ?, ?)`;
export const endSpan = `UPDATE day_span SET finish = ? WHERE start = ?`;
/** The last quarter-hour of a span in which something was counted. */
export const lastQuarter = `SELECT max(bucket) AS bucket FROM party_quarter WHERE bucket >= ? AND bucket < ?`;

export const readFloors = `SELECT tier, floor FROM tier_floor`;
export const writeFloor = `UPDATE tier_floor SET floor = ? WHERE tier = ?`;
/** Whether the day bucket has rows. */
export const dayHasRows = `SELECT 1 AS found FROM party_day WHERE bucket = ? LIMIT 1`;
/** The last day that begins among quarter-hours [?, ?). */
export const lastSpanBetween = `SELECT start, finish, date, zone, month FROM day_span
WHERE start >= ? AND start < ? ORDER BY start DESC LIMIT 1`;

const table = { usage: usageTable, party: partyTable };

/** Rows of a fine tier in buckets [?, ?), to be made anew from days. */
export function dropFine(kind: 'usage' | 'party', tier: FineTierName): string {
  return `DELETE FROM ${table[kind](tier)} WHERE bucket >= ? AND bucket < ?`;
}

/** Puts days that begin among quarter-hours [?, ?) into a fine tier, each into the bucket that it begins in. */
export function refineDays(kind: 'usage' | 'party', tier: FineTierName): string {
  const columns = kind === 'usage' ? 'party, host' : 'party';
  return `INSERT INTO ${table[kind](tier)}
SELECT bucket * ${tiers.quarter.unitMs / tiers[tier].unitMs}, ${columns}, rx_bytes, tx_bytes, rx_packets, tx_packets, connections
FROM ${table[kind]('day')} WHERE bucket >= ? AND bucket < ?`;
}

export const gapsTouching = `SELECT start, finish, reason FROM gap WHERE finish >= ? AND start <= ? ORDER BY start`;
export const insertGap = `INSERT INTO gap (start, finish, reason) VALUES (?, ?, ?)
ON CONFLICT (start, reason) DO UPDATE SET finish = max(finish, excluded.finish)`;
export const deleteGap = `DELETE FROM gap WHERE start = ? AND reason = ?`;
export const measuredUntil = `UPDATE state SET measured_until = ? WHERE id = 0`;
export const countedUntil = `UPDATE state SET counted_until = ? WHERE id = 0 AND counted_until < ?`;
export const readMeasuredUntil = `SELECT measured_until AS measuredUntil FROM state WHERE id = 0`;
