import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Joining, UsageWindow } from '../../core/attribution/index.ts';
import { createScopes } from '../../core/flow/scope.ts';
import { createNaming } from '../../core/naming/index.ts';
import type { Naming } from '../../core/naming/index.ts';
import { ReverseNames, systemReverseLookUp } from '../../service/reverse-names.ts';
import { DrivenClock, settled, until } from './driven-clock.ts';
import { deltaOf, serverName, statusOf, tickOf } from './measurements.ts';

const start = Date.UTC(2026, 4, 1, 12);
const hour = 3_600_000;

let clock: DrivenClock;
let names: Naming;
let joining: Joining;
let reverse: ReverseNames;
let asked: string[];
/** Answers of look-ups that are under way, by address. */
let answers: Map<string, (name: string | null) => void>;
let flows: number;

beforeEach(() => {
  clock = new DrivenClock(start);
  names = createNaming();
  joining = new Joining({ names, scopeOf: createScopes([]), home: { kind: 'none' } });
  joining.interfaces([statusOf('eth0', 'physical'), statusOf('docker0', 'bridge')]);
  asked = [];
  answers = new Map();
  flows = 0;
  const lookUp = (address: string): Promise<string | null> => {
    asked.push(address);
    return new Promise((resolve) => answers.set(address, resolve));
  };
  reverse = new ReverseNames({ clock, lookUp, seen: (name) => names.see(name, null) });
});

/** A second in which connections to these addresses moved bytes. Gives what each was called. */
function second(remotes: readonly string[], device = 'eth0'): readonly (string | null)[] {
  const deltas = remotes.map((remote) => {
    flows += 1;
    return deltaOf({ flow: flows, rx: 10, tx: 10, at: clock.now(), remote, interface: device });
  });
  joining.flows(deltas);
  const interval = joining.close(tickOf(clock.now(), deltas));
  reverse.consider(interval);
  return interval.flows.map(({ name }) => (name === null ? null : `${name.source} ${name.name}`));
}

async function answer(address: string, name: string | null): Promise<void> {
  answers.get(address)?.(name);
  await settled();
}

describe('names by reverse DNS', () => {
  it('are asked for where a connection has no other name, and shown from then on', async () => {
    assert.deepEqual(second(['203.0.113.7']), [null]);
    assert.deepEqual(asked, ['203.0.113.7']);
    await answer('203.0.113.7', 'Server-7.Example.NET.');
    assert.deepEqual(second(['203.0.113.7']), ['reverse-dns server-7.example.net']);
  });

  it('give way to every other name', async () => {
    second(['203.0.113.7']);
    await answer('203.0.113.7', 'server-7.example.net');
    names.see(serverName(flows + 1, 'www.example.org', clock.now()), null);
    assert.deepEqual(second(['203.0.113.7']), ['tls-sni www.example.org']);
  });

  it('do not go into the history, which keeps the address', async () => {
    second(['203.0.113.7']);
    await answer('203.0.113.7', 'server-7.example.net');
    const delta = deltaOf({ flow: 99, rx: 10, tx: 10, at: clock.now(), remote: '203.0.113.7' });
    joining.flows([delta]);
    const window = new UsageWindow(names);
    window.add(joining.close(tickOf(clock.now(), [delta])));
    assert.deepEqual(window.take(clock.now()).map(({ host }) => host), [{ kind: 'address', address: '203.0.113.7' }]);
  });

  it('are never asked for addresses that are private, link-local, multicast or of this machine', () => {
    const own = ['10.0.0.1', '172.16.3.4', '192.168.1.1', '100.64.0.1', '169.254.1.1', '127.0.0.1', '224.0.0.251', '255.255.255.255', '0.0.0.0'];
    const ownSix = ['fe80::1', 'fc00::1', 'fd12::1', 'ff02::fb', '::1', '::'];
    second([...own, ...ownSix]);
    assert.deepEqual(asked, []);
  });

  it('are not asked for what is inside this machine, nor for networks that count as local', () => {
    second(['203.0.113.7'], 'docker0');
    joining = new Joining({ names, scopeOf: (address) => (address.startsWith('203.0.113.') ? 'lan' : 'internet'), home: { kind: 'none' } });
    joining.interfaces([statusOf('eth0', 'physical')]);
    second(['203.0.113.8']);
    assert.deepEqual(asked, []);
  });

  it('are asked for once, for hours, whether there is a name or not', async () => {
    second(['203.0.113.7', '203.0.113.8']);
    await answer('203.0.113.7', null);
    await answer('203.0.113.8', 'not a name');
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(hour);
      second(['203.0.113.7', '203.0.113.8']);
    }
    assert.deepEqual(asked, ['203.0.113.7', '203.0.113.8']);
    await clock.advance(4 * hour);
    second(['203.0.113.7']);
    assert.deepEqual(asked.slice(2), ['203.0.113.7']);
  });

  it('are asked for two at a time and five a second; the rest waits', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `203.0.113.${index + 1}`);
    second(many);
    assert.equal(asked.length, 2);
    for (let done = 0; done < 12; done += 1) await answer(many[done] ?? '', null);
    assert.equal(asked.length, 5);
    second([]);
    await until(() => asked.length === 7, 'two more of the next second');
    for (const address of many) await answer(address, null);
    assert.equal(asked.length, 10);
    assert.deepEqual(new Set(asked).size, 10);
  });

  it('are bounded however many addresses come', () => {
    for (let block = 0; block < 20; block += 1) second(Array.from({ length: 250 }, (_, index) => `203.0.${block}.${index + 1}`));
    assert.ok(asked.length <= 2, `${asked.length} under way`);
  });

  it('of the real system resolver are a name or none, and never an error', async () => {
    assert.equal(await systemReverseLookUp('not an address'), null);
    const own = await systemReverseLookUp('127.0.0.1');
    assert.ok(own === null || own.length > 0);
  });
});
