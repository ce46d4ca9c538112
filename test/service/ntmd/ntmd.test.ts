import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseCommand } from '../../../service/ntmd/command.ts';
import { until } from '../driven-clock.ts';
import { backup, curl, exactly, processOf, second } from '../measurements.ts';
import { ServiceStage } from '../service-stage.ts';

const noon = Date.UTC(2026, 10, 20, 12);

async function open(intervalSeconds = 10): Promise<ServiceStage> {
  const stage = await ServiceStage.open(noon, { exports: { ntmd: { port: 0, intervalSeconds } } });
  stage.helper.say({ kind: 'processes', processes: [processOf(curl, '/usr/bin/curl'), processOf(backup, '/opt/backup/curl')] });
  return stage;
}

async function seconds(stage: ServiceStage, count: number, rx = 100): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await stage.clock.advance(1000);
    stage.helper.say(...second(stage.clock.now(), [{ flow: 1, rx, tx: 10, owner: exactly(curl), ...(index === 0 ? { opened: true as const } : {}) }, { flow: 2, rx: 1, tx: 0 }]));
    await stage.snapshot();
  }
}

function portOf({ service }: ServiceStage): number {
  assert.ok(service.ntmdPort !== null);
  return service.ntmdPort;
}

async function connected(stage: ServiceStage): Promise<Socket> {
  const socket = connect(portOf(stage), '127.0.0.1');
  await once(socket, 'connect');
  return socket.setEncoding('utf8');
}

/** Everything that is answered to these bytes, until the server ends. */
async function ask(stage: ServiceStage, bytes: string | Uint8Array): Promise<string> {
  const socket = await connected(stage);
  let answer = '';
  socket.on('data', (text: string) => (answer += text));
  socket.on('error', () => socket.destroy());
  const closed = once(socket, 'close');
  socket.end(bytes);
  await closed;
  return answer;
}

const curls = { bytesRx: 200, bytesTx: 20, pktRxCount: 2, pktTxCount: 2 };
const unknowns = { bytesRx: 2, bytesTx: 0, pktRxCount: 2, pktTxCount: 2 };

describe('the socket of ntmd', () => {
  it('tells the running interval, and begins the next with nothing', async () => {
    await using stage = await open(3);
    assert.deepEqual(JSON.parse(await ask(stage, 'snapshot\n')), { data: {}, interval: 3, length: 0, result: 'success' });
    await seconds(stage, 2);
    assert.deepEqual(JSON.parse(await ask(stage, 'snapshot\n')), { data: { curl: curls, unknown: unknowns }, interval: 3, length: 2, result: 'success' });
    await seconds(stage, 1);
    assert.equal(JSON.parse(await ask(stage, 'snapshot\n')).length, 0);
  });

  it('tells of ranges what a report tells of them', async () => {
    await using stage = await open();
    await seconds(stage, 2);
    await stage.clock.advance(1000);
    const { rows } = await stage.service.client.query('report', { by: 'app' });
    for (const command of ['traffic-daily', `traffic-since ${noon / 1000 - 60}`, `traffic-between ${noon / 1000 - 60} ${noon / 1000 + 60}`]) {
      const { data, length, result } = JSON.parse(await ask(stage, `${command}\n`));
      assert.deepEqual([data, length, result], [{ curl: curls, unknown: unknowns }, rows.length, 'success'], command);
    }
    assert.deepEqual(JSON.parse(await ask(stage, `traffic-between 5 10\n`)), { data: {}, length: 0, result: 'success' });
  });

  it('keeps two applications apart that are called alike', async () => {
    await using stage = await open();
    await stage.clock.advance(1000);
    stage.helper.say(...second(noon + 1000, [{ flow: 1, rx: 1, tx: 0, owner: exactly(curl) }, { flow: 2, rx: 2, tx: 0, owner: exactly(backup) }]));
    await stage.snapshot();
    assert.deepEqual(Object.keys(JSON.parse(await ask(stage, 'snapshot\n')).data).toSorted(), ['/opt/backup/curl', '/usr/bin/curl']);
  });

  it('streams each interval to every live client, as JSON or as text', async () => {
    await using stage = await open(2);
    const [json, text, silent] = [await connected(stage), await connected(stage), await connected(stage)];
    let [lines, said] = ['', ''];
    json.on('data', (part: string) => (lines += part)).write('live\n');
    text.on('data', (part: string) => (said += part)).write('live-text\n');
    silent.pause().write('live\n');
    await until(() => said !== '', 'it greets');
    await seconds(stage, 4);
    await until(() => lines.split('\n').length === 3 && said.split('Applications').length === 3, 'two intervals came');
    for (const line of lines.trim().split('\n')) assert.deepEqual(JSON.parse(line), { data: { curl: curls, unknown: unknowns }, interval: 2, length: 2, result: 'success' });
    assert.match(said, /Applications in 2 s:\n {2}curl \{ rx: 100 B\/s, tx: 10 B\/s, rxc: 2, txc: 2 \}/u);
    for (const socket of [json, text, silent]) socket.destroy();
  });

  it('answers what is no command with an error in one line, whatever it is', async () => {
    await using stage = await open();
    const wrong = { 'GET / HTTP/1.1\r\n': /unknown command/u, 'traffic-since soon\n': /seconds since 1970/u, 'traffic-between 9\n': /two times/u, 'traffic-between 9 3\n': /earlier time first/u, '\n': /unknown command/u, [`${'x'.repeat(5000)}\n`]: /too long/u };
    for (const [bytes, message] of Object.entries(wrong)) {
      const { result, errmsg } = JSON.parse(await ask(stage, bytes));
      assert.equal(result, 'error');
      assert.match(errmsg, message);
    }
    assert.equal(JSON.parse(await ask(stage, new Uint8Array(600).fill(255))).result, 'error');
    assert.equal(JSON.parse(await ask(stage, 'snapshot\n')).result, 'success', 'and goes on');
  });

  it('understands a client that sends no end of line and waits', async () => {
    await using stage = await open();
    const socket = await connected(stage);
    let answer = '';
    socket.on('data', (text: string) => (answer += text)).write('snapshot');
    const closed = once(socket, 'close');
    await until(() => stage.clock.waiting > 0, 'it has been heard');
    for (let waited = 0; waited < 1000; waited += 50) await stage.clock.advance(50);
    await closed;
    assert.equal(JSON.parse(answer).result, 'success');
  });

  it('lets a client go that says nothing', async () => {
    await using stage = await open();
    const socket = await connected(stage);
    socket.resume();
    const closed = once(socket, 'close');
    for (let waited = 0; waited < 12_000; waited += 500) await stage.clock.advance(500);
    await closed;
  });

  it('never throws at a command, whatever it is', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2000 }), (line) => assert.ok(['command', 'refused'].includes(parseCommand(line).kind))));
  });

  const isMissing = spawnSync('jq', ['--version']).error !== undefined || spawnSync('nc', ['-h']).error !== undefined;
  it('answers nc and jq as ntmd does', { skip: isMissing ? 'pending: nc or jq is not installed' : false }, async () => {
    await using stage = await open();
    await seconds(stage, 2);
    const shell = spawn('sh', ['-c', `echo 'snapshot' | nc localhost ${portOf(stage)} | jq -c '.data.curl.bytesRx, .result'`], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(shell, 'close');
    assert.equal(said, '200\n"success"\n');
  });

  it('keeps a service from starting where its port is taken, with one line', async () => {
    await using stage = await open();
    const port = portOf(stage);
    await assert.rejects(ServiceStage.open(noon, { exports: { ntmd: { port, intervalSeconds: 10 } } }), { code: 'ntmd-unavailable' });
  });
});
