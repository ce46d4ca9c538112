import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openOwnerMap } from '../../../helper/native/ebpf/index.ts';
import type { FlowOwner, OwnerMap } from '../../../helper/native/ebpf/index.ts';
import type { Program } from '../../scenario/harness/program.ts';
import { until } from '../../scenario/harness/until.ts';
import { whyOwnerMapPending } from './requirements.ts';
import { createTrafficNamespace, endsOf } from './short-lived.ts';
import type { Ends, TrafficNamespace } from './short-lived.ts';

const tcp = 6;
const udp = 17;
const icmp = 1;
const experimental = 253;

/** A port on which nobody listens: what is sent there is counted all the same. */
const nobodysPort = 9;

/** Where what is sent to an address of loopback comes from. */
function senderTo(address: string): string {
  return address.includes(':') ? '::1' : '127.0.0.1';
}

describe('The owner map, loaded twice at once', { skip: whyOwnerMapPending() ?? false }, () => {
  let traffic: TrafficNamespace;
  /** Runs since before the maps were loaded. */
  let elder: Program;
  let map: OwnerMap;
  let maps: readonly OwnerMap[];

  before(async () => {
    traffic = createTrafficNamespace();
    elder = traffic.namespace.start(traffic.program, ['inherit-later', traffic.address(9), String(nobodysPort)]);
    await until('the elder to be there', 5000, () => elder.stdout !== '');
    map = openOwnerMap();
    maps = [map, openOwnerMap()];
  });
  after(() => {
    for (const one of maps) one.close();
    traffic[Symbol.dispose]();
  });

  /** The owner as both maps tell it. */
  async function found(protocol: number, local: string, ends: Ends, remote: string): Promise<FlowOwner> {
    const owners: FlowOwner[] = [];
    for (const one of maps) {
      owners.push(await until('the flow to be in the map', 5000, () => one.findElsewhere(protocol, local, ends.localPort, remote, ends.remotePort)));
    }
    const [owner] = owners;
    assert.ok(owner !== undefined);
    const facts = ({ pid, evidence, shared, cookie }: FlowOwner): object => ({ pid, evidence, shared, cookie });
    for (const other of owners) assert.deepEqual(facts(other), facts(owner), 'both maps tell the same');
    return owner;
  }

  /** A thread hears of executables a moment after the kernel told them. */
  async function assertRuns(owner: FlowOwner, executable: string): Promise<void> {
    for (const one of maps) {
      assert.equal(await until('the executable to be told', 5000, () => one.describe(owner.pid, owner.since)?.executable), executable);
    }
  }

  /** Runs a server and a client that connects to it, both to their end. */
  async function connection(address: string): Promise<{ readonly client: Ends; readonly server: Ends }> {
    const server = traffic.namespace.start(traffic.program, ['serve', address, '0']);
    const listening = await until('the server to listen', 5000, () => endsOf(server.stdout)[0]);
    const client = traffic.run('tcp', address, listening.localPort);
    await server.ended;
    const [, accepted] = endsOf(server.stdout);
    assert.ok(accepted);
    return { client, server: accepted };
  }

  for (const family of ['IPv4', 'IPv6']) {
    const address = (): string => (family === 'IPv4' ? traffic.address(1) : '::1');

    it(`names a TCP client that is gone, and its executable (${family})`, async () => {
      const { client } = await connection(address());
      const owner = await found(tcp, senderTo(address()), client, address());
      assert.equal(owner.pid, client.pid);
      assert.equal(owner.evidence, 'used');
      await assertRuns(owner, traffic.program);
    });

    it(`names the process that accepted a connection (${family})`, async () => {
      const { server } = await connection(address());
      const owner = await found(tcp, address(), server, senderTo(address()));
      assert.equal(owner.pid, server.pid);
      assert.equal(owner.evidence, 'used');
    });

    for (const way of ['udp', 'udp-connected']) {
      it(`names the sender of one datagram (${way}, ${family})`, async () => {
        const ends = traffic.run(way, address(), nobodysPort);
        const owner = await found(udp, senderTo(address()), ends, address());
        assert.equal(owner.pid, ends.pid);
        await assertRuns(owner, traffic.program);
      });
    }
  }

  it('names the child that sent on a socket its parent had opened, and what it runs without ever having called exec', async () => {
    // One child alone may still be there when somebody reads /proc.
    for (let born = 0; born < 40; born += 1) {
      const ends = traffic.run('inherit', traffic.address(2), nobodysPort);
      const owner = await found(udp, '127.0.0.1', ends, traffic.address(2));
      assert.equal(owner.pid, ends.pid);
      assert.equal(owner.shared, false, 'opening a socket is not using it');
      await assertRuns(owner, traffic.program);
    }
  });

  it('names the child of a process that is older than the map', async () => {
    elder.kill('SIGUSR1');
    await elder.ended;
    const [, child] = endsOf(elder.stdout);
    assert.ok(child !== undefined && child.pid !== elder.pid);
    const owner = await found(udp, '127.0.0.1', child, traffic.address(9));
    assert.equal(owner.pid, child.pid);
    await assertRuns(owner, traffic.program);
  });

  it('names senders of any IP protocol, which have no ports', async () => {
    const raw = traffic.run('raw', traffic.address(3), 0);
    assert.equal((await found(experimental, '127.0.0.1', raw, traffic.address(3))).pid, raw.pid);
    const echo = traffic.run('echo', traffic.address(3), 0);
    assert.equal((await found(icmp, '127.0.0.1', echo, traffic.address(3))).pid, echo.pid);
  });

  it('does not give a flow to a raw socket that only overhears it', async () => {
    const address = traffic.address(4);
    const listener = traffic.namespace.start(traffic.program, ['overhear', '127.0.0.1', '0']);
    await until('the listener to listen', 5000, () => listener.stdout !== '');
    const echo = traffic.run('echo', address, 0);
    await listener.ended;
    assert.equal(map.findElsewhere(icmp, '127.0.0.1', 0, address, 0)?.pid, echo.pid);
    assert.equal(map.findElsewhere(icmp, address, 0, '127.0.0.1', 0), null, 'what arrived there is nobody\'s');
  });

  it('tells that another process had the same ends before', async () => {
    const address = traffic.address(5);
    const first = traffic.run('raw', address, 0);
    const second = traffic.run('raw', address, 0);
    const owner = await found(experimental, '127.0.0.1', second, address);
    assert.equal(owner.pid, second.pid);
    assert.equal(owner.previousPid, first.pid);
    assert.ok(owner.previousMilliseconds < 60_000);
  });

  it('names nobody where two namespaces have the same ends at one time', async () => {
    using other = createTrafficNamespace();
    const address = traffic.address(6);
    const first = traffic.run('raw', address, 0);
    assert.equal((await found(experimental, '127.0.0.1', first, address)).pid, first.pid);
    other.run('raw', address, 0);
    await until('the other to be known', 5000, () => map.findElsewhere(experimental, '127.0.0.1', 0, address, 0) === null);
  });

  it('names who sends frames of its own making', async () => {
    const address = traffic.address(7);
    const ends = traffic.run('frame', address, 0);
    const owner = await found(experimental, '192.0.2.1', ends, address);
    assert.equal(owner.pid, ends.pid);
    assert.equal(owner.cookie, '0');
  });

  it('knows nothing of ends that no socket has', () => {
    assert.equal(map.find(tcp, '192.0.2.1', 1, '192.0.2.2', 2), null);
  });

  it('counts what it has seen, and loses no announcement of a quiet machine', () => {
    for (const counters of maps.map((one) => one.counters())) {
      assert.ok(counters.flowsAdded > 0 && counters.flowsAdded < counters.flowsBound);
      assert.ok(counters.announcements > 0);
      assert.equal(counters.announcementsLost, 0);
    }
  });

  it('refuses arguments that are no addresses, ports or pids', () => {
    assert.throws(() => map.find(tcp, 'nowhere', 1, '127.0.0.1', 1), TypeError);
    assert.throws(() => map.find(tcp, '127.0.0.1', 65_536, '127.0.0.1', 1), TypeError);
    assert.throws(() => map.describe(0, 1), TypeError);
  });
});

describe('The owner map without the programs that need kernel type information', { skip: whyOwnerMapPending() ?? false }, () => {
  it('still names who connects and sends, and takes over the listener for what is accepted', async () => {
    using traffic = createTrafficNamespace();
    const map = openOwnerMap({ leftOut: ['users', 'frames', 'executables', 'exits', 'namespaces'] });
    try {
      assert.deepEqual(map.groups(), ['addresses']);
      const address = traffic.address(1);
      const sent = traffic.run('udp', address, nobodysPort);
      const sender = await until('the datagram to be in the map', 5000, () => map.findElsewhere(udp, '127.0.0.1', sent.localPort, address, nobodysPort));
      assert.equal(sender.pid, sent.pid);
      const server = traffic.namespace.start(traffic.program, ['serve', address, '0']);
      const listening = await until('the server to listen', 5000, () => endsOf(server.stdout)[0]);
      const client = traffic.run('tcp', address, listening.localPort);
      const owner = await until('the accepted connection to be in the map', 5000, () =>
        map.findElsewhere(tcp, address, listening.localPort, '127.0.0.1', client.localPort));
      assert.equal(owner.pid, listening.pid);
      assert.equal(owner.evidence, 'accepted');
    } finally {
      map.close();
    }
  });
});
