import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ResolverMonitor } from '../../../helper/resolver/resolver-monitor.ts';
import { epochMs } from '../../../protocol/units.ts';
import { until } from '../../scenario/harness/until.ts';
import { addressRecord, replyOf } from './replies.ts';

/** A resolver that says what a test tells it, by the documented protocol: JSON values, each ended by a zero byte. */
class TalkingResolver implements AsyncDisposable {
  readonly calls: string[] = [];
  readonly #server: Server;
  #monitor: Socket | null = null;

  constructor(socketPath: string) {
    this.#server = createServer((socket) => {
      this.#monitor = socket;
      socket.on('error', () => socket.destroy());
      socket.on('data', (piece) => this.calls.push(piece.toString('utf8')));
    });
    this.#server.listen(socketPath);
  }

  say(text: string): void {
    assert.ok(this.#monitor !== null);
    this.#monitor.write(`${text}\0`);
  }

  hangUp(): void {
    this.#monitor?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#monitor?.destroy();
    await closed;
  }
}

let folder: string;
let seen: string[];
/** Pauses that were asked for, and what comes after the last. */
let pauses: number[];
let goOn: () => void;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-resolver-'));
  seen = [];
  pauses = [];
  goOn = () => assert.fail('no pause was asked for');
});
afterEach(() => rmSync(folder, { recursive: true }));

const socketPath = (): string => path.join(folder, 'monitor');

function startMonitor(): ResolverMonitor {
  return new ResolverMonitor({
    path: socketPath(),
    now: () => epochMs(1000),
    seen: ({ name }) => seen.push(name),
    after: (milliseconds, act) => {
      pauses.push(milliseconds);
      goOn = act;
      return () => undefined;
    },
  });
}

function answerFor(name: string): string {
  return replyOf({ question: [name], answer: [addressRecord(name, [192, 0, 2, 1])] });
}

describe('the monitor of the system resolver', () => {
  it('subscribes once, and hears every answer from then on', async () => {
    await using resolver = new TalkingResolver(socketPath());
    using monitor = startMonitor();
    await until('the subscription', 5000, () => resolver.calls.length > 0);
    assert.deepEqual(resolver.calls, ['{"method":"io.systemd.Resolve.Monitor.SubscribeQueryResults","parameters":{},"more":true}\0']);
    resolver.say('{"parameters":{"ready":true},"continues":true}');
    resolver.say(`${answerFor('one.example.org')}\0${answerFor('two.example.org')}`);
    await until('both answers', 5000, () => seen.length === 2);
    assert.deepEqual(seen, ['one.example.org', 'two.example.org']);
    assert.equal(monitor.state, 'listening');
  });

  it('comes back after a lost connection, and waits longer each time in vain', async () => {
    using monitor = startMonitor();
    for (const expected of [1, 2, 3, 4, 5, 6, 7, 8]) {
      await until('the next attempt to fail', 5000, () => pauses.length === expected);
      if (expected < 8) goOn();
    }
    assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    assert.equal(monitor.state, 'absent');
    await using resolver = new TalkingResolver(socketPath());
    goOn();
    await until('the subscription', 5000, () => resolver.calls.length > 0);
    resolver.say(answerFor('one.example.org'));
    await until('the answer', 5000, () => seen.length === 1);
    resolver.hangUp();
    await until('the loss', 5000, () => pauses.length === 9);
    assert.equal(pauses.at(-1), 1000);
  });

  it('leaves a server alone that says no, talks otherwise or too long', async () => {
    for (const nonsense of ['{"error":"org.varlink.service.PermissionDenied"}', 'HTTP/1.1 400', `"${'x'.repeat(1_100_000)}"`]) {
      await using resolver = new TalkingResolver(socketPath());
      using monitor = startMonitor();
      const before = pauses.length;
      await until('the subscription', 5000, () => resolver.calls.length > 0);
      resolver.say(nonsense);
      resolver.say(answerFor('after.example.org'));
      await until('the end of the connection', 5000, () => pauses.length > before);
      assert.equal(monitor.state, 'refused');
    }
    assert.deepEqual(seen, []);
  });

  it('hears nothing once it is closed', async () => {
    await using resolver = new TalkingResolver(socketPath());
    const monitor = startMonitor();
    await until('the subscription', 5000, () => resolver.calls.length > 0);
    monitor[Symbol.dispose]();
    resolver.say(answerFor('late.example.org'));
    resolver.hangUp();
    assert.deepEqual([seen, pauses], [[], []]);
  });
});
