import { test } from 'node:test';
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { gapJoinMs } from '../../../core/history/gaps.ts';
import { migrations } from '../../../core/history/schema.ts';
import type { Gap } from '../../../protocol/app.ts';
import { epochMs } from '../../../protocol/units.ts';
import { GapRows } from '../../../service/history/gap-rows.ts';
import type { GapRow } from '../../../service/history/gap-rows.ts';

interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Stretches of one minute, in steps in which gaps touch, nearly touch, and are wider apart than what is joined. */
const stepMs = gapJoinMs / 2;
const steps = 120;
const stretch = fc
  .tuple(fc.nat(steps), fc.nat(steps))
  .map(([from, length]): Stretch => ({ from: from * stepMs, to: Math.min(steps, from + (length % 40)) * stepMs }));
const reason = fc.constantFrom<Gap['reason']>('asleep', 'service-down', 'clock-set', 'paused');
const happening = fc.oneof(
  fc.record({ kind: fc.constant('gap' as const), stretch, reason }),
  fc.record({ kind: fc.constant('measured' as const), stretch }),
);

function stored(database: Database.Database): readonly GapRow[] {
  return database.prepare<[], GapRow>('SELECT start, finish, reason FROM gap ORDER BY start').all();
}

function withGaps<Result>(act: (rows: GapRows, read: () => readonly GapRow[]) => Result): Result {
  const database = new Database(':memory:');
  try {
    for (const migration of migrations) database.exec(migration);
    return act(new GapRows(database), () => stored(database));
  } finally {
    database.close();
  }
}

function add(rows: GapRows, { from, to }: Stretch, why: Gap['reason']): void {
  rows.add({ from: epochMs(from), to: epochMs(to), reason: why });
}

/** The reason of each step as it must be: what was said first stays, until it is measured. */
class Model {
  readonly #steps: (string | null)[] = Array.from({ length: steps }, () => null);

  add({ from, to }: Stretch, why: string): void {
    for (let step = from / stepMs; step < to / stepMs; step += 1) this.#steps[step] ??= why;
  }

  measure({ from, to }: Stretch): void {
    for (let step = from / stepMs; step < to / stepMs; step += 1) this.#steps[step] = null;
  }

  /** A gap may go on over a step or two in which nothing is known: ticks jitter. Over no more. */
  adoptBridges(rows: readonly GapRow[]): void {
    let bridged = 0;
    for (let step = 0; step < steps; step += 1) {
      const time = step * stepMs;
      const row = this.#steps[step] === null ? rows.find(({ start, finish }) => start <= time && time < finish) : undefined;
      bridged = row === undefined ? 0 : bridged + 1;
      assert.ok(bridged * stepMs <= gapJoinMs, `nobody said that there was a gap at ${time}`);
      if (row !== undefined) this.#steps[step] = row.reason;
    }
  }

  reasonAt(time: number): string | null {
    return this.#steps[time / stepMs] ?? null;
  }
}

/** Each step is in a gap of the reason that it must have, or in none. */
function assertAs(model: Model, rows: readonly GapRow[]): void {
  for (let time = 0; time < steps * stepMs; time += stepMs) {
    const found = rows.filter(({ start, finish }) => start <= time && time < finish).map((row) => row.reason);
    const wanted = model.reasonAt(time);
    assert.deepEqual(found, wanted === null ? [] : [wanted], `at ${time}`);
  }
}

test('Whatever gaps are added and whatever is measured, stored gaps have a length and never overlap, and what was said first stays', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), (happenings) => {
      withGaps((rows, read) => {
        const model = new Model();
        for (const what of happenings) {
          if (what.kind === 'gap') {
            add(rows, what.stretch, what.reason);
            model.add(what.stretch, what.reason);
            model.adoptBridges(read());
          } else {
            rows.cut(what.stretch);
            model.measure(what.stretch);
          }
          const now = read();
          for (const [index, row] of now.entries()) {
            assert.ok(row.start < row.finish, 'a gap has a length');
            assert.ok((now[index + 1]?.start ?? Infinity) >= row.finish, `gaps do not overlap: ${JSON.stringify(now)}`);
          }
          assertAs(model, now);
        }
      });
    }),
    { numRuns: 500 },
  );
});

test('A gap that is added again and again as it grows is one row', () => {
  withGaps((rows, read) => {
    for (let seconds = 1; seconds <= 10; seconds += 1) add(rows, { from: 0, to: seconds * 1000 }, 'helper-down');
    assert.deepEqual(read(), [{ start: 0, finish: 10_000, reason: 'helper-down' }]);
  });
});

test('A gap over others fills what is between them', () => {
  withGaps((rows, read) => {
    add(rows, { from: 10_000, to: 20_000 }, 'asleep');
    add(rows, { from: 30_000, to: 40_000 }, 'service-down');
    add(rows, { from: 5000, to: 50_000 }, 'service-down');
    assert.deepEqual(read(), [
      { start: 5000, finish: 10_000, reason: 'service-down' },
      { start: 10_000, finish: 20_000, reason: 'asleep' },
      { start: 20_000, finish: 30_000, reason: 'service-down' },
      { start: 30_000, finish: 50_000, reason: 'service-down' },
    ]);
  });
});
