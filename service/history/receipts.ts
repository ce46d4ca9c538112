import type { Database, Statement } from 'better-sqlite3';
import { addCoverage, noCoverage } from '../../core/history/coverage.ts';
import type { Piece, RangePlan } from '../../core/history/pieces.ts';
import type { Receipt } from '../../core/history/query.ts';
import { sumCoverage, tierCodes } from '../../core/history/read-statements.ts';
import type { Coverage } from '../../protocol/app.ts';

type ReceiptRow = { readonly measuredMs: number } & Coverage;

/** The coverage receipts that are kept with every bucket. */
export class Receipts {
  readonly #sum: Statement<[number, number, number], ReceiptRow>;

  constructor(database: Database) {
    this.#sum = database.prepare(sumCoverage);
  }

  /** The receipts of a plan together. */
  of(plan: RangePlan): Pick<Receipt, 'measuredSeconds' | 'coverage'> {
    const rows = plan.pieces.flatMap(({ tier, from, to }: Piece) => this.#sum.get(tierCodes[tier], from, to) ?? []);
    const measuredMs = rows.reduce((sum, row) => sum + row.measuredMs, 0);
    return { measuredSeconds: measuredMs / 1000, coverage: rows.reduce<Coverage>(addCoverage, noCoverage) };
  }
}
