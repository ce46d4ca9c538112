/**
 * The names of addresses that were known when the service ended (see core/naming): so that a connection to a known address
 * has its name right after the next start. They are no part of the usage: rows go when they are old, or forgotten.
 */
export const knownNameTable = `
CREATE TABLE known_name (
  address TEXT NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  app TEXT NOT NULL,
  first_seen REAL NOT NULL,
  last_seen REAL NOT NULL,
  ttl_seconds INTEGER NOT NULL,
  PRIMARY KEY (address, name, source, app)
) STRICT, WITHOUT ROWID;`;

/** An app that is not known is the empty text: NULL would make two rows of one claim. */
export const writeKnownName = `INSERT INTO known_name VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (address, name, source, app) DO UPDATE SET
  first_seen = excluded.first_seen, last_seen = excluded.last_seen, ttl_seconds = excluded.ttl_seconds`;

/** The newest last, at most so many. */
export const readKnownNames = `SELECT * FROM (
  SELECT address, name, source, nullif(app, '') AS app, first_seen AS firstSeen, last_seen AS lastSeen, ttl_seconds AS ttlSeconds
  FROM known_name ORDER BY last_seen DESC LIMIT ?) ORDER BY lastSeen`;

/** What was last heard before an instant, or (the clock was set back) after another. */
export const expireKnownNames = `DELETE FROM known_name WHERE last_seen < ? OR last_seen > ?`;

export const countKnownNames = `SELECT count(*) AS count FROM known_name`;

/** All but the newest so many. */
export const boundKnownNames = `DELETE FROM known_name WHERE (address, name, source, app) IN (
  SELECT address, name, source, app FROM known_name ORDER BY last_seen DESC LIMIT -1 OFFSET ?)`;

/** Forgetting: the same as core/naming/forgetting.ts does in memory. */
export const forgetKnownNames = {
  all: `DELETE FROM known_name`,
  /** What an app asked for. */
  app: `DELETE FROM known_name WHERE app = @key`,
  /** The domain itself, and every name below it. */
  domain: `DELETE FROM known_name WHERE name = @key OR substr(name, -length(@key) - 1) = '.' || @key`,
  /** A host by its name or its address. */
  host: `DELETE FROM known_name WHERE name = @key OR address = @key`,
  /** What was last heard in [from, to). */
  between: `DELETE FROM known_name WHERE last_seen >= ? AND last_seen < ?`,
} as const;
