/** What was taken over from other programs, by the second, so that nothing is counted twice. */

/**
 * `seconds`: one bit for each of the 3600 seconds of an hour since the epoch, the first in the lowest bit of the first byte. The row of
 * `this history` holds what this history is known by instead: an export of it is not taken over into it.
 */
export const importedTable = `
CREATE TABLE imported (
  source TEXT NOT NULL,
  hour INTEGER NOT NULL,
  seconds BLOB NOT NULL,
  PRIMARY KEY (source, hour)
) STRICT, WITHOUT ROWID;
INSERT INTO imported (source, hour, seconds) VALUES ('this history', 0, randomblob(16));`;

export const readImported = 'SELECT seconds FROM imported WHERE source = ? AND hour = ?';

export const keepImported = 'INSERT INTO imported (source, hour, seconds) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seconds = excluded.seconds';

/** Up to where each fine tier has been cleaned up. */
export const tierFloors = 'SELECT tier, floor FROM tier_floor';

/** The first bucket of each tier with a receipt, with the tier's code: since then was measured here. */
export const firstReceipts = 'SELECT tier, min(bucket) AS bucket FROM coverage GROUP BY tier';
