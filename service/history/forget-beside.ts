import type { Database } from 'better-sqlite3';
import { hostKindCodes } from '../../core/history/codes.ts';
import { quarterMs } from '../../core/history/tiers.ts';
import type { Range } from '../../core/history/pieces.ts';
import { deleteMetHttp, deleteSideBetween, forgetSide, noteHostsOfApp, remakeDay } from '../../core/history/side-statements.ts';
import { sideNames, sideTiers } from '../../core/history/side-tiers.ts';
import type { Forgettable } from './forgettable.ts';
import { Sums } from './sums.ts';

/**
 * Takes something out of what is kept beside the usage. `deleteUsage` takes it out of the usage itself: what plain HTTP was asked
 * for is not known by app, and goes with the last app that met its host. Inside a transaction.
 */
export function forgetBeside(database: Database, what: Forgettable, deleteUsage: () => number): number {
  switch (what.kind) {
    case 'app':
      return forgetApp(database, what.app, deleteUsage);
    case 'domain':
      for (const name of sideNames) {
        for (const tier of sideTiers) database.prepare<[string]>(forgetSide.domain(name, tier)).run(what.domain);
      }
      return deleteUsage();
    case 'host':
      for (const name of sideNames) {
        for (const tier of sideTiers) {
          database.prepare<[string, number, number]>(forgetSide.host(name, tier)).run(what.host, hostKindCodes.name, hostKindCodes.address);
        }
      }
      return deleteUsage();
    case 'range':
      forgetBetween(database, what);
      return deleteUsage();
  }
}

function forgetApp(database: Database, app: string, deleteUsage: () => number): number {
  database.prepare<[string, string]>(noteHostsOfApp).run(app, app);
  const rows = deleteUsage();
  for (const statement of deleteMetHttp) database.exec(statement);
  for (const tier of sideTiers) database.prepare<[string]>(forgetSide.app(tier)).run(app);
  return rows;
}

/** Rather a quarter-hour too much than a minute too little: nothing finer is kept here. */
function forgetBetween(database: Database, asked: Range): void {
  const sums = new Sums(database);
  const plan = sums.plan({ from: Math.max(0, Math.floor(asked.from)), to: Math.floor(asked.to) });
  if (plan.to <= plan.from) return;
  const floor = sums.floors().quarter;
  const spans = sums.spans(plan);
  for (const name of sideNames) {
    const dropDay = database.prepare<[number, number]>(deleteSideBetween(name, 'day'));
    const remake = database.prepare<[number, number, number]>(remakeDay(name));
    const [from, to] = [Math.floor(plan.from / quarterMs), Math.ceil(plan.to / quarterMs)];
    database.prepare<[number, number]>(deleteSideBetween(name, 'quarter')).run(from, to);
    for (const { start, finish } of spans) {
      if (finish <= from || start >= to) continue;
      dropDay.run(start, start + 1);
      if (start * quarterMs >= floor) remake.run(start, start, finish);
    }
  }
}
