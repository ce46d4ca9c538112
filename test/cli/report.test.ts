import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { plainPaint } from '../../cli/paint.ts';
import { answerOf, cutTo, notMeasuredSeconds } from '../../cli/report/answer.ts';
import { reportLines } from '../../cli/report/tables.ts';
import { Report } from '../../protocol/app.ts';
import { ReplayService } from './replay-service.ts';
import { Scratch, tidewatch } from './run.ts';

process.env['TZ'] = 'UTC';

const minute = 60_000;
const day = Date.UTC(2026, 10, 19);

function row(key: string | null, rxBytes: number, txBytes: number): unknown {
  return { key, rxBytes, txBytes, rxPackets: 10, txPackets: 5, connections: 2 };
}

const report = Report.parse({
  from: day,
  to: day + 24 * 60 * minute,
  by: 'domain',
  rows: [row('small.example', 1000, 0), row('big.example', 3_000_000, 500_000), row(null, 499_000, 0), row('tiny.example', 0, 1000)],
  total: { rxBytes: 3_500_000, txBytes: 501_000, rxPackets: 40, txPackets: 20, connections: 8 },
  gaps: [
    { from: day - 5 * minute, to: day + 10 * minute, reason: 'service-down' },
    { from: day + 60 * minute, to: day + 62 * minute, reason: 'paused' },
  ],
});

const wide = { width: Infinity, paint: plainPaint };

describe('a report', () => {
  it('lists the biggest first, the rest as one row, the total, and what was not measured', () => {
    assert.deepEqual(reportLines(cutTo(answerOf(report), 2), wide), [
      '2026-11-19 00:00 to 2026-11-20 00:00, by domain',
      'domain                       ↓ received   ↑ sent   share  connections',
      'big.example                     3.00 MB   500 kB  87.4 %            2',
      'no name known                    499 kB      0 B  12.4 %            2',
      '… 2 more (--top shows more)     1.00 kB  1.00 kB  <0.1 %            4',
      'total                           3.50 MB   501 kB   100 %            8',
      '! Not measured: 12 min (Tidewatch was not running 10 min, paused 2 min)',
    ]);
  });

  it('lists days in their order and leaves none out', () => {
    const byDay = Report.parse({ ...report, by: 'day', gaps: [], rows: [row('2026-11-20', 5, 0), row('2026-11-18', 1, 0), row('2026-11-19', 9, 0)] });
    assert.deepEqual(reportLines(cutTo(answerOf(byDay), 1), wide).slice(2, 5).map((line) => line.slice(0, 10)), ['2026-11-18', '2026-11-19', '2026-11-20']);
  });

  it('calls apps what a person calls them, and by their identity where two are called alike', () => {
    const named = (key: string, displayName: string): unknown => ({ ...Object(row(key, 9, 0)), displayName });
    const rows = [named('/opt/google/chrome/chrome', 'Google Chrome'), named('/usr/bin/node', 'node'), named('/opt/node', 'node'), row(null, 1, 0)];
    const byApp = Report.parse({ ...report, by: 'app', gaps: [], rows });
    const labels = reportLines(answerOf(byApp), wide).slice(2, 5).map((line) => line.replace(/  .*/u, ''));
    assert.deepEqual(labels.toSorted((one, other) => (one < other ? -1 : 1)), ['/opt/node', '/usr/bin/node', 'Google Chrome']);
  });

  it('tells nothing measured from nothing used', () => {
    const empty = Report.parse({ ...report, rows: [], total: { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0, connections: 0 } });
    assert.deepEqual(reportLines(answerOf(empty), wide).slice(1), [
      'Nothing was measured in this time.',
      '! Not measured: 12 min (Tidewatch was not running 10 min, paused 2 min)',
    ]);
  });

  it('counts only the part of a gap that lies within it', () => assert.equal(notMeasuredSeconds(report), 12 * 60));
});

describe('tidewatch report, asking a service that runs', () => {
  const scratch = new Scratch();
  after(() => scratch[Symbol.dispose]());

  it('prints what the service answers, with the seconds that were not measured', async () => {
    await using replay = await ReplayService.start(scratch.file('service.sock'), { report });
    const { code, stdout, stderr } = await tidewatch(
      ['report', '--from', '2026-11-19', '--to', '2026-11-19', '--by', 'domain', '--json'],
      scratch.environment,
    );
    assert.deepEqual([code, stderr], [0, '']);
    const rows = report.rows.toSorted((a, b) => b.rxBytes + b.txBytes - a.rxBytes - a.txBytes);
    assert.deepEqual(JSON.parse(stdout), { ...report, rows, notMeasuredSeconds: 720 });
    assert.deepEqual(replay.requests, [{ from: report.from, to: report.to, by: 'domain' }]);
  });

  it('prints a table for people', async () => {
    await using replay = await ReplayService.start(scratch.file('service.sock'), { report });
    const { code, stdout } = await tidewatch(['report'], scratch.environment);
    assert.equal(code, 0);
    assert.deepEqual(replay.requests, [{ by: 'app' }]);
    assert.match(stdout, /^big\.example +3\.00 MB/mu);
  });

  it('reads another history from its file, whatever the service keeps', async () => {
    await using replay = await ReplayService.start(scratch.file('service.sock'), { report });
    const { code, stderr } = await tidewatch(['report', '--history', scratch.file('other.sqlite')], scratch.environment);
    assert.equal(code, 1);
    assert.match(stderr, /^tidewatch: [^\n]*other\.sqlite[^\n]*\n$/u);
    assert.deepEqual(replay.requests, []);
  });
});
