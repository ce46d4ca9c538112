import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openOwnerMap } from '../../../helper/native/ebpf/index.ts';
import type { FlowOwner, OwnerMap } from '../../../helper/native/ebpf/index.ts';
import { until } from '../harness/until.ts';
import { whyOwnerMapPending } from './requirements.ts';
import { createTrafficNamespace, endsOf } from './short-lived.ts';
import type { Ends, TrafficNamespace } from './short-lived.ts';

const tcp = 6;
const udp = 17;
const icmp = 1;
const experimental = 253;

/** A port on which nobody listens: what is sent there is counted all the same. */
const nobodysPort = 9;

describe('The owner map', { skip: whyOwnerMapPending() ?? false }, () => {
  let traffic: TrafficNamespace;
  let map: OwnerMap;

  before(() => {
    traffic = createTrafficNamespace();
    map = openOwnerMap();
  });
  after(() => {
    map.close();
    traffic[Symbol.dispose]();
  });

  function found(protocol: number, address: string, ends: Ends): Promise<FlowOwner> {
    return until('the flow to be in the map', 5000, () => map.findElsewhere(protocol, address, ends.localPort, address, ends.remotePort));
  }

  /** A thread hears of executables a moment after the kernel told them. */
  function executableOf(owner: FlowOwner): Promise<string> {
    return until('the executable to be told', 5000, () => map.describe(owner.pid, owner.since)?.executable);
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

  for (const address of ['127.0.0.1', '::1']) {
    it(`names a TCP client that is gone, and its executable (${address})`, async () => {
      const { client } = await connection(address);
      const owner = await found(tcp, address, client);
      assert.equal(owner.pid, client.pid);
      assert.equal(owner.evidence, 'used');
      assert.equal(await executableOf(owner), traffic.program);
    });

    it(`names the process that accepted a connection (${address})`, async () => {
      const { server } = await connection(address);
      const owner = await found(tcp, address, server);
      assert.equal(owner.pid, server.pid);
      assert.equal(owner.evidence, 'used');
    });

    for (const way of ['udp', 'udp-connected']) {
      it(`names the sender of one datagram (${way}, ${address})`, async () => {
        const ends = traffic.run(way, address, nobodysPort);
        const owner = await found(udp, address, ends);
        assert.equal(owner.pid, ends.pid);
        assert.equal(await executableOf(owner), traffic.program);
      });
    }
  }

  it('names the child that sent on a socket its parent had opened', async () => {
    const ends = traffic.run('inherit', '127.0.0.1', nobodysPort);
    const owner = await found(udp, '127.0.0.1', ends);
    assert.equal(owner.pid, ends.pid);
    assert.equal(owner.shared, false, 'opening a socket is not using it');
    assert.equal(await executableOf(owner), traffic.program);
  });

  it('names senders of any IP protocol, which have no ports', async () => {
    const raw = traffic.run('raw', '127.0.0.1', 0);
    assert.equal((await found(experimental, '127.0.0.1', raw)).pid, raw.pid);
    const echo = traffic.run('echo', '127.0.0.1', 0);
    assert.equal((await found(icmp, '127.0.0.1', echo)).pid, echo.pid);
  });

  it('does not give a flow to a raw socket that only overhears it', async () => {
    const listener = traffic.namespace.start(traffic.program, ['overhear', '127.0.0.1', '0']);
    await until('the listener to listen', 5000, () => listener.stdout !== '');
    const echo = traffic.run('echo', '127.0.0.3', 0);
    await listener.ended;
    assert.equal(map.findElsewhere(icmp, '127.0.0.1', 0, '127.0.0.3', 0)?.pid, echo.pid);
    assert.equal(map.findElsewhere(icmp, '127.0.0.3', 0, '127.0.0.1', 0), null, 'what arrived at 127.0.0.3 is nobody\'s');
  });

  it('tells that another process had the same ends before', () => {
    const first = traffic.run('raw', '127.0.0.2', 0);
    const second = traffic.run('raw', '127.0.0.2', 0);
    const owner = map.findElsewhere(experimental, '127.0.0.1', 0, '127.0.0.2', 0);
    assert.equal(owner?.pid, second.pid);
    assert.equal(owner.previousPid, first.pid);
    assert.ok(owner.previousMilliseconds < 60_000);
  });

  it('names who sends frames of its own making', () => {
    const ends = traffic.run('frame', '127.0.0.1', 0);
    const owner = map.findElsewhere(experimental, '192.0.2.1', 0, '192.0.2.2', 0);
    assert.equal(owner?.pid, ends.pid);
    assert.equal(owner.cookie, '0');
  });

  it('knows nothing of ends that no socket has', () => {
    assert.equal(map.find(tcp, '192.0.2.1', 1, '192.0.2.2', 2), null);
  });

  it('counts what it has seen, and loses no announcement of a quiet machine', () => {
    const counters = map.counters();
    assert.ok(counters.flowsAdded > 0 && counters.flowsAdded < counters.flowsBound);
    assert.ok(counters.announcements > 0);
    assert.equal(counters.announcementsLost, 0);
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
      const sent = traffic.run('udp', '127.0.0.1', nobodysPort);
      assert.equal(map.findElsewhere(udp, '127.0.0.1', sent.localPort, '127.0.0.1', nobodysPort)?.pid, sent.pid);
      const server = traffic.namespace.start(traffic.program, ['serve', '127.0.0.1', '0']);
      const listening = await until('the server to listen', 5000, () => endsOf(server.stdout)[0]);
      const client = traffic.run('tcp', '127.0.0.1', listening.localPort);
      const owner = await until('the accepted connection to be in the map', 5000, () =>
        map.findElsewhere(tcp, '127.0.0.1', listening.localPort, '127.0.0.1', client.localPort));
      assert.equal(owner.pid, listening.pid);
      assert.equal(owner.evidence, 'accepted');
    } finally {
      map.close();
    }
  });
});
