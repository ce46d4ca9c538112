import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { busiest, ledgerAfter, maximumLedgerRows } from '../../cli/live/ledger.ts';
import type { Ledger, LedgerTable } from '../../cli/live/ledger.ts';
import { picture } from '../../cli/live/picture.ts';
import { sparkline } from '../../cli/live/sparkline.ts';
import { plainPaint } from '../../cli/paint.ts';
import { widthOf } from '../../cli/terminal.ts';
import type { Snapshot } from '../../protocol/app.ts';
import { appRow, busySnapshot, domainRow, events, snapshot } from './snapshots.ts';

process.env['TZ'] = 'UTC';

function ledgerOf(snapshots: readonly Snapshot[]): Ledger {
  const ledger = events(snapshots).reduce<Ledger | null>(ledgerAfter, null);
  assert.ok(ledger !== null);
  return ledger;
}

function drawn(snapshots: readonly Snapshot[], columns: number, rows: number): string[] {
  return picture(ledgerOf(snapshots), { columns, rows, paint: plainPaint }).map((line) => line.trimEnd());
}

const trouble = { code: 'packets-dropped', subject: 'eth0', message: 'eth0 dropped 12 packets', remedy: 'close other programs', over: false } as const;

describe('the live screen', () => {
  it('has one table below the other at 80 columns', () => {
    assert.deepEqual(drawn([busySnapshot(), snapshot(), busySnapshot({ troubles: [trouble] })], 80, 24), [
      'Tidewatch  measuring eth0                    1-4 tabs  ? help  q quits  14:03:24',
      '↓ 12.3 MB/s                        █▁█   ↑  250 kB/s                        █▁█',
      'In 3 s  ↓ 24.6 MB  ↑ 500 kB  2 connections',
      '97.5 % of bytes attributed exactly; 0 dropped',
      '! eth0 dropped 12 packets → close other programs',
      '',
      'APPS                                              ↓          ↑  ↓ total  ↑ total',
      'curl                                      12.0 MB/s   240 kB/s  24.0 MB   480 kB',
      'unknown (no socket found)                  300 kB/s  10.0 kB/s   600 kB  20.0 kB',
      '',
      'DOMAINS                                           ↓          ↑  ↓ total  ↑ total',
      'example.com                               12.0 MB/s   240 kB/s  24.0 MB   480 kB',
      'no name known                              300 kB/s  10.0 kB/s   600 kB  20.0 kB',
      '',
      'CONNECTIONS  remote                                    by           ↓          ↑',
      'curl 42      tcp example.com:443                       TLS  12.0 MB/s   240 kB/s',
      'unknown      udp [2001:db8::7]:53                            300 kB/s  10.0 kB/s',
    ]);
  });

  it('keeps the head and drops tables where the terminal is small', () => {
    assert.deepEqual(drawn([busySnapshot()], 40, 8), [
      'Tidewatch  measuring eth0       14:03:22',
      '↓ 12.3 MB/s      █   ↑  250 kB/s      █',
      'In 1 s  ↓ 12.3 MB  ↑ 250 kB  2 connecti…',
      '97.5 % of bytes attributed exactly; 0 d…',
      '',
      'APPS               ↓          ↑    total',
      'curl       12.0 MB/s   240 kB/s  12.2 MB',
      'unknown …   300 kB/s  10.0 kB/s   310 kB',
    ]);
  });

  it('says that it does not measure, and why', () => {
    const lines = drawn([snapshot({ state: 'not-measuring', troubles: [{ ...trouble, code: 'no-capture-rights', message: 'no right to capture', remedy: 'run it with sudo' }] })], 80, 24);
    assert.match(lines[0] ?? '', /^Tidewatch {2}not measuring/u);
    assert.ok(lines.includes('! eth0: no right to capture → run it with sudo'));
  });

  it('shows what stays inside the machine apart', () => {
    const inside = { totals: { rxBytes: 5000, txBytes: 0 }, apps: [appRow({ rxBytes: 5000, app: '/usr/sbin/nginx', displayName: 'nginx' })], connections: [], otherConnections: { rxBytes: 0, txBytes: 0, connections: 0 } };
    const lines = drawn([snapshot({ inside })], 80, 24);
    assert.ok(lines.some((line) => line.startsWith('INSIDE THIS MACHINE (not in the totals)')));
    assert.ok(lines.some((line) => /^nginx +5\.00 kB\/s/u.test(line)));
  });

  it('names inferred owners with their reason, and apps of several processes with their number', () => {
    const lines = drawn([snapshot({ apps: [appRow({ rxBytes: 9, pids: [1, 2, 3], reason: 'wildcard-socket' })] })], 100, 24);
    assert.ok(lines.some((line) => line.startsWith('curl (3 processes; inferred: by its port)')));
  });

  it('fits every size of terminal, whatever is shown', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    const many = fc.array(name, { maxLength: 40 }).map((names) =>
      busySnapshot({
        apps: names.map((each) => appRow({ app: `/${each}`, displayName: each, rxBytes: 1234 })),
        domains: names.map((each) => domainRow({ domain: each, rxBytes: 99 })),
        troubles: [{ ...trouble, message: names.join(' ') }],
      }),
    );
    fc.assert(
      fc.property(many, fc.integer({ min: 60, max: 250 }), fc.integer({ min: 3, max: 70 }), (each, columns, rows) => {
        const lines = picture(ledgerOf([each]), { columns, rows, paint: plainPaint });
        assert.ok(lines.length <= rows);
        for (const line of lines) assert.ok(widthOf(line) <= columns, line);
      }),
      { numRuns: 50 },
    );
  });
});

function bytesIn(table: LedgerTable): number {
  return [...table.values()].reduce((sum, row) => sum + row.rxTotal + row.txTotal, 0);
}

describe('what a watcher keeps', () => {
  it('stays bounded and loses no byte however many names come', () => {
    const second = (round: number): Snapshot =>
      snapshot({ domains: Array.from({ length: 400 }, (_, index) => domainRow({ domain: `host${round * 400 + index}.example`, rxBytes: index + 1 })) });
    const ledger = ledgerOf([0, 1, 2, 3, 4].map(second));
    assert.equal(ledger.domains.size, maximumLedgerRows);
    assert.equal(bytesIn(ledger.domains), 5 * (400 * 401) / 2);
  });

  it('puts first who is busy now, not who was busy long ago', () => {
    const old = snapshot({ domains: [domainRow({ domain: 'old.example', rxBytes: 1_000_000 })] });
    const quiet = Array.from({ length: 60 }, () => snapshot({ domains: [domainRow({ domain: 'new.example', rxBytes: 1000 })] }));
    assert.deepEqual(busiest(ledgerOf([old, ...quiet]).domains).map((row) => row.label), [
      { kind: 'domain', domain: 'new.example', reason: null },
      { kind: 'domain', domain: 'old.example', reason: null },
    ]);
  });

  it('counts the snapshots that it missed', () => {
    const [first, , third] = events([snapshot(), snapshot(), snapshot()]);
    assert.ok(first !== undefined && third !== undefined);
    assert.equal(ledgerAfter(ledgerAfter(null, first), third)?.missed, 1);
  });
});

describe('a sparkline', () => {
  it('has a full bar for its highest value and a visible one for anything above zero', () => {
    assert.equal(sparkline([0, 1, 50, 100], 6), '  ▁▂▅█');
  });
  it('shows the newest values', () => assert.equal(sparkline([9, 9, 0, 4], 2), '▁█'));
  it('is flat where nothing flows', () => assert.equal(sparkline([0, 0], 2), '▁▁'));
});
