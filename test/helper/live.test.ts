import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { FlowDelta } from '../../protocol/flow.ts';
import { createNetwork, linkName, peerAddresses, secondLinkName } from '../scenario/harness/namespace.ts';
import type { Network } from '../scenario/harness/namespace.ts';
import { missingPrograms } from '../scenario/harness/requirements.ts';
import { until } from '../scenario/harness/until.ts';
import { RunningHelper } from './support/running-helper.ts';
import type { HelperPeer } from './support/running-helper.ts';

const whyPending = process.getuid?.() === 0 ? missingPrograms(['ip', 'nft', 'setpriv']) : 'pending: network namespaces and captures need root';

const serverPort = 8080;
const serverCode = `require('http').createServer((q, s) => s.end('x'.repeat(20000))).listen(${serverPort}, () => console.log('ready'));
  require('dgram').createSocket('udp4').on('message', function (m, r) { this.send(m, r.port, r.address); }).bind(5353);`;

/** A client that fetches one page and ends at once. */
const fetchCode = `require('http').get({ host: '${peerAddresses.com}', port: ${serverPort}, headers: { host: 'www.example.com' }, agent: false },
  (answer) => answer.on('end', () => process.exit()).resume());`;

describe('a helper on real packets', { skip: whyPending ?? false, timeout: 120_000 }, () => {
  let network: Network;
  let helper: RunningHelper;
  let peer: HelperPeer;

  before(async () => {
    network = createNetwork();
    const server = network.peer.start(process.execPath, ['-e', serverCode]);
    await until('the server', 10_000, () => server.stdout.includes('ready'));
    helper = await RunningHelper.start({ namespace: network.client.name });
    peer = await helper.connect();
    await peer.configure({});
  });
  after(async () => {
    await helper[Symbol.asyncDispose]();
    network[Symbol.dispose]();
  });

  function flowsTo(port: number): readonly FlowDelta[] {
    return peer.flows().filter(({ key }) => key.remotePort === port);
  }

  it('names the program behind a download, its pid and the host it asked for', async () => {
    const client = network.client.start(process.execPath, ['-e', fetchCode]);
    await client.ended;
    await peer.ticks(2);
    const [first] = flowsTo(serverPort);
    assert.ok(first);
    assert.equal(first.key.interface, linkName);
    assert.equal(first.owner.certainty, 'exact');
    assert.deepEqual([peer.processOf(first)?.pid, peer.processOf(first)?.executable], [client.pid, process.execPath]);
    assert.ok(first.rxBytes > 20_000 && first.txBytes < 2000);
    const names = peer.messages.flatMap((message) => (message.kind === 'names' ? message.names : []));
    assert.ok(names.some((name) => name.kind === 'flow' && name.flow === first.flow && name.name === 'www.example.com'));
  });

  it('counts every plain request of a connection that is used again and again', async () => {
    const rounds = 40;
    const code = `const agent = new (require('http').Agent)({ keepAlive: true, maxSockets: 1 });
      (async () => { for (let n = 0; n < ${rounds}; n += 1) await new Promise((done) => require('http').get({ host: '${peerAddresses.com}',
        port: ${serverPort}, path: '/many/' + n + '?secret=1', headers: { host: 'many.example.com' }, agent }, (answer) => answer.on('end', done).resume())); process.exit(); })();`;
    await network.client.start(process.execPath, ['-e', code]).ended;
    await peer.ticks(2);
    const sums = peer.messages.flatMap((message) => (message.kind === 'http' ? message.hosts.filter(({ host }) => host === 'many.example.com') : []));
    const total = (numbers: readonly (number | undefined)[]): number => numbers.reduce<number>((sum, one) => sum + (one ?? 0), 0);
    assert.equal(total(sums.map(({ sections }) => sections['/many'])), rounds);
    assert.equal(total(sums.map(({ statuses }) => statuses['200'])), rounds);
    assert.ok(!JSON.stringify(peer.messages).includes('secret'));
  });

  it('never names a wrong owner of many that live shortly, and knows nearly all', async () => {
    const before = new Set(flowsTo(serverPort).map(({ flow }) => flow));
    const pids: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const client = network.client.start(process.execPath, ['-e', fetchCode]);
      pids.push(client.pid);
      await client.ended;
    }
    await peer.ticks(2);
    const flows = flowsTo(serverPort).filter(({ flow, opened }) => opened && !before.has(flow));
    assert.equal(flows.length, 10);
    const named = flows.map((flow) => peer.processOf(flow)?.pid).filter((pid) => pid !== undefined);
    assert.deepEqual(named.filter((pid) => !pids.includes(pid)), []);
    assert.ok(named.length >= 8, `${named.length} of 10 named`);
  });

  it('names the sender of datagrams from a socket that is bound to no address', async () => {
    const code = `const s = require('dgram').createSocket('udp4'); s.bind(() => setInterval(() => s.send('hello', 5353, '${peerAddresses.com}'), 50));`;
    await using client = network.client.start(process.execPath, ['-e', code]);
    const flow = await until('the flow', 10_000, () => flowsTo(5353).find(({ owner }) => owner.certainty === 'exact'));
    assert.equal(peer.processOf(flow)?.pid, client.pid);
  });

  it('tells in each interval as many bytes as its flows have', () => {
    let sum = 0;
    for (const message of peer.messages) {
      if (message.kind === 'flows') sum += message.flows.reduce((total, { rxBytes, txBytes }) => total + rxBytes + txBytes, 0);
      if (message.kind !== 'tick') continue;
      assert.equal(sum, message.interfaces.reduce((total, { bytes }) => total + bytes, 0));
      sum = 0;
    }
  });

  it('keeps counting while nobody listens, and hands it all over to the next service', async () => {
    peer.socket.destroy();
    const counter = (): number => Number(readCounter(network.client.name));
    const start = counter();
    for (let round = 0; round < 3; round += 1) await network.client.run(process.execPath, ['-e', fetchCode]);
    const counted = counter() - start;
    await until('the helper to serve again', 10_000, async () => {
      peer = await helper.connect();
      return peer.messages[0]?.kind === 'hello';
    });
    const tick = await peer.until('a tick', ({ kind }) => kind === 'tick');
    assert.ok(tick.kind === 'tick');
    const bytes = flowsTo(serverPort).reduce((sum, { rxBytes, txBytes }) => sum + rxBytes + txBytes, 0);
    assert.ok(bytes > 60_000 && bytes <= counted, `${bytes} of ${counted} bytes`);
    assert.equal(flowsTo(serverPort).filter(({ opened }) => opened).length, 3);
  });

  it('says that an interface vanished, keeps the others, and goes on when it is back', async () => {
    network.addSecondLink();
    await peer.configure({ interfaces: [linkName, secondLinkName] });
    const is = (name: string, state: string): Promise<unknown> =>
      until(`${name} ${state}`, 10_000, () => {
        const last = peer.messages.findLast((message) => message.kind === 'interfaces');
        return last?.kind === 'interfaces' && last.interfaces.some((one) => one.name === name && one.state === state);
      });
    await is(secondLinkName, 'capturing');
    network.removeSecondLink();
    const trouble = await peer.until('the trouble', (message) => message.kind === 'trouble' && message.trouble.code === 'interface-vanished');
    assert.ok(trouble.kind === 'trouble' && trouble.trouble.subject === secondLinkName && trouble.trouble.remedy !== '');
    await is(linkName, 'capturing');
    network.addSecondLink();
    await peer.until('the end of the trouble', (message) => message.kind === 'trouble' && message.trouble.code === 'interface-vanished' && message.trouble.over);
    await is(secondLinkName, 'capturing');
  });

  it('says what is wrong with a filter, and measures again with a right one', async () => {
    peer.say({ kind: 'configure', configuration: { interfaces: 'edges', filter: 'prot 80', promiscuous: false, loopback: false } });
    await peer.until('bad-filter', (message) => message.kind === 'trouble' && message.trouble.code === 'bad-filter');
    await peer.configure({ filter: 'tcp' });
    await peer.until('its end', (message) => message.kind === 'trouble' && message.trouble.code === 'bad-filter' && message.trouble.over);
  });

  it('rests while paused', async () => {
    peer.say({ kind: 'pause' });
    await peer.until('a paused tick', (message) => message.kind === 'tick' && message.paused);
    peer.say({ kind: 'resume' });
    await peer.ticks(1);
    const last = await until('a tick that is not paused', 10_000, () => {
      const tick = peer.messages.findLast(({ kind }) => kind === 'tick');
      return tick?.kind === 'tick' && !tick.paused;
    });
    assert.ok(last);
  });

  it('opens no file for writing and no connection, and starts nothing', () => {
    const { pid } = helper.process;
    assert.ok(pid !== undefined);
    const open = readdirSync(`/proc/${pid}/fd`).map((descriptor) => readlink(`/proc/${pid}/fd/${descriptor}`));
    assert.deepEqual(open.filter((target) => target.startsWith('/') && !target.startsWith('/dev/null')), []);
    const children = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')).join('').trim();
    assert.equal(children, '');
  });
});

function readlink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Received bytes of the first link, from inside its namespace. */
function readCounter(namespace: string): string {

  const words = ['netns', 'exec', namespace, 'cat', `/sys/class/net/${linkName}/statistics/rx_bytes`, `/sys/class/net/${linkName}/statistics/tx_bytes`];
  const [rx = '0', tx = '0'] = spawnSync('ip', words, { encoding: 'utf8' }).stdout.split('\n');
  return String(Number(rx) + Number(tx));
}
