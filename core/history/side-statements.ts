import { usageTable } from './tables.ts';
import type { SideName, SideTierName } from './side-tiers.ts';
import { sideNames, sideTiers } from './side-tiers.ts';

/**
 * Tables beside the usage: how well connections went, and what plain HTTP was asked for. They are kept by the quarter-hour
 * and the day, as long as the usage of those tiers is.
 */
const columns: Readonly<Record<SideName, string>> = {
  quality: `
  bucket INTEGER NOT NULL,
  app INTEGER NOT NULL,
  host INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  least INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  most INTEGER NOT NULL,
  retransmits INTEGER NOT NULL,
  packets INTEGER NOT NULL,
  PRIMARY KEY (bucket, app, host)`,
  http: `
  bucket INTEGER NOT NULL,
  host INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  item TEXT NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (bucket, host, kind, item)`,
};

export function sideTable(name: SideName, tier: SideTierName): `${SideName}_${SideTierName}` {
  return `${name}_${tier}`;
}

/** Every table of them. */
export const sideTables = sideNames.flatMap((name) => sideTiers.map((tier) => sideTable(name, tier)));

export const createSideTables = sideNames
  .flatMap((name) => sideTiers.map((tier) => `CREATE TABLE ${sideTable(name, tier)} (${columns[name]}\n) STRICT, WITHOUT ROWID;`))
  .join('\n');

/** `least` is that of the rows with samples. */
const addSide: Readonly<Record<SideName, string>> = {
  quality: `ON CONFLICT (bucket, app, host) DO UPDATE SET
  least = CASE WHEN samples = 0 OR excluded.samples = 0 THEN max(least, excluded.least) ELSE min(least, excluded.least) END,
  samples = samples + excluded.samples, sum = sum + excluded.sum, most = max(most, excluded.most),
  retransmits = retransmits + excluded.retransmits, packets = packets + excluded.packets`,
  http: `ON CONFLICT (bucket, host, kind, item) DO UPDATE SET times = times + excluded.times`,
};

const places: Readonly<Record<SideName, string>> = { quality: '?, ?, ?, ?, ?, ?, ?, ?, ?', http: '?, ?, ?, ?, ?' };

export function addSideRow(name: SideName, tier: SideTierName): string {
  return `INSERT INTO ${sideTable(name, tier)} VALUES (${places[name]}) ${addSide[name]}`;
}

/** What stands in a bucket, so that after a restart its room is what it was. */
export function qualityKeys(tier: SideTierName): string {
  return `SELECT app, host FROM ${sideTable('quality', tier)} WHERE bucket = ?`;
}

export function httpKeys(tier: SideTierName): string {
  return `SELECT host, kind, item FROM ${sideTable('http', tier)} WHERE bucket = ?`;
}

/** Rows of the quarter tier before a bucket, the oldest first, at most as many as a step may take. */
export function expireSide(name: SideName): string {
  return `DELETE FROM ${sideTable(name, 'quarter')} WHERE bucket < ? ORDER BY bucket LIMIT ?`;
}

/** Buckets [?, ?) of one table. */
export function deleteSideBetween(name: SideName, tier: SideTierName): string {
  return `DELETE FROM ${sideTable(name, tier)} WHERE bucket >= ? AND bucket < ?`;
}

const sums: Readonly<Record<SideName, string>> = {
  quality: `app, host, sum(samples), coalesce(min(CASE WHEN samples > 0 THEN least END), 0), sum(sum), max(most), sum(retransmits), sum(packets)`,
  http: `host, kind, item, sum(times)`,
};

const keys: Readonly<Record<SideName, string>> = { quality: 'app, host', http: 'host, kind, item' };

/** Makes a day anew from its quarter-hours: the day's bucket, then the quarter-hours [?, ?). */
export function remakeDay(name: SideName): string {
  return `INSERT INTO ${sideTable(name, 'day')}
SELECT ?, ${sums[name]} FROM ${sideTable(name, 'quarter')} WHERE bucket >= ? AND bucket < ? GROUP BY ${keys[name]}`;
}

/** Puts days that begin among quarter-hours [?, ?) into the quarter tier, each into the bucket that it begins in. */
export function refineSideDays(name: SideName): string {
  return `INSERT INTO ${sideTable(name, 'quarter')} SELECT * FROM ${sideTable(name, 'day')} WHERE bucket >= ? AND bucket < ?`;
}

/** Forgetting by what is known of a row. Parameters as those of the usage's statements. */
export const forgetSide = {
  app: (tier: SideTierName): string => `DELETE FROM ${sideTable('quality', tier)} WHERE app IN (SELECT id FROM app WHERE key = ?)`,
  domain: (name: SideName, tier: SideTierName): string =>
    `DELETE FROM ${sideTable(name, tier)} WHERE host IN (SELECT host.id FROM host JOIN domain ON domain.id = host.domain WHERE domain.name = ?)`,
  host: (name: SideName, tier: SideTierName): string =>
    `DELETE FROM ${sideTable(name, tier)} WHERE host IN (SELECT id FROM host WHERE name = ? AND kind IN (?, ?))`,
} as const;

/**
 * Plain HTTP is not known by app. With an app go the hosts that no other app has met: they are noted before its rows go, and
 * what nobody else has is deleted after it.
 */
export const noteHostsOfApp = `CREATE TEMP TABLE met AS SELECT DISTINCT host AS id FROM (
${(['quarter', 'day'] as const)
  .map((tier) => `SELECT host FROM ${usageTable(tier)} WHERE party IN (SELECT party.id FROM party JOIN app ON app.id = party.app WHERE app.key = ?)`)
  .join(' UNION ')})`;
export const deleteMetHttp: readonly string[] = [
  ...sideTiers.map(
    (tier) => `DELETE FROM ${sideTable('http', tier)} WHERE host IN (
  SELECT id FROM met EXCEPT SELECT host FROM ${usageTable('quarter')} EXCEPT SELECT host FROM ${usageTable('day')})`,
  ),
  'DROP TABLE met',
];

/** By what rows of quality are grouped, and what they may be narrowed to. */
export type SideGrouping = 'app' | 'host';

/** Conditions of a question to these tables, each with one parameter, in this order. */
export const sideConditionNames = ['app', 'domain', 'host', 'country'] as const;
export type SideConditionName = (typeof sideConditionNames)[number];

const conditions: Readonly<Record<SideConditionName, string>> = {
  app: 'fact.app = ?',
  domain: 'fact.host IN (SELECT id FROM host WHERE domain = ?)',
  host: 'fact.host = ?',
  country: 'fact.host IN (SELECT id FROM host WHERE country = ?)',
};

function where(used: readonly SideConditionName[]): string {
  const texts = sideConditionNames.filter((name) => used.includes(name)).map((name) => conditions[name]);
  return ['fact.bucket >= ?', 'fact.bucket < ?', ...texts].join(' AND ');
}

export function sumQuality(tier: SideTierName, by: SideGrouping, used: readonly SideConditionName[]): string {
  return `SELECT fact.${by} AS key, sum(samples) AS samples, coalesce(min(CASE WHEN samples > 0 THEN least END), 0) AS least,
  sum(sum) AS sum, max(most) AS most, sum(retransmits) AS retransmits, sum(packets) AS packets
FROM ${sideTable('quality', tier)} AS fact WHERE ${where(used)} GROUP BY fact.${by}`;
}

export function sumHttp(tier: SideTierName, used: readonly SideConditionName[]): string {
  return `SELECT host, kind, item, sum(times) AS times FROM ${sideTable('http', tier)} AS fact WHERE ${where(used)} GROUP BY host, kind, item`;
}
