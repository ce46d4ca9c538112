import type { Database } from 'better-sqlite3';
import { hostKindCodes } from '../../core/history/codes.ts';
import * as sql from '../../core/history/keep-statements.ts';
import { tierNames } from '../../core/history/tiers.ts';
import type { ForgottenNames } from '../../core/naming/index.ts';
import { epochMs } from '../../protocol/units.ts';
import { forgetAlerts } from './forget-alerts.ts';
import { forgetBeside } from './forget-beside.ts';
import { forgetBetween } from './forget-between.ts';
import type { Forgettable } from './forgettable.ts';
import { KnownNames } from './known-names.ts';

export type { Forgettable } from './forgettable.ts';

export interface Forgotten {
  /** Rows that left the tiers. */
  readonly rows: number;
  /** By how much the file became smaller. */
  readonly freedBytes: number;
}

function deleteRows(database: Database, what: Forgettable): number {
  if (what.kind === 'range') return forgetBetween(database, what);
  let rows = 0;
  for (const tier of tierNames) {
    switch (what.kind) {
      case 'app':
        rows += database.prepare<[string]>(sql.forgetApp(tier)).run(what.app).changes;
        break;
      case 'domain':
        rows += database.prepare<[string]>(sql.forgetDomain(tier)).run(what.domain).changes;
        break;
      case 'host': {
        const statement = database.prepare<[string, number, number]>(sql.forgetHost(tier));
        rows += statement.run(what.host, hostKindCodes.name, hostKindCodes.address).changes;
      }
    }
  }
  return rows;
}

/** The names of addresses that go with it. */
function namesOf(what: Forgettable): ForgottenNames {
  switch (what.kind) {
    case 'app':
      return { what: 'app', key: what.app };
    case 'domain':
      return { what: 'domain', key: what.domain };
    case 'host':
      return { what: 'host', key: what.host };
    case 'range': {
      const instant = (time: number): ReturnType<typeof epochMs> => epochMs(Math.min(Math.max(time, 0), 8.64e15));
      return { what: 'between', from: instant(what.from), to: instant(what.to) };
    }
  }
}

/** Size of the file once its log is in it, in bytes. */
function sizeOf(database: Database): number {
  const pages = Number(database.pragma('page_count', { simple: true }));
  return pages * Number(database.pragma('page_size', { simple: true }));
}

/** Thrown to undo what was only tried. */
class Undo extends Error {
  readonly rows: number;

  constructor(rows: number) {
    super('undo');
    this.rows = rows;
  }
}

/** How many rows {@link forget} would take out: deletes them, counts, and undoes it. Throws SQLite's error where it refuses. */
export function countForgettable(database: Database, what: Forgettable): number {
  const attempt = database.transaction((): never => {
    throw new Undo(deleteRows(database, what));
  });
  try {
    return attempt.immediate();
  } catch (error) {
    if (error instanceof Undo) return error.rows;
    throw error;
  }
}

/**
 * Takes something out of every tier, makes the sums anew, drops names that nothing has any more, and writes the file anew so
 * that no free page keeps a trace. It takes seconds in a large history. Throws SQLite's error where the disk refuses.
 */
export function forget(database: Database, what: Forgettable): Forgotten {
  const before = sizeOf(database);
  const rows = database
    .transaction(() => {
      const deleted = forgetBeside(database, what, () => deleteRows(database, what));
      new KnownNames(database).forget(namesOf(what));
      forgetAlerts(database, what);
      for (const tier of tierNames) database.exec(sql.rebuildSums(tier));
      for (const statement of sql.deleteUnused) database.exec(statement);
      return deleted;
    })
    .immediate();
  // The new file goes through the log; cutting the log to nothing puts it in place and takes the old pages off the disk.
  database.exec('VACUUM');
  database.pragma('wal_checkpoint(TRUNCATE)');
  return { rows, freedBytes: Math.max(0, before - sizeOf(database)) };
}
