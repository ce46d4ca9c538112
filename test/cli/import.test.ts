import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { epochMs } from '../../protocol/units.ts';
import { History, calendarOf } from '../../service/history/index.ts';
import { refreshText } from '../service/import/logs.ts';
import { Scratch, tidewatch } from './run.ts';

const second = Date.UTC(2024, 2, 5, 10) / 1000;

describe('tidewatch import bandwhich', () => {
  it('tells what was taken over, what was not, and which lines were broken', async () => {
    using scratch = new Scratch();
    const log = scratch.file('a.log');
    writeFileSync(log, `${refreshText({ second, connections: [{ process: 'curl', up: 1000, down: 2000 }] })}broken \u001B]0;x\u0007\n`);
    const { code, stdout } = await tidewatch(['import', 'bandwhich', log, '--archive', scratch.file('kept')], scratch.environment);
    assert.equal(code, 0);
    assert.match(stdout, /1 s taken over, 2\.00 kB received and 1\.00 kB sent/u);
    assert.ok(stdout.includes(`${log}:6: broken`) && !stdout.includes('\u001B'), stdout);
    assert.ok(readFileSync(scratch.file('kept/a.log.gz')).length > 0);
    const again = await tidewatch(['import', 'bandwhich', log], scratch.environment);
    assert.match(again.stdout, /0 s taken over[\s\S]*Left out: 1 s taken over before/u);
    const report = await tidewatch(['report', '--by', 'app', '--json'], scratch.environment);
    assert.deepEqual(JSON.parse(report.stdout).total.rxBytes, 2000);
  });

  it('says in one line what is wrong, with the exit code for it, and changes nothing', async () => {
    using scratch = new Scratch();
    const log = scratch.file('a.log');
    writeFileSync(log, refreshText({ second, connections: [{ process: 'curl', up: 1, down: 2 }] }));
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['/nowhere/a.log'], 1, /^tidewatch: cannot read \/nowhere\/a\.log \(ENOENT\): [^\n]+\n$/u],
      [[], 2, /^tidewatch: missing required argument[^\n]+\n$/u],
      [[log, '--from', 'someday'], 2, /^tidewatch: --from "someday" is no date[^\n]+\n$/u],
      [[log, '--from', '2024-03-06', '--to', '2024-03-05'], 2, /exchange them\n$/u],
      [[log, '--history', '/proc/x/history.sqlite'], 1, /^tidewatch: cannot write the history[^\n]+\n$/u],
    ];
    for (const [words, code, message] of cases) {
      const outcome = await tidewatch(['import', 'bandwhich', ...words], scratch.environment);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stderr, message);
    }
  });

  it('is refused while a service keeps the history', async () => {
    using scratch = new Scratch();
    const log = scratch.file('a.log');
    writeFileSync(log, refreshText({ second, connections: [{ process: 'curl', up: 1, down: 2 }] }));
    const now = epochMs(Date.now());
    const history = new History({ path: scratch.file('history.sqlite'), calendar: calendarOf(() => 'UTC'), now, pid: process.pid });
    const { code, stderr } = await tidewatch(['import', 'bandwhich', log], scratch.environment);
    history.close(now);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^tidewatch: [^\\n]*${process.pid}[^\\n]*\\n$`, 'u'));
  });
});

describe('tidewatch report --from-bandwhich', () => {
  it('writes what pipelines for such logs write, as means over the log', async () => {
    using scratch = new Scratch();
    const log = scratch.file('a.log');
    const connections = [{ process: 'curl, "quoted"', up: 10, down: 200 }, { process: 'ssh', up: 2, down: 4, remote: '2001:db8::1', localPort: 50_000 }];
    writeFileSync(log, refreshText({ second, connections }) + refreshText({ second: second + 1, connections: connections.slice(0, 1) }));
    const { code, stdout } = await tidewatch(['report', '--from-bandwhich', log, '--format', 'json'], scratch.environment);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), {
      timestamp: '2024-03-05T10:00:01.000Z', total_upload_bps: 11, total_download_bps: 202,
      top_processes: [{ name: 'curl, "quoted"', pid: null, upload_bps: 10, download_bps: 200 }, { name: 'ssh', pid: null, upload_bps: 1, download_bps: 2 }],
      connections: [
        { process_name: 'curl, "quoted"', pid: null, upload_bps: 10, download_bps: 200, local_port: 40_000, remote_address: '203.0.113.7:443', protocol: 'tcp' },
        { process_name: 'ssh', pid: null, upload_bps: 1, download_bps: 2, local_port: 50_000, remote_address: '2001:db8::1:443', protocol: 'tcp' },
      ],
    });
    const csv = await tidewatch(['report', '--from-bandwhich', log, '--format', 'csv', '-o', scratch.file('a.csv')], scratch.environment);
    assert.equal(csv.code, 0);
    assert.equal(readFileSync(scratch.file('a.csv'), 'utf8').split('\r\n')[0], 'Process name,PID,Upload (bps),Download (bps),Local Port,Remote Address,Protocol');
    assert.equal((await tidewatch(['report', '--from-bandwhich', log], scratch.environment)).code, 2);
  });
});
