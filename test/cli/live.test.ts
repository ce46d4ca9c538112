import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import xterm from '@xterm/headless';
import { Snapshot } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import { ReplayService } from './replay-service.ts';
import { Running, Scratch, launcher } from './run.ts';
import { busySnapshot, domainRow } from './snapshots.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());
const { environment } = scratch;

function live(...words: readonly string[]): Running {
  return new Running([launcher, 'live', ...words], { environment });
}

async function service(): Promise<ReplayService> {
  return ReplayService.start(scratch.file('service.sock'));
}

describe('live, watching a service that runs', () => {
  it('prints each snapshot as one line of JSON as the protocol has it', async () => {
    await using replay = await service();
    const running = live('--json');
    await replay.untilWatched();
    const sent = busySnapshot();
    replay.publish(sent);
    await running.untilOutput(/\n/u);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.outcome();
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(Snapshot.parse(JSON.parse(stdout)), sent);
    assert.equal(typeof JSON.parse(stdout).time, 'number');
  });

  it('prints one line a second where there is no terminal', async () => {
    await using replay = await service();
    const running = live();
    await replay.untilWatched();
    replay.publish(busySnapshot());
    await running.untilOutput(/\n/u);
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.outcome();
    assert.equal(code, 0);
    assert.equal(
      stdout,
      '14:03:22  ↓ 12.3 MB/s  ↑  250 kB/s  2 connections  apps: curl 12.2 MB/s, unknown (no socket found) 310 kB/s' +
        '  domains: example.com 12.2 MB/s, no name known 310 kB/s  (97.5 % of bytes attributed exactly; 0 dropped)\n',
    );
  });

  it('ends by itself after --duration and leaves the service running', async () => {
    await using replay = await service();
    const { code, stderr } = await live('--json', '--duration', '0.2').outcome();
    assert.deepEqual([code, stderr], [0, '']);
    const again = live('--json');
    await replay.untilWatched();
    again.child.kill('SIGTERM');
    assert.equal((await again.outcome()).code, 0);
  });

  it('refuses capture options, which a running service cannot take', async () => {
    await using replay = await service();
    const { code, stdout, stderr } = await live('--interface', 'eth0', '--loopback').outcome();
    assert.equal(replay.watchers, 0);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, new RegExp(`^tidewatch: a Tidewatch service \\(process ${process.pid}\\) .*--interface, --loopback cannot apply[^\\n]*\\n$`, 'u'));
  });

  it('ends quietly when nobody reads any more', async () => {
    await using replay = await service();
    const running = new Running(['bash', '-c', '"$0" live --json | head -n 1; echo "${PIPESTATUS[0]}"', launcher], { environment });
    await replay.untilWatched();
    const sending = setInterval(() => replay.publish(busySnapshot()), 20);
    const { stdout, stderr } = await running.outcome();
    clearInterval(sending);
    assert.equal(stderr, '');
    assert.equal(stdout.split('\n')[1], '0');
  });

  it('fails where its output cannot be written', { skip: existsSync('/dev/full') ? false : 'pending: there is no /dev/full here' }, async () => {
    await using replay = await service();
    const running = new Running(['bash', '-c', '"$0" live --json >/dev/full; echo "code $?"', launcher], { environment });
    await replay.untilWatched();
    replay.publish(busySnapshot());
    const { stdout, stderr } = await running.outcome();
    assert.equal(stdout, 'code 1\n');
    assert.match(stderr, /^tidewatch: cannot write the output \(ENOSPC[^\n]*\): free some space[^\n]*\n$/u);
  });

  it('says so when the service goes away', async () => {
    const replay = await service();
    const running = live('--json');
    await replay.untilWatched();
    await replay[Symbol.asyncDispose]();
    const { code, stderr } = await running.outcome();
    assert.equal(code, 1);
    assert.match(stderr, /^tidewatch: [^\n]*service[^\n]*tidewatch serve[^\n]*\n$/u);
  });

  it('says at its beginning that it is private or paused, and how to end that', async () => {
    const mode = { paused: { since: epochMs(0), until: null }, private: { since: epochMs(0), until: epochMs(Date.UTC(2026, 10, 20, 14, 3)) } };
    await using replay = await ReplayService.start(scratch.file('service.sock'), { handlers: { mode: () => mode } });
    const running = live('--json');
    await replay.untilWatched();
    running.child.kill('SIGTERM');
    const { code, stdout, stderr } = await running.outcome();
    assert.deepEqual([code, stdout], [0, '']);
    assert.equal(stderr, 'tidewatch: Paused until `tidewatch resume`.\ntidewatch: Private until 2026-11-20 14:03, or `tidewatch private off`.\n');
  });

  it('tells a trouble once on standard error', async () => {
    await using replay = await service();
    const running = live();
    await replay.untilWatched();
    const trouble = { code: 'packets-dropped', subject: 'eth0', message: 'eth0 dropped 12 packets', remedy: 'close something', over: false };
    replay.publish(busySnapshot({ troubles: [trouble] }));
    await running.untilOutput(/\n/u);
    replay.publish(busySnapshot({ troubles: [trouble] }));
    await running.untilOutput(/\n.*\n/u);
    running.child.kill('SIGTERM');
    assert.equal((await running.outcome()).stderr, 'tidewatch: eth0 dropped 12 packets → close something\n');
  });
});

/** In a terminal of 100 columns and 30 rows, made by script(1); what it shows is the child's standard output. */
function onTerminal(options: { readonly environment?: NodeJS.ProcessEnv } = {}): Running {
  const command = `stty cols 100 rows 30; '${launcher}' live; echo "code $?"`;
  return new Running(['script', '--quiet', '--echo', 'never', '--command', command, '/dev/null'], {
    environment: { ...environment, ...options.environment },
  });
}

const enter = '\x1b[?1049h';
const leave = '\x1b[?7h\x1b[?25h\x1b[?1049l';

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What a terminal of this size shows after this output, as lines without the blanks at their ends. */
async function shown(output: string, { columns, rows }: Size): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: rows }, (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '');
  terminal.dispose();
  return lines;
}

/** What was on the screen before it was given back. */
function lastPicture(output: string, size: Size = { columns: 100, rows: 30 }): Promise<string[]> {
  return shown(output.slice(0, output.lastIndexOf(leave)), size);
}

describe('live on a terminal', () => {
  it('draws apps, domains and connections, then gives the screen back when q is typed', async () => {
    await using replay = await service();
    const running = onTerminal();
    await replay.untilWatched();
    replay.publish(busySnapshot());
    await running.untilOutput(/curl/u);
    running.child.stdin?.write('q');
    const { stdout } = await running.outcome();
    assert.ok(stdout.startsWith(enter));
    assert.ok(stdout.includes(leave));
    assert.ok(!stdout.slice(stdout.indexOf(leave) + leave.length).includes('\x1b'), 'nothing is drawn after the screen is given back');
    const picture = await lastPicture(stdout);
    assert.match(picture[0] ?? '', /^Tidewatch {2}measuring eth0 +1-4 tabs {2}\? help {2}q quits {2}14:03:22$/u);
    assert.ok(picture.some((line) => /^curl +12\.0 MB\/s +240 kB\/s +12\.0 MB +240 kB$/u.test(line)));
    assert.ok(picture.some((line) => /^example\.com +12\.0 MB\/s/u.test(line)));
    assert.ok(picture.some((line) => /tcp example\.com:443/u.test(line)));
  });

  it('leaves what stood on the terminal before, and its summary below', async () => {
    await using replay = await service();
    const running = onTerminal();
    await replay.untilWatched();
    replay.publish(busySnapshot());
    await running.untilOutput(/curl/u);
    running.child.stdin?.write('q');
    const { stdout } = await running.outcome();
    const lines = await shown(`what stood before\r\n${stdout}`, { columns: 100, rows: 30 });
    assert.equal(lines[0], 'what stood before');
    assert.deepEqual([lines[1], lines[4]], ['In 1 s: ↓ 12.3 MB  ↑ 250 kB', 'code 0']);
  });

  it('ends with 0 and gives the screen back when Ctrl-C is typed', async () => {
    await using replay = await service();
    const running = onTerminal();
    await replay.untilWatched();
    running.child.stdin?.write('\x03');
    const { stdout } = await running.outcome();
    assert.ok(stdout.includes(leave));
    assert.match(stdout, /code 0\r\n$/u);
  });

  it('gives the screen back when it crashes, and says in one line that it did', async () => {
    await using replay = await service();
    const crash = `data:text/javascript,${encodeURIComponent('process.stdin.on("data", (keys) => { if (keys.includes("!")) throw new Error("boom"); });')}`;
    const running = onTerminal({ environment: { NODE_OPTIONS: `--import ${crash}` } });
    await replay.untilWatched();
    running.child.stdin?.write('!');
    const { stdout } = await running.outcome();
    assert.match(stdout.slice(stdout.indexOf(leave)), /tidewatch: a defect in Tidewatch: boom; [^\n]*\r\ncode 1\r\n$/u);
  });

  it('has no colours where NO_COLOR is set', async () => {
    await using replay = await service();
    const running = onTerminal({ environment: { NO_COLOR: '1' } });
    await replay.untilWatched();
    replay.publish(busySnapshot());
    await running.untilOutput(/curl/u);
    running.child.stdin?.write('q');
    const { stdout } = await running.outcome();
    assert.doesNotMatch(stdout, /\p{Cc}\[[0-9;]*m/u);
  });

  it('never passes on a hostile name', async () => {
    await using replay = await service();
    const running = onTerminal();
    await replay.untilWatched();
    replay.publish(busySnapshot({ domains: [domainRow({ domain: 'evil\x1b]0;owned\x07.example', rxBytes: 5 })] }));
    await running.untilOutput(/evil/u);
    running.child.stdin?.write('q');
    const { stdout } = await running.outcome();
    assert.ok(stdout.includes(String.raw`evil\x1b]0;owned\x07.example`));
    assert.ok(!stdout.includes('\x1b]'));
  });

  it('follows the size of the terminal', async () => {
    await using replay = await service();
    const command = `stty cols 100 rows 30; tty; '${launcher}' live`;
    const running = new Running(['script', '--quiet', '--echo', 'never', '--command', command, '/dev/null'], { environment });
    await running.untilOutput(/\/dev\/pts\/\d+/u);
    const terminal = /\/dev\/pts\/\d+/u.exec(running.stdout)?.[0] ?? '';
    await replay.untilWatched();
    replay.publish(busySnapshot());
    await running.untilOutput(/curl/u);
    await new Running(['stty', '-F', terminal, 'cols', '60', 'rows', '12'], { environment }).outcome();
    // The whole of the smaller picture: quitting in the midst of it would leave half of it.
    await running.untilOutput(/measuring eth0 {15,20}q quits[^]*curl/u);
    running.child.stdin?.write('q');
    const picture = await lastPicture((await running.outcome()).stdout, { columns: 60, rows: 12 });
    assert.match(picture[0] ?? '', /^Tidewatch {2}measuring eth0 +q quits {2}14:03:22$/u);
    assert.ok(picture.some((line) => /^curl +12\.0 MB\/s +240 kB\/s +12\.2 MB$/u.test(line)));
  });
});
