import { scopeCodes } from './codes.ts';
import { hostTable, isHostTier, partyTable, usageTable } from './tables.ts';
import { sideTable, sideTables } from './side-statements.ts';
import { sideTiers } from './side-tiers.ts';
import { tierNames } from './tiers.ts';
import type { FineTierName, TierName } from './tiers.ts';

/** Every statement that takes rows out of the history: clean-up after their time, and forgetting on demand. */

/** Rows of a fine tier before a bucket, the oldest first, at most as many as a step may take. */
export function expireUsage(tier: FineTierName): string {
  return `DELETE FROM ${usageTable(tier)} WHERE bucket < ? ORDER BY bucket LIMIT ?`;
}

export function expireParties(tier: FineTierName): string {
  return `DELETE FROM ${partyTable(tier)} WHERE bucket < ? ORDER BY bucket LIMIT ?`;
}

export const expireCoverage = `DELETE FROM coverage WHERE tier = ? AND bucket < ? ORDER BY tier, bucket LIMIT ?`;

/**
 * Hosts, after a given one, that stand in no tier that is kept forever and were last seen before a quarter-hour: no row has
 * them any more.
 */
export const expireHosts = `DELETE FROM host WHERE id IN (
  SELECT id FROM host WHERE id > ? AND id <= ? AND lasting = 0 AND last_seen < ?)`;
export const lastHost = `SELECT max(id) AS id FROM host`;

/** Rows of what is to be forgotten, in one tier. */
export function forgetApp(tier: TierName): string {
  return `DELETE FROM ${usageTable(tier)}
WHERE party IN (SELECT party.id FROM party JOIN app ON app.id = party.app WHERE app.key = ?)`;
}

export function forgetDomain(tier: TierName): string {
  return `DELETE FROM ${usageTable(tier)}
WHERE host IN (SELECT host.id FROM host JOIN domain ON domain.id = host.domain WHERE domain.name = ?)`;
}

export function forgetHost(tier: TierName): string {
  return `DELETE FROM ${usageTable(tier)} WHERE host IN (SELECT id FROM host WHERE name = ? AND kind IN (?, ?))`;
}

const sums = `sum(rx_bytes), sum(tx_bytes), sum(rx_packets), sum(tx_packets), sum(connections)`;

/** Makes a tier's sums anew from its rows: after some were forgotten. */
export function rebuildSums(tier: TierName): string {
  const parties = `DELETE FROM ${partyTable(tier)};
INSERT INTO ${partyTable(tier)} SELECT bucket, party, ${sums} FROM ${usageTable(tier)} GROUP BY bucket, party;`;
  if (!isHostTier(tier)) return parties;
  return `${parties}
DELETE FROM ${hostTable(tier)};
INSERT INTO ${hostTable(tier)} SELECT bucket, host, ${sums} FROM ${usageTable(tier)}
WHERE party NOT IN (SELECT id FROM party WHERE scope = ${scopeCodes.loopback}) GROUP BY bucket, host;`;
}

/** Buckets [?, ?) of one tier. */
export function deleteUsageBetween(tier: TierName): string {
  return `DELETE FROM ${usageTable(tier)} WHERE bucket >= ? AND bucket < ?`;
}

export function usageBetween(tier: TierName): string {
  return `SELECT party, host, rx_bytes AS rxBytes, tx_bytes AS txBytes, rx_packets AS rxPackets, tx_packets AS txPackets,
  connections FROM ${usageTable(tier)} WHERE bucket >= ? AND bucket < ?`;
}

export function insertUsage(tier: TierName): string {
  return `INSERT INTO ${usageTable(tier)} VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
}

export const hostFact = `SELECT kind, domain FROM host WHERE id = ?`;
export const deleteCoverageBetween = `DELETE FROM coverage WHERE tier = ? AND bucket >= ? AND bucket < ?`;
export const deleteGapsBetween = `DELETE FROM gap WHERE start >= ? AND finish <= ?`;

/** What no row points to any more, in the order in which it may go. Names leave the file with it. */
export const deleteUnused: readonly string[] = [
  `DELETE FROM party WHERE ${tierNames.map((tier) => `id NOT IN (SELECT party FROM ${partyTable(tier)})`).join(' AND ')}`,
  `DELETE FROM app WHERE id > 0 AND id NOT IN (SELECT app FROM party)${sideTiers.map((tier) => ` AND id NOT IN (SELECT app FROM ${sideTable('quality', tier)})`).join('')}`,
  `DELETE FROM host WHERE ${[...tierNames.map(usageTable), ...sideTables].map((table) => `id NOT IN (SELECT host FROM ${table})`).join(' AND ')}`,
  `DELETE FROM service WHERE id > 1 AND id NOT IN (SELECT service FROM party)`,
  `DELETE FROM domain WHERE id > 1 AND id NOT IN (SELECT domain FROM host)`,
  `DELETE FROM network WHERE id NOT IN (SELECT network FROM party)`,
];
