import { usageTable } from './tables.ts';
import type { TierName } from './tiers.ts';

/** Every row of a tier with its names, for an export. Buckets [from, to). */
export function exportUsage(tier: TierName): string {
  return `SELECT fact.bucket AS bucket, party.app AS appId, app.key AS app, app.executable AS executable, app.display_name AS displayName,
  party.certainty AS certainty, party.reason AS reason, party.scope AS scope, network.name AS network, party.service AS serviceId, service.name AS service,
  host.kind AS kind, host.name AS host, domain.name AS domain, host.source AS source, host.country AS country,
  fact.rx_bytes AS rxBytes, fact.tx_bytes AS txBytes, fact.rx_packets AS rxPackets, fact.tx_packets AS txPackets, fact.connections AS connections
FROM ${usageTable(tier)} AS fact
JOIN party ON party.id = fact.party
JOIN app ON app.id = party.app
JOIN network ON network.id = party.network
JOIN service ON service.id = party.service
JOIN host ON host.id = fact.host
JOIN domain ON domain.id = host.domain
WHERE fact.bucket >= ? AND fact.bucket < ?
ORDER BY fact.bucket`;
}

/** The first whole day of which every quarter-hour is kept: from there on quarter-hours are exported, before it days. */
export const firstWholeDay = `SELECT min(day_span.start) AS bucket FROM day_span, tier_floor
WHERE tier_floor.tier = 'quarter' AND day_span.start * 900000 >= tier_floor.floor`;

/** What a history is known by: a number that was drawn when it was made. */
export const readIdentity = "SELECT hex(seconds) AS id FROM imported WHERE source = 'this history' AND hour = 0";
