/**
 * Alerts, whom they name, what is still to be sent of them, and what holds them back. They are no part of the usage; they lie in
 * its file so that what is forgotten leaves both in one transaction.
 */
export const alertTables = `
CREATE TABLE alert (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  situation TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  since REAL NOT NULL,
  until REAL,
  content TEXT NOT NULL
) STRICT;
CREATE INDEX alert_by_since ON alert (since);
CREATE INDEX alert_by_situation ON alert (situation);
CREATE TABLE alert_name (
  what TEXT NOT NULL,
  name TEXT NOT NULL,
  alert INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
  PRIMARY KEY (what, name, alert)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_name_by_alert ON alert_name (alert);
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  alert INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
  channel TEXT NOT NULL,
  made_at REAL NOT NULL,
  content TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_by_alert ON delivery (alert);
CREATE TABLE alert_state (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;`;

/** Only an open one is changed: the same write may come twice. */
export const keepAlert = `INSERT INTO alert (id, kind, situation, is_open, since, until, content) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET is_open = excluded.is_open, until = excluded.until, content = excluded.content`;

export const keepAlertName = `INSERT INTO alert_name (what, name, alert) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`;
export const alertNames = `SELECT what, name FROM alert_name WHERE alert = ? ORDER BY what, name`;

/** All conditions are there; one that is not asked for lets everything through. The newest first. */
export const findAlerts = `SELECT content FROM alert
WHERE (@from IS NULL OR since >= @from) AND (@to IS NULL OR since < @to)
  AND (@kind IS NULL OR kind = @kind) AND (@open IS NULL OR is_open = @open)
ORDER BY since DESC, id DESC LIMIT @limit`;

/** Told alerts that ended after an instant, the oldest end first. */
export const endedAlerts = `SELECT content FROM alert WHERE is_open = 0 AND until >= ? ORDER BY until LIMIT 1024`;

export const alertOfSituation = `SELECT 1 AS found FROM alert WHERE situation = ? LIMIT 1`;
export const lastAlert = `SELECT max(id) AS id FROM alert`;
export const deleteAlertsBefore = `DELETE FROM alert WHERE is_open = 0 AND since < ?`;
/** All but the newest so many that are over. */
export const boundAlerts = `DELETE FROM alert WHERE is_open = 0 AND id <= (SELECT id FROM alert ORDER BY id DESC LIMIT 1 OFFSET ?)`;

export const readAlertState = `SELECT value FROM alert_state WHERE name = ?`;
export const keepAlertState = `INSERT INTO alert_state (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;

export const addDelivery = `INSERT INTO delivery (key, alert, channel, made_at, content) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`;
/** In the order in which they were made. */
export const deliveriesTo = `SELECT key, content, made_at AS madeAt FROM delivery WHERE channel = ? ORDER BY id LIMIT ?`;
export const countDeliveries = `SELECT count(*) AS count FROM delivery WHERE channel = ?`;
export const removeDelivery = `DELETE FROM delivery WHERE key = ?`;
/** The oldest so many of a channel. */
export const dropDeliveries = `DELETE FROM delivery WHERE key IN (SELECT key FROM delivery WHERE channel = ? ORDER BY id LIMIT ?)`;

/** Forgetting: an alert that names what is forgotten goes as a whole, with what was still to be sent of it. */
export const forgetAlerts = {
  app: `DELETE FROM alert WHERE id IN (SELECT alert FROM alert_name WHERE what = 'app' AND name = @key)`,
  domain: `DELETE FROM alert WHERE id IN (SELECT alert FROM alert_name
    WHERE what = 'domain' AND (name = @key OR substr(name, -length(@key) - 1) = '.' || @key))`,
  host: `DELETE FROM alert WHERE id IN (SELECT alert FROM alert_name WHERE what = 'domain' AND name = @key)`,
  /** What was going on at some time in [from, to). */
  between: `DELETE FROM alert WHERE since < @to AND coalesce(until, @to) >= @from`,
} as const;
