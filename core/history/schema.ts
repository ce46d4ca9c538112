import { alertTables } from './alert-statements.ts';
import { knownNameTable } from './known-name-statements.ts';
import { importedTable } from './imported-statements.ts';
import { createSideTables } from './side-statements.ts';
import { hostTable, hostTiers, partyTable, usageTable } from './tables.ts';
import { tierNames } from './tiers.ts';

/** `application_id` in the file's header ("Tide" in ASCII): tells a history from any other SQLite file. */
export const applicationId = 0x54_69_64_65;

const counts = `
  rx_bytes INTEGER NOT NULL,
  tx_bytes INTEGER NOT NULL,
  rx_packets INTEGER NOT NULL,
  tx_packets INTEGER NOT NULL,
  connections INTEGER NOT NULL`;

/**
 * Fact tables are keyed by bucket first: a write touches the few pages at the end, a range is one scan, and clean-up cuts
 * off the beginning. WITHOUT ROWID keeps a row at some 20 bytes: the key is stored once and there is no second index.
 */
const factTables = tierNames
  .map(
    (tier) => `
CREATE TABLE ${usageTable(tier)} (
  bucket INTEGER NOT NULL,
  party INTEGER NOT NULL,
  host INTEGER NOT NULL,${counts},
  PRIMARY KEY (bucket, party, host)
) STRICT, WITHOUT ROWID;
CREATE TABLE ${partyTable(tier)} (
  bucket INTEGER NOT NULL,
  party INTEGER NOT NULL,${counts},
  PRIMARY KEY (bucket, party)
) STRICT, WITHOUT ROWID;`,
  )
  .join('');

const hostTables = hostTiers
  .map(
    (tier) => `
CREATE TABLE ${hostTable(tier)} (
  bucket INTEGER NOT NULL,
  host INTEGER NOT NULL,${counts},
  PRIMARY KEY (bucket, host)
) STRICT, WITHOUT ROWID;`,
  )
  .join('');

const firstSchema = `
CREATE TABLE app (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  executable TEXT,
  display_name TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL
) STRICT;
CREATE TABLE domain (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE host (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  domain INTEGER NOT NULL REFERENCES domain (id),
  source TEXT,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  lasting INTEGER NOT NULL,
  UNIQUE (kind, name)
) STRICT;
CREATE INDEX host_by_domain ON host (domain);
CREATE TABLE network (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE party (
  id INTEGER PRIMARY KEY,
  app INTEGER NOT NULL REFERENCES app (id),
  scope INTEGER NOT NULL,
  network INTEGER NOT NULL REFERENCES network (id),
  certainty INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  UNIQUE (app, scope, network, certainty, reason)
) STRICT;
${factTables}
${hostTables}
CREATE TABLE day_span (
  start INTEGER PRIMARY KEY,
  finish INTEGER NOT NULL,
  date INTEGER NOT NULL,
  zone TEXT NOT NULL,
  month INTEGER NOT NULL
) STRICT;
CREATE TABLE tier_floor (
  tier TEXT PRIMARY KEY,
  floor INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE coverage (
  tier INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  measured_ms INTEGER NOT NULL,
  captured_bytes INTEGER NOT NULL,
  captured_packets INTEGER NOT NULL,
  dropped_packets INTEGER NOT NULL,
  malformed_packets INTEGER NOT NULL,
  interface_bytes INTEGER NOT NULL,
  exact_bytes INTEGER NOT NULL,
  inferred_bytes INTEGER NOT NULL,
  unknown_bytes INTEGER NOT NULL,
  PRIMARY KEY (tier, bucket)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
  start INTEGER NOT NULL,
  finish INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (start, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX gap_by_finish ON gap (finish);
${knownNameTable.trim()}
CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 0),
  measured_until INTEGER,
  counted_until INTEGER NOT NULL
) STRICT;
INSERT INTO state (id, measured_until, counted_until) VALUES (0, NULL, 0);
INSERT INTO app (id, key, executable, display_name, first_seen, last_seen) VALUES (0, '', NULL, '', 0, 0);
INSERT INTO domain (id, name) VALUES (0, ''), (1, '(other)');
INSERT INTO tier_floor (tier, floor) VALUES ('recent', 0), ('minute', 0), ('quarter', 0);
`;

/** Not released yet: what is added to version 2 before its release belongs here. */
const secondSchema = `${alertTables.trim()}
CREATE TABLE service (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO service (id, name) VALUES (0, ''), (1, '(other)');
CREATE TABLE party_with_service (
  id INTEGER PRIMARY KEY,
  app INTEGER NOT NULL REFERENCES app (id),
  scope INTEGER NOT NULL,
  network INTEGER NOT NULL REFERENCES network (id),
  certainty INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  service INTEGER NOT NULL REFERENCES service (id),
  UNIQUE (app, scope, network, certainty, reason, service)
) STRICT;
INSERT INTO party_with_service SELECT id, app, scope, network, certainty, reason, 0 FROM party;
DROP TABLE party;
ALTER TABLE party_with_service RENAME TO party;
ALTER TABLE host ADD COLUMN country INTEGER NOT NULL DEFAULT 0;
${createSideTables}
${importedTable}
`;

/**
 * Migration `n` leads from schema version `n` to `n + 1`; each runs in one transaction with its version number. A
 * released one is never changed: what it made lies on people's disks.
 */
export const migrations: readonly string[] = [firstSchema, secondSchema];

/** The schema version that this program writes (`user_version` in the file's header). */
export const schemaVersion = migrations.length;
