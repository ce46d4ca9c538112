import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { spawn, spawnSync } from 'node:child_process';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { HelperMessage, helperProtocolVersion, maximumLineBytes } from '../../../protocol/helper.ts';
import type { CaptureConfiguration } from '../../../protocol/helper.ts';
import { epochMs } from '../../../protocol/units.ts';
import { LinkServer } from '../../../helper/link/server.ts';
import { until } from '../../scenario/harness/until.ts';

const hello = { kind: 'hello', protocol: helperProtocolVersion, version: 'test' };
const configuration: CaptureConfiguration = { interfaces: 'edges', filter: '', promiscuous: false, loopback: false };

/** A peer of the socket, with what it was told. */
class Peer {
  readonly told: HelperMessage[] = [];
  readonly socket: Socket;
  over = false;

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.over = true;
    });
    createInterface({ input: this.socket }).on('line', (line) => this.told.push(HelperMessage.parse(JSON.parse(line))));
  }

  say(...messages: readonly unknown[]): void {
    for (const message of messages) this.socket.write(`${JSON.stringify(message)}\n`);
  }

  async refusal(): Promise<string> {
    return await until('a refusal', 5000, () => {
      const last = this.told.at(-1);
      return this.over && last?.kind === 'refused' ? last.reason : null;
    });
  }

  async greeting(): Promise<void> {
    await until('a hello', 5000, () => this.told[0]?.kind === 'hello');
  }
}

describe('the socket of the helper', () => {
  let folder = '';
  let path = '';
  let server: LinkServer;
  const obeyed: unknown[] = [];
  const peers: Peer[] = [];

  function newServer(at = path): LinkServer {
    return new LinkServer({
      path: at,
      owner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
      identity: { version: '1.2.3', pid: 42, startedAt: epochMs(1000) },
      events: {
        configure: (wanted) => obeyed.push(wanted),
        pause: () => obeyed.push('pause'),
        resume: () => obeyed.push('resume'),
        record: ({ stream }) => obeyed.push(`record ${stream ? 'all' : 'the last'}`),
        freeze: () => obeyed.push('freeze'),
        gone: () => undefined,
        stop: () => obeyed.push('stop'),
        state: () => [{ kind: 'interfaces', interfaces: [] }],
      },
    });
  }

  function peer(): Peer {
    const one = new Peer(path);
    peers.push(one);
    return one;
  }

  before(() => {
    folder = mkdtempSync(`${tmpdir()}/tidewatch-link-`);
  });
  after(() => rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    path = `${folder}/run/helper.sock`;
    obeyed.length = 0;
    server = newServer();
    await server.listen();
  });
  afterEach(() => {
    for (const one of peers.splice(0)) one.socket.destroy();
    server.close();
  });

  it('belongs to its user alone, in a folder that others cannot write to', () => {
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(`${folder}/run`).mode & 0o022, 0);
  });

  it('says hello, then the state of things, then nothing until there is a delivery', async () => {
    const one = peer();
    one.say(hello);
    await until('the state', 5000, () => one.told.length === 2);
    assert.deepEqual(one.told, [
      { kind: 'hello', protocol: helperProtocolVersion, version: '1.2.3', pid: 42, startedAt: 1000 },
      { kind: 'interfaces', interfaces: [] },
    ]);
  });

  it('obeys the four commands', async () => {
    peer().say(hello, { kind: 'configure', configuration }, { kind: 'pause' }, { kind: 'resume' }, { kind: 'stop' });
    await until('all commands', 5000, () => obeyed.length === 4);
    assert.deepEqual(obeyed, [configuration, 'pause', 'resume', 'stop']);
  });

  const bad: readonly (readonly [string, string, RegExp])[] = [
    ['a command before hello', '{"kind":"stop"}\n', /first line must be hello/u],
    ['another version', '{"kind":"hello","protocol":99,"version":"x"}\n', new RegExp(`speaks protocol ${helperProtocolVersion}, not 99`, 'u')],
    ['a line that is no JSON', 'GET / HTTP/1.1\n', /not a command/u],
    ['a command that does not exist', '{"kind":"run"}\n', /not a command/u],
    ['a line without end', 'x'.repeat(maximumLineBytes + 1), /longer than/u],
  ];
  for (const [name, text, reason] of bad) {
    it(`refuses ${name}, and costs nothing else`, async () => {
      const one = peer();
      one.socket.write(text);
      assert.match(await one.refusal(), reason);
      assert.deepEqual(obeyed, []);
      const next = peer();
      next.say(hello);
      await next.greeting();
    });
  }

  it('refuses a configuration out of bounds', async () => {
    const one = peer();
    one.say(hello, { kind: 'configure', configuration: { ...configuration, interfaces: [] } });
    assert.match(await one.refusal(), /not a command/u);
  });

  it('serves one service at a time, and the next when that one has gone', async () => {
    const first = peer();
    first.say(hello);
    await first.greeting();
    const second = peer();
    second.say(hello);
    assert.match(await second.refusal(), /another service/u);
    first.socket.destroy();
    await until('the next one to be served', 5000, async () => {
      const next = peer();
      next.say(hello);
      await until('an answer', 5000, () => next.told.length > 0);
      return next.told[0]?.kind === 'hello';
    });
  });

  it('gives nothing to a service that does not read, until it reads again', async () => {
    const slow = peer();
    slow.say(hello);
    await slow.greeting();
    slow.socket.pause();
    const reader = await until('the service', 5000, () => server.reader());
    while (server.reader() !== null) reader.send({ kind: 'refused', reason: 'x'.repeat(1000) });
    assert.equal(server.reader(), null);
    slow.socket.resume();
    await until('the service to have read', 5000, () => server.reader());
  });

  it('takes the place of a helper that has died', async () => {
    const dead = `${folder}/dead.sock`;
    spawnSync(process.execPath, ['-e', `require('net').createServer().listen(${JSON.stringify(dead)}, () => process.kill(process.pid, 'SIGKILL'))`]);
    assert.ok(existsSync(dead), 'a socket without its helper lies there');
    const next = newServer(dead);
    await next.listen();
    next.close();
  });

  it('leaves a living helper alone and says what to do', async () => {
    await assert.rejects(newServer().listen(), { code: 'socket-in-use', message: /another helper listens on .*: end it first/u });
    const one = peer();
    one.say(hello);
    await one.greeting();
  });

  it('touches nothing that is no socket', async () => {
    const file = `${folder}/file`;
    writeFileSync(file, 'precious');
    await assert.rejects(newServer(file).listen(), { code: 'socket-unusable', message: /is no socket/u });
    assert.ok(existsSync(file));
  });

  it('is gone when the helper ends', async () => {
    server.close();
    await until('the socket to go', 5000, () => !existsSync(path));
  });

  it('leaves a living helper alone whose socket it may not connect to', { skip: process.getuid?.() === 0 ? false : 'pending: needs root to take rights away' }, async () => {
    const other = `${folder}/other.sock`;
    const foreign = createServer().listen(other);
    await once(foreign, 'listening');
    chmodSync(other, 0o000);
    const code = `const { claimSocketPlace } = await import(${JSON.stringify(new URL('../../../helper/link/socket-place.ts', import.meta.url).href)});
      await claimSocketPlace(${JSON.stringify(other)}).then(() => console.log('claimed'), (error) => console.log(error.code));`;
    const limited = spawnProgram(['--bounding-set=-dac_override', '--', process.execPath, '--input-type=module', '-e', code]);
    assert.equal((await limited).trim(), 'socket-in-use');
    foreign.close();
  });
});

/** Runs setpriv(1) while this process goes on serving its sockets. */
async function spawnProgram(words: readonly string[]): Promise<string> {
  const child = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  await once(child, 'close');
  return Buffer.concat(pieces).toString('utf8');
}
