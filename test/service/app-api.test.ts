import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { defaultAppLimits } from '../../service/app-limits.ts';
import { AppServer } from '../../service/app-server.ts';
import { connectToService } from '../../service/index.ts';
import { linesOf } from '../../service/lines.ts';
import { LiveFeed } from '../../service/live-feed.ts';
import { LocalClient } from '../../service/local-client.ts';
import { createLog } from '../../service/log.ts';
import { ServiceError } from '../../service/service-error.ts';
import { appContractSuite, calls } from './app-contract.ts';
import type { ContractStage } from './app-contract.ts';
import { hostileSuite, longestHeard } from './app-hostile.ts';
import type { Stranger } from './app-hostile.ts';

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
  readonly server: AppServer;
}

async function serve(socketPath = freshPath()): Promise<ServerStage> {
  const feed = new LiveFeed();
  const server = await AppServer.listen(socketPath, { calls, feed, limits: defaultAppLimits, log: createLog('silent') });
  return {
    feed,
    socketPath,
    server,
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

/** A stranger on a Unix socket. */
async function strangerAt(socketPath: string): Promise<Stranger> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  socket.on('error', () => socket.destroy());
  const lines = linesOf(socket, longestHeard);
  return {
    say: (text) => void socket.write(`${text}\n`),
    async hear() {
      const next = await lines.next().catch(() => null);
      return next === null || next.done === true ? null : next.value;
    },
    pause: () => void socket.pause(),
    get unread() {
      return socket.writableLength;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

describe('the app API over a Unix socket, to those who do not keep to it,', () =>
  hostileSuite(async () => {
    const stage = await serve();
    return { ...stage, get buffered() { return stage.server.buffered; }, connect: () => strangerAt(stage.socketPath) };
  }));

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
    const client = await connectToService(stage.socketPath);
    assert.ok(client !== null);
    const waiting = client.live()[Symbol.asyncIterator]().next();
    await client.query('identify', {});
    await stage[Symbol.asyncDispose]();
    assert.equal((await waiting).done, true);
    await assert.rejects(client.query('identify', {}), (error) => error instanceof ServiceError && error.code === 'service-gone');
  });
});
