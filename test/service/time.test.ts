import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReportKey } from '../../protocol/app.ts';
import type { Gap, Report } from '../../protocol/app.ts';
import { calendarOf } from '../../service/history/index.ts';
import { ServiceBench } from './service-bench.ts';

/** The whole service on a clock that sleeps, steps and is set: whatever time does, bytes are counted once. */

const start = Date.UTC(2026, 4, 1, 12);
const secondMs = 1000;
const hour = 3_600_000;
const day = 24 * hour;

function bytesOf({ total }: Report): number {
  return total.rxBytes + total.txBytes;
}

/** By whatever it is grouped, all that was told is there once, and nothing is negative. */
async function assertConserved(bench: ServiceBench): Promise<void> {
  for (const by of ReportKey.options) {
    const report = await bench.report(by);
    assert.equal(bytesOf(report), bench.told, `the total by ${by}`);
    assert.equal(report.rows.reduce((sum, { rxBytes, txBytes }) => sum + rxBytes + txBytes, 0), bench.told, `the rows by ${by}`);
    for (const row of report.rows) for (const value of [row.rxBytes, row.txBytes, row.rxPackets, row.txPackets, row.connections]) assert.ok(value >= 0);
  }
}

/** Gaps have a length, do not overlap each other, and are nowhere where something was measured. */
function assertApart(gaps: readonly Gap[], measured: readonly { readonly from: number; readonly to: number }[]): void {
  const sorted = gaps.toSorted((a, b) => a.from - b.from);
  for (const [index, gap] of sorted.entries()) {
    assert.ok(gap.to > gap.from, 'a gap has a length');
    const next = sorted[index + 1];
    assert.ok(next === undefined || next.from >= gap.to, `gaps do not overlap: ${JSON.stringify([gap, next])}`);
    for (const interval of measured) {
      assert.ok(interval.to <= gap.from || interval.from >= gap.to, `${JSON.stringify(gap)} is not over what was measured ${JSON.stringify(interval)}`);
    }
  }
}

async function receivedByDay(bench: ServiceBench): Promise<Record<string, number>> {
  const { rows } = await bench.report('day');
  return Object.fromEntries(rows.map(({ key, rxBytes }) => [key ?? 'unknown', rxBytes]));
}

/** The gaps as [seconds since the start, seconds since the start, reason]. */
async function gapsOf(bench: ServiceBench): Promise<readonly (readonly [number, number, string])[]> {
  const { gaps } = await bench.report('app');
  assertApart(gaps, bench.receipts);
  return gaps.map(({ from, to, reason }) => [(from - start) / secondMs, (to - start) / secondMs, reason]);
}

describe('a machine that sleeps', () => {
  it('leaves a gap that says so, as long as the sleep, and every byte on either side of it', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(30, 1000);
    bench.clock.sleep(8 * hour);
    await bench.seconds(30, 500);
    await assertConserved(bench);
    assert.deepEqual(await gapsOf(bench), [[30, 30 + 8 * 3600, 'asleep']]);
  });

  it('leaves one gap for each sleep, however often it sleeps', async () => {
    await using bench = await ServiceBench.start(start);
    for (let nap = 0; nap < 5; nap += 1) {
      await bench.seconds(3, 10);
      bench.clock.sleep(60_000);
    }
    await bench.seconds(3, 10);
    await assertConserved(bench);
    assert.deepEqual(await gapsOf(bench), Array.from({ length: 5 }, (_, nap) => [3 + nap * 63, 63 + nap * 63, 'asleep']));
  });

  it('may wake with its clock set: both are said, the sleep first', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(10, 1);
    bench.clock.sleep(hour);
    bench.clock.set(600_000);
    await bench.seconds(10, 1);
    await assertConserved(bench);
    assert.deepEqual(await gapsOf(bench), [[10, 3610, 'asleep'], [3610, 4210, 'clock-set']]);
  });

  it('may sleep over midnight: each day has its own bytes', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(5, 100);
    bench.clock.sleep(14 * hour);
    await bench.seconds(5, 7);
    await assertConserved(bench);
    assert.deepEqual(await receivedByDay(bench), { '2026-05-01': 500, '2026-05-02': 35 });
  });

  it('is told from a helper that was lost, which leaves a gap of its own', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(10, 1);
    bench.running.helper.hangUp();
    await bench.running.helper.configured(1);
    while (bench.running.helper.connections < 2) await bench.clock.advance(500);
    await bench.running.helper.configured(2);
    await bench.clock.advance(3000);
    await bench.seconds(1, 1);
    const reasons = (await bench.report('app')).gaps.map(({ reason }) => reason);
    assert.deepEqual(reasons, ['helper-down']);
    await assertConserved(bench);
  });
});

describe('a service that ends', () => {
  for (const pause of [300, 1300]) {
    it(`leaves a gap that says so, also where another one measures ${pause} ms later`, async () => {
      await using bench = await ServiceBench.start(start);
      await bench.seconds(10, 100);
      await bench.stop();
      await bench.clock.advance(pause);
      await bench.serve();
      await bench.seconds(10, 100);
      await assertConserved(bench);
      assert.deepEqual(await gapsOf(bench), [[10, 10 + pause / secondMs, 'service-down']]);
    });
  }
});

describe('a clock that is set', () => {
  for (const step of [-400, -50, 50, 400]) {
    it(`by ${step} ms, as NTP does, leaves no gap and loses nothing`, async () => {
      await using bench = await ServiceBench.start(start);
      for (let round = 0; round < 5; round += 1) {
        await bench.seconds(4, 100);
        bench.clock.set(step);
      }
      await bench.seconds(4, 100);
      await assertConserved(bench);
      assert.deepEqual(await gapsOf(bench), []);
    });
  }

  it('forward leaves a gap that says so', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(10, 5);
    bench.clock.set(3 * hour);
    await bench.seconds(10, 5);
    await assertConserved(bench);
    assert.deepEqual(await gapsOf(bench), [[10, 10 + 3 * 3600, 'clock-set']]);
  });

  it('back by an hour lives that hour twice: its bytes are those of both', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(30, 100);
    bench.clock.set(-hour);
    await bench.seconds(30, 10);
    await assertConserved(bench);
    assert.deepEqual(await gapsOf(bench), []);
  });

  it('back by seconds writes into the same ten seconds again', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(12, 100);
    bench.clock.set(-8000);
    await bench.seconds(12, 100);
    await assertConserved(bench);
    assert.deepEqual(await gapsOf(bench), []);
  });

  it('back by a day and forward again counts nothing twice and calls nothing unmeasured that was measured', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(20, 100);
    bench.clock.set(-day);
    await bench.seconds(20, 10);
    await assertConserved(bench);
    assert.deepEqual(await receivedByDay(bench), { '2026-04-30': 200, '2026-05-01': 2000 });
    bench.clock.set(day);
    await bench.seconds(20, 1);
    await assertConserved(bench);
    const gaps = (await gapsOf(bench)).filter(([, , reason]) => reason === 'clock-set');
    const unmeasured = gaps.reduce((sum, [from, to]) => sum + to - from, 0);
    assert.equal(unmeasured, day / secondMs - 20, 'a day, less the twenty seconds of it that had been measured before');
  });

  it('back by a day while no service runs makes no gap of negative length', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(20, 100);
    await bench.stop();
    bench.clock.set(-day);
    await bench.serve();
    await bench.seconds(20, 10);
    await assertConserved(bench);
    assert.deepEqual(await gapsOf(bench), []);
  });

  it('back by a day while no service runs, and forward again, leaves that day as not measured', async () => {
    await using bench = await ServiceBench.start(start);
    await bench.seconds(20, 100);
    await bench.stop();
    bench.clock.set(-day);
    await bench.serve();
    await bench.seconds(20, 10);
    await bench.stop();
    bench.clock.set(2 * day);
    await bench.serve();
    await bench.seconds(20, 1);
    await assertConserved(bench);
    const { gaps } = await bench.report('app');
    assertApart(gaps, bench.receipts);
    assert.ok(gaps.some(({ reason }) => reason === 'service-down'));
  });
});

describe('a time zone that changes while the service runs', () => {
  for (const [from, to] of [['Europe/Berlin', 'America/New_York'], ['America/New_York', 'Asia/Tokyo'], ['Asia/Tokyo', 'Pacific/Auckland'], ['Asia/Kathmandu', 'UTC']] as const) {
    it(`from ${from} to ${to} puts every byte into one day`, async () => {
      let zone: string = from;
      await using bench = await ServiceBench.start(Date.UTC(2026, 4, 1, 21, 59, 30), { calendar: calendarOf(() => zone) });
      await bench.seconds(40, 100);
      zone = to;
      await bench.seconds(40, 10);
      bench.clock.sleep(20 * hour);
      await bench.seconds(20, 1);
      await assertConserved(bench);
      const { rows } = await bench.report('day');
      assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length, 'each day has one row');
    });
  }

  it('has days of 23 and 25 hours where the clocks change, with every byte in one of them', async () => {
    for (const midnight of [Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 9, 24, 22)]) {
      await using bench = await ServiceBench.start(midnight, { calendar: calendarOf(() => 'Europe/Berlin') });
      for (let passed = 0; passed < 30; passed += 1) {
        await bench.seconds(1, 10);
        bench.clock.sleep(hour - secondMs);
      }
      await assertConserved(bench);
      const hours = (await bench.report('day')).rows.toSorted((a, b) => (a.key ?? '').localeCompare(b.key ?? '')).map(({ rxBytes }) => rxBytes / 10);
      assert.deepEqual(hours.slice(0, 1), [midnight < Date.UTC(2026, 6) ? 23 : 25]);
    }
  });
});

/** What can happen to time, in any order. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('seconds' as const), count: fc.integer({ min: 1, max: 12 }), bytes: fc.integer({ min: 0, max: 10_000 }) }),
  fc.record({ kind: fc.constant('sleep' as const), ms: fc.integer({ min: 1, max: 2 * day }) }),
  fc.record({ kind: fc.constant('set' as const), ms: fc.integer({ min: -2 * day, max: 2 * day }) }),
  fc.record({ kind: fc.constant('slew' as const), ms: fc.integer({ min: -450, max: 450 }) }),
  fc.record({ kind: fc.constant('restart' as const) }),
);

describe('whatever time does', () => {
  it('bytes are counted once, and no gap is where something was measured', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 10 }), async (happenings) => {
        await using bench = await ServiceBench.start(start);
        for (const what of [...happenings, { kind: 'seconds' as const, count: 2, bytes: 1 }]) {
          if (what.kind === 'seconds') await bench.seconds(what.count, what.bytes);
          else if (what.kind === 'sleep') bench.clock.sleep(what.ms);
          else if (what.kind === 'set' || what.kind === 'slew') bench.clock.set(what.ms);
          else {
            await bench.stop();
            await bench.serve();
          }
        }
        await assertConserved(bench);
        // What this service measured; that of one before it lies in its gaps where the clock was set back between.
        assertApart((await bench.report('app')).gaps, bench.receipts);
      }),
      { numRuns: 25 },
    );
  });
});
