import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { RpcResponse, SubscriptionEvent } from '../../protocol/json-rpc.ts';
import { SocketClient } from '../../service/app-client.ts';
import { defaultAppLimits } from '../../service/app-limits.ts';
import { AppServer } from '../../service/app-server.ts';
import { connectToService } from '../../service/index.ts';
import { linesOf } from '../../service/lines.ts';
import { LiveFeed } from '../../service/live-feed.ts';
import { LocalClient } from '../../service/local-client.ts';
import { createLog } from '../../service/log.ts';
import { ServiceError } from '../../service/service-error.ts';
import { appContractSuite, calls, identity, publish } from './app-contract.ts';
import type { ContractStage } from './app-contract.ts';

let folder: string;
let stages = 0;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-app-'));
});
after(() => rmSync(folder, { recursive: true }));

function freshPath(): string {
  stages += 1;
  return path.join(folder, `stage-${stages}`, 'service.sock');
}

interface ServerStage extends AsyncDisposable {
  readonly feed: LiveFeed;
  readonly socketPath: string;
}

async function serve(socketPath = freshPath()): Promise<ServerStage> {
  const feed = new LiveFeed();
  const server = await AppServer.listen(socketPath, { calls, feed, limits: defaultAppLimits, log: createLog('silent') });
  return {
    feed,
    socketPath,
    [Symbol.asyncDispose]: async () => {
      feed[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function overSocket(): Promise<ContractStage> {
  const stage = await serve();
  const client = await connectToService(stage.socketPath);
  assert.ok(client !== null);
  return {
    feed: stage.feed,
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await stage[Symbol.asyncDispose]();
    },
  };
}

async function inProcess(): Promise<ContractStage> {
  const feed = new LiveFeed();
  const client = new LocalClient(calls, feed, defaultAppLimits);
  return {
    feed,
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      feed[Symbol.dispose]();
    },
  };
}

describe('the app API over a Unix socket', () => appContractSuite(overSocket));
describe('the app API in process', () => appContractSuite(inProcess));

/** A client that says what it likes. */
class Stranger implements Disposable {
  readonly socket: Socket;
  readonly #lines: AsyncIterator<string, void, void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    this.#lines = linesOf(socket, 16_777_216);
  }

  static async at(socketPath: string): Promise<Stranger> {
    const socket = connect(socketPath);
    await once(socket, 'connect');
    return new Stranger(socket);
  }

  say(text: string): void {
    this.socket.write(`${text}\n`);
  }

  /** The next thing the server says, or null where it has ended. */
  async hear(): Promise<RpcResponse | null> {
    const next = await this.#lines.next();
    return next.done === true ? null : RpcResponse.parse(JSON.parse(next.value));
  }

  async errorCode(): Promise<number> {
    return z.object({ error: z.object({ code: z.number() }) }).parse(await this.hear()).error.code;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

describe('the app server, to those who do not keep to the protocol,', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['a line that is not JSON', '{"jsonrpc":', -32_700],
    ['JSON that is no request', '{"jsonrpc":"1.0","id":1,"method":"identify"}', -32_600],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"identify"}]', -32_600],
    ['a method that there is not', '{"jsonrpc":"2.0","id":1,"method":"shutdown"}', -32_601],
    ['a method that objects have by nature', '{"jsonrpc":"2.0","id":1,"method":"constructor"}', -32_601],
    ['wrong parameters', '{"jsonrpc":"2.0","id":1,"method":"report","params":{"by":7}}', -32_602],
    ['an unsubscribe without a number', '{"jsonrpc":"2.0","id":1,"method":"unsubscribe","params":[]}', -32_602],
    ['a query that fails', '{"jsonrpc":"2.0","id":1,"method":"report","params":{"by":"day"}}', -32_000],
  ];
  for (const [what, line, code] of cases) {
    it(`answers ${what} with ${code} and goes on`, async () => {
      await using stage = await serve();
      using stranger = await Stranger.at(stage.socketPath);
      stranger.say(line);
      assert.equal(await stranger.errorCode(), code);
      stranger.say('{"jsonrpc":"2.0","id":"x","method":"identify"}');
      assert.deepEqual(await stranger.hear(), { jsonrpc: '2.0', id: 'x', result: identity });
    });
  }

  it('answers a notification with nothing', async () => {
    await using stage = await serve();
    using stranger = await Stranger.at(stage.socketPath);
    stranger.say('{"jsonrpc":"2.0","method":"identify"}');
    stranger.say('{"jsonrpc":"2.0","id":2,"method":"identify"}');
    assert.deepEqual(await stranger.hear(), { jsonrpc: '2.0', id: 2, result: identity });
  });

  it('refuses a line of 10 MB, ends that connection, and goes on with others', async () => {
    await using stage = await serve();
    using stranger = await Stranger.at(stage.socketPath);
    stranger.socket.write('x'.repeat(10_000_000));
    stranger.say('');
    assert.equal(await stranger.errorCode(), -32_600);
    assert.equal(await stranger.hear(), null);
    using another = await Stranger.at(stage.socketPath);
    another.say('{"jsonrpc":"2.0","id":1,"method":"identify"}');
    assert.notEqual(await another.hear(), null);
  });

  it('sends a client that did not read the newest snapshot, with a gap in the numbers', async () => {
    await using stage = await serve();
    using slow = await Stranger.at(stage.socketPath);
    slow.say('{"jsonrpc":"2.0","id":1,"method":"live"}');
    assert.deepEqual(await slow.hear(), { jsonrpc: '2.0', id: 1, result: { subscription: 0 } });
    slow.socket.pause();
    const count = 20_000;
    for (let time = 0; time < count; time += 1) {
      publish(stage.feed, time);
      if (time % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const numbers: number[] = [];
    while (numbers.at(-1) !== count - 1) {
      const { params } = z.object({ params: SubscriptionEvent }).parse(await slow.hear());
      numbers.push(z.object({ sequence: z.number() }).parse(params.event).sequence);
    }
    assert.ok(numbers.length < count, `${numbers.length} of ${count}: those it had no room for were left out`);
    assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
  });

  it('stays small for a client that asks and never reads', async () => {
    await using stage = await serve();
    using deaf = await Stranger.at(stage.socketPath);
    deaf.socket.pause();
    let written = 0;
    while (written < 50_000 && deaf.socket.writableLength < 1_000_000) {
      deaf.say('{"jsonrpc":"2.0","id":1,"method":"identify"}');
      written += 1;
      if (written % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(deaf.socket.writableLength > 0, 'the server reads no further: what it is sent waits at the sender');
    using other = await Stranger.at(stage.socketPath);
    other.say('{"jsonrpc":"2.0","id":1,"method":"identify"}');
    assert.notEqual(await other.hear(), null);
  });

  it('takes no more than its number of connections', async () => {
    await using stage = await serve();
    const strangers = await Promise.all(Array.from({ length: 64 }, () => Stranger.at(stage.socketPath)));
    for (const stranger of strangers) stranger.say('{"jsonrpc":"2.0","id":1,"method":"identify"}');
    await Promise.all(strangers.map((stranger) => stranger.hear()));
    using late = await Stranger.at(stage.socketPath);
    assert.equal(await late.hear().catch(() => null), null);
    for (const stranger of strangers) stranger[Symbol.dispose]();
  });
});

describe('the app server\'s socket', () => {
  it('is the owner\'s alone, in a folder that is the owner\'s alone', async () => {
    await using stage = await serve();
    assert.equal(statSync(stage.socketPath).mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(stage.socketPath)).mode & 0o777, 0o700);
  });

  it('does not take the place of another file', async () => {
    const socketPath = freshPath();
    mkdirSync(path.dirname(socketPath), { recursive: true });
    writeFileSync(socketPath, 'mine');
    await assert.rejects(serve(socketPath), (error) => error instanceof ServiceError && error.code === 'socket-in-use');
    assert.equal(statSync(socketPath).size, 4);
  });

  it('does not take the place of somebody else who listens', async () => {
    const socketPath = freshPath();
    mkdirSync(path.dirname(socketPath), { recursive: true });
    const { createServer } = await import('node:net');
    const stranger = createServer((socket) => socket.end('220 mail ready\n'));
    await new Promise<void>((resolve) => stranger.listen(socketPath, resolve));
    await assert.rejects(serve(socketPath), (error) => error instanceof ServiceError && error.code === 'socket-in-use');
    await assert.rejects(connectToService(socketPath), /is no Tidewatch service/u);
    stranger.close();
  });

  it('is missed politely: a client finds nobody where there is none', async () => {
    assert.equal(await connectToService(freshPath()), null);
  });

  it('tells its clients that the service has gone', async () => {
    const stage = await serve();
    const socket = connect(stage.socketPath);
    await once(socket, 'connect');
    const client = new SocketClient(socket);
    const waiting = client.live()[Symbol.asyncIterator]().next();
    await client.query('identify', {});
    await stage[Symbol.asyncDispose]();
    assert.equal((await waiting).done, true);
    await assert.rejects(client.query('identify', {}), (error) => error instanceof ServiceError && error.code === 'service-gone');
  });
});
