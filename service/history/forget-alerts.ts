import type { Database } from 'better-sqlite3';
import * as sql from '../../core/history/alert-statements.ts';
import type { Forgettable } from './forgettable.ts';

/** Under this name lies the number of the newest alert that there ever was. */
export const lastIdState = 'last-id';

/**
 * Takes the alerts out that name what is forgotten, and what was still to be sent of them. Inside a transaction. Their numbers
 * are not given again.
 */
export function forgetAlerts(database: Database, what: Forgettable): void {
  const { id } = database.prepare<[], { readonly id: number | null }>(sql.lastAlert).get() ?? { id: null };
  if (id === null) return;
  const before = Number(database.prepare<[string], { readonly value: string }>(sql.readAlertState).get(lastIdState)?.value ?? 0);
  database.prepare<[string, string]>(sql.keepAlertState).run(lastIdState, String(Math.max(id, before)));
  switch (what.kind) {
    case 'range':
      database.prepare<[{ from: number; to: number }]>(sql.forgetAlerts.between).run({ from: what.from, to: what.to });
      return;
    case 'app':
      return forgetNamed(database, sql.forgetAlerts.app, what.app);
    case 'domain':
      return forgetNamed(database, sql.forgetAlerts.domain, what.domain);
    case 'host':
      return forgetNamed(database, sql.forgetAlerts.host, what.host);
  }
}

function forgetNamed(database: Database, statement: string, key: string): void {
  database.prepare<[{ key: string }]>(statement).run({ key });
}
