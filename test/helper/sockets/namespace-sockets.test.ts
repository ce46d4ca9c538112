import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { ListedSockets } from '../../../helper/sockets/listed-sockets.ts';
import { NamespaceSockets, parseIpv6, parseLocalIpv4 } from '../../../helper/sockets/namespace-sockets.ts';
import type { OwnerAnswer } from '../../../helper/sockets/owner-source.ts';
import { ProcessTable } from '../../../helper/sockets/process-table.ts';
import { Processes } from '../../../helper/sockets/processes.ts';
import { SocketHolders } from '../../../helper/sockets/socket-holders.ts';
import { Namespace } from '../../scenario/harness/namespace.ts';
import type { Program } from '../../scenario/harness/program.ts';
import { missingPrograms } from '../../scenario/harness/requirements.ts';
import { until } from '../../scenario/harness/until.ts';

const fibTrie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.2
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
`;

describe('The addresses of a network namespace', () => {
  it('are the local leaves of its routes, and no broadcast address or network', () => {
    assert.deepEqual([...parseLocalIpv4(fibTrie)], ['192.0.2.2']);
  });

  it('are those of its table of IPv6 addresses, in their canonical form', () => {
    const table = '20010db8000000000000000000000011 02 40 00 80    tide0\n00000000000000000000000000000001 01 80 10 80       lo\n';
    assert.deepEqual([...parseIpv6(table)], ['2001:db8::11', '::1']);
  });

  it('are none in any other text', () => {
    fc.assert(fc.property(fc.string(), (text) => parseLocalIpv4(text).size === 0 && parseIpv6(text).size === 0));
  });
});

/** Serves TCP and UDP on all addresses, connects to itself at `address`, and says which port its end of that has. */
const program = (address: string): string => `
  const { createServer, connect } = require('node:net');
  require('node:dgram').createSocket('udp4').bind(5353, () => {
    const server = createServer().listen(8080, '0.0.0.0', () => {
      const client = connect({ port: 8080, host: '${address}', localAddress: '${address}' }, () => console.log(client.localPort));
    });
  });`;

const whyPending = process.getuid?.() === 0 ? missingPrograms(['ip']) : 'pending: network namespaces need root';

describe('Sockets of other network namespaces, without the owner map', { skip: whyPending ?? false }, () => {
  const addresses = ['10.77.0.2', '10.77.0.3', '10.77.0.3'];
  const namespaces: Namespace[] = [];
  const programs: Program[] = [];
  let now = 0;
  let sockets: NamespaceSockets;

  before(async () => {
    for (const [index, address] of addresses.entries()) {
      const namespace = new Namespace(`tw-${process.pid}-elsewhere${index}`);
      namespaces.push(namespace);
      spawnSync('ip', ['-netns', namespace.name, 'address', 'add', `${address}/32`, 'dev', 'lo']);
      programs.push(namespace.start(process.execPath, ['-e', program(address)]));
    }
    for (const one of programs) await until('the program to be connected', 10_000, () => one.stdout !== '');
    const listed = new ListedSockets({ holders: new SocketHolders(new ProcessTable()), processes: new Processes() });
    sockets = new NamespaceSockets({ listed, monotonic: () => now });
  });
  after(async () => {
    await Promise.all(programs.map((one) => one.stop('SIGKILL')));
    for (const namespace of namespaces) namespace.remove();
  });

  function ownerOf(protocol: number, localAddress: string, localPort: number, remotePort: number): OwnerAnswer | null {
    now += 10_000;
    const [answer] = sockets.ownersOf([{ protocol, localAddress, localPort, remoteAddress: localAddress, remotePort }]);
    return answer ?? null;
  }

  const said = (answer: OwnerAnswer | null): unknown => [answer?.certainty, answer !== null && 'process' in answer ? answer.process.pid : null];

  it('name the process of a connection, exactly', () => {
    const port = Number(programs[0]?.stdout);
    assert.deepEqual(said(ownerOf(6, '10.77.0.2', port, 8080)), ['exact', programs[0]?.pid]);
    assert.deepEqual(said(ownerOf(6, '10.77.0.2', 8080, port)), ['exact', programs[0]?.pid], 'the end that was accepted, too');
  });

  it('name whoever has a port in the namespace of the address, though each has that port', () => {
    assert.deepEqual(said(ownerOf(17, '10.77.0.2', 5353, 40_000)), ['exact', programs[0]?.pid]);
  });

  it('name nobody exactly where two namespaces have the address', () => {
    assert.equal(ownerOf(17, '10.77.0.3', 5353, 40_000)?.certainty, 'inferred', 'both run one program');
  });

  it('know nothing of a connection that nobody has, of an address that no namespace has, and of our own namespace', () => {
    assert.equal(ownerOf(6, '10.77.0.2', 8080, 1), null);
    assert.equal(ownerOf(17, '10.77.0.9', 5353, 40_000), null);
    assert.equal(ownerOf(17, '127.0.0.1', 1, 40_000), null);
  });

  it('are found as soon as the namespace is there, not only when the next look is due', async () => {
    const namespace = new Namespace(`tw-${process.pid}-elsewhere9`);
    namespaces.push(namespace);
    spawnSync('ip', ['-netns', namespace.name, 'address', 'add', '10.77.0.9/32', 'dev', 'lo']);
    const late = namespace.start(process.execPath, ['-e', program('10.77.0.9')]);
    programs.push(late);
    await until('the program to be connected', 10_000, () => late.stdout !== '');
    now += 300;
    const [answer] = sockets.ownersOf([{ protocol: 17, localAddress: '10.77.0.9', localPort: 5353, remoteAddress: '10.77.0.1', remotePort: 9 }]);
    assert.deepEqual(said(answer ?? null), ['exact', late.pid]);
  });
});
