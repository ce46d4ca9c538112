import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { helperCapabilities, helperCommandHere } from '../../service/helper-command.ts';
import { refuseUntrusted } from '../../service/helper-trust.ts';
import { LineTooLong, linesOf } from '../../service/lines.ts';
import { rateLimited } from '../../service/log.ts';
import type { Log } from '../../service/log.ts';
import { Mailbox } from '../../service/mailbox.ts';
import { defaultPaths } from '../../service/paths.ts';
import { ServiceError } from '../../service/service-error.ts';
import { startService } from '../../service/start.ts';
import type { ServiceOptions } from '../../service/start.ts';
import { DrivenClock } from './driven-clock.ts';

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer, void, void> {
  let start = 0;
  for (const size of sizes) {
    yield bytes.subarray(start, start + size);
    start += size;
  }
  yield bytes.subarray(start);
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('the lines of a stream', () => {
  it('are the same however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(9)), async (texts, sizes) => {
        const lines = texts.map((text) => text.replaceAll('\n', ''));
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        assert.deepEqual(await collect(linesOf(pieces(bytes, sizes), 1000)), lines);
      }),
    );
  });

  it('are refused where one is longer than agreed, whether or not it ends', async () => {
    for (const text of ['12345678\n', '12345678', 'ok\n12345678']) {
      await assert.rejects(collect(linesOf(pieces(Buffer.from(text), [1, 2, 3]), 7)), LineTooLong);
    }
    assert.deepEqual(await collect(linesOf(pieces(Buffer.from('1234567\n'), [3]), 7)), ['1234567']);
  });

  it('end without the one that was not finished', async () => {
    assert.deepEqual(await collect(linesOf(pieces(Buffer.from('a\nb'), []), 7)), ['a']);
  });
});

describe('a mailbox', () => {
  it('holds the newest value only', async () => {
    const box = new Mailbox<number>(() => undefined);
    for (const value of [1, 2, 3]) box.put(value);
    assert.deepEqual(await box.next(), { done: false, value: 3 });
  });

  it('gives what it still holds before its end, then the end, then nothing else', async () => {
    let ends = 0;
    const box = new Mailbox<number>(() => {
      ends += 1;
    });
    box.put(1);
    box.end();
    box.put(2);
    box.end();
    assert.deepEqual([await box.next(), await box.next(), await box.next()].map(({ done }) => done), [false, true, true]);
    assert.equal(ends, 1);
  });

  it('serves several who wait in their order', async () => {
    const box = new Mailbox<number>(() => undefined);
    const waiting = [box.next(), box.next(), box.next()];
    box.put(1);
    box.put(2);
    box.end();
    assert.deepEqual((await Promise.all(waiting)).map(({ value }) => value), [1, 2, undefined]);
  });
});

describe('the default paths', () => {
  const home = { uid: 1000, homeDirectory: '/home/a' };
  it('follow the XDG variables', () => {
    const variables = { XDG_DATA_HOME: '/data', XDG_RUNTIME_DIR: '/run/user/1000', XDG_CONFIG_HOME: '/config' };
    assert.deepEqual(defaultPaths({ ...home, variables }), {
      historyPath: '/data/tidewatch/history.sqlite',
      socketPath: '/run/user/1000/tidewatch/service.sock',
      helperSocketPath: '/run/tidewatch/helper-1000.sock',
      settingsPath: '/config/tidewatch/settings.json',
    });
  });
  it('ignore a relative XDG path, as its specification says', () => {
    assert.equal(defaultPaths({ ...home, variables: { XDG_DATA_HOME: 'data' } }).historyPath, '/home/a/.local/share/tidewatch/history.sqlite');
    assert.equal(defaultPaths({ ...home, variables: { XDG_CONFIG_HOME: 'x' } }).settingsPath, '/home/a/.config/tidewatch/settings.json');
  });
  it('are root\'s own for root', () => {
    assert.equal(defaultPaths({ uid: 0, homeDirectory: '/root', variables: {} }).socketPath, '/run/tidewatch/tidewatch/service.sock');
  });
  it('give way to the variables of Tidewatch itself', () => {
    const variables = { TIDEWATCH_HISTORY: '/a', TIDEWATCH_SOCKET: '/b', TIDEWATCH_HELPER_SOCKET: '/c', TIDEWATCH_SETTINGS: '/d' };
    assert.deepEqual(defaultPaths({ ...home, variables }), { historyPath: '/a', socketPath: '/b', helperSocketPath: '/c', settingsPath: '/d' });
  });
});

describe('the place of the helper\'s socket', () => {
  const asRoot = process.getuid?.() === 0 ? {} : { skip: 'pending: only root can make folders of root' };
  it('is believed where only root could have made it', asRoot, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-trust-'));
    refuseUntrusted(path.join(folder, 'helper.sock'));
    refuseUntrusted(path.join(folder, 'not-yet/helper.sock'));
    mkdirSync(path.join(folder, 'open'));
    chmodSync(path.join(folder, 'open'), 0o777);
    for (const place of ['open/helper.sock', 'open/deeper/helper.sock']) {
      assert.throws(() => refuseUntrusted(path.join(folder, place)), (error) => error instanceof ServiceError && error.code === 'helper-untrusted');
    }
    rmSync(folder, { recursive: true });
  });
  it('is not believed directly in a folder that everybody may write to, sticky or not', () => {
    assert.throws(() => refuseUntrusted('/tmp/helper.sock'), /others may write to \/tmp/u);
  });
});

describe('the helper\'s rights', () => {
  it('are a list with a reason for each, and nothing else', () => {
    assert.ok(helperCapabilities.every(({ reason }) => reason.length > 10));
    assert.equal(new Set(helperCapabilities.map(({ name }) => name)).size, helperCapabilities.length);
  });
  it('are taken away before it runs', { skip: process.getuid?.() === 0 ? false : 'pending: not root' }, async () => {
    const { file, arguments: options } = await helperCommandHere({ socketPath: '/x', uid: 5, gid: 6, verbose: 'quiet' });
    assert.equal(file, 'setpriv');
    assert.ok(options.includes('--no-new-privs'));
    assert.ok(options.some((option) => option.startsWith('--bounding-set=-all,+')));
    assert.deepEqual(options.slice(-4), ['--socket', '/x', '--owner', '5:6']);
  });
});

describe('the log', () => {
  it('writes 60 lines a minute, then says how many it left out; errors always pass', async () => {
    const lines: string[] = [];
    const write = (message: string): void => void lines.push(message);
    const log: Log = { debug: write, info: write, warn: write, error: write };
    const clock = new DrivenClock(0);
    const limited = rateLimited(log, clock);
    for (let index = 0; index < 100; index += 1) limited.warn('packet');
    limited.error('end');
    assert.equal(lines.length, 61);
    await clock.advance(60_000);
    limited.warn('again');
    assert.deepEqual(lines.slice(61), ['log lines were left out', 'again']);
  });
});

describe('a service that cannot start', () => {
  it('names the network that is none', async () => {
    const options: ServiceOptions = {
      historyPath: '/nowhere/h',
      socketPath: '/nowhere/s',
      helperSocketPath: '/nowhere/x',
      settingsPath: '/nowhere/settings.json',
      settings: { networks: { local: ['10.0.0.0/8', '10.0.0.0/99'] }, log: { level: 'silent' } },
    };
    await assert.rejects(startService(options), (error) => error instanceof ServiceError && error.code === 'bad-network' && error.message.includes('"10.0.0.0/99"'));
  });
});
