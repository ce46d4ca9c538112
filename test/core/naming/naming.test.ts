import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createNaming, fileNamingLimits } from '../../../core/naming/index.ts';
import type { Naming } from '../../../core/naming/index.ts';
import type { AppId } from '../../../protocol/app.ts';
import { AppId as AppIdSchema } from '../../../protocol/app.ts';
import type { NameSeen } from '../../../protocol/flow.ts';
import { flowId } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';

const start = 1_700_000_000_000;
const address = '203.0.113.5';
const browser = AppIdSchema.parse('/usr/bin/browser');
const updater = AppIdSchema.parse('/usr/bin/updater');
const hour = 3600;

type Source = Extract<NameSeen, { kind: 'address' }>['source'];

/** An answer, `seconds` after the start. */
function answer(name: string, seconds: number, source: Source = 'dns', changes: { address?: string; ttlSeconds?: number } = {}): NameSeen {
  return { kind: 'address', source, name, address, ttlSeconds: 60, time: epochMs(start + seconds * 1000), flow: null, ...changes };
}

function carried(name: string, seconds: number, source: 'tls-sni' | 'http-host' = 'tls-sni', encryptedClientHello = false): NameSeen {
  return { kind: 'flow', flow: flowId(1), source, name, time: epochMs(start + seconds * 1000), encryptedClientHello };
}

/** The name of flow 1, which was opened so many seconds after the start. */
function nameOf(naming: Naming, { app = browser, opened = 100, now = opened, flow = 1, remote = address }: { app?: AppId | null; opened?: number; now?: number; flow?: number; remote?: string } = {}): string | null {
  const found = naming.nameOf({ flow: flowId(flow), remoteAddress: remote, app, now: epochMs(start + now * 1000), openedAt: epochMs(start + opened * 1000) });
  return found === null ? null : `${found.source} ${found.name}`;
}

/** Evidence of every kind for one address, the weakest first, and what a flow is called with it. */
const evidence: readonly (readonly [string, (naming: Naming) => void, string])[] = [
  ['reverse DNS', (naming) => naming.see(answer('edge7.cdn.example', 99, 'reverse-dns'), null), 'reverse-dns edge7.cdn.example'],
  ['a name of the LAN', (naming) => naming.see(answer('nas.local', 99, 'mdns'), null), 'mdns nas.local'],
  ['DNS of another app', (naming) => naming.see(answer('other.example', 99), updater), 'dns other.example'],
  ['DNS of the same app within seconds', (naming) => naming.see(answer('mine.example', 95), browser), 'dns mine.example'],
  ['the name that the flow carried', (naming) => naming.see(carried('www.example.com', 101), null), 'tls-sni www.example.com'],
];

describe('The name of a flow', () => {
  it('is not known without evidence', () => assert.equal(nameOf(createNaming()), null));

  for (const [index, [kind, , expected]] of evidence.entries()) {
    it(`is what ${kind} says, unless there is something better, in whatever order it came`, () => {
      fc.assert(
        fc.property(fc.shuffledSubarray(evidence.slice(0, index + 1), { minLength: index + 1 }), (known) => {
          const naming = createNaming();
          for (const [, see] of known) see(naming);
          assert.equal(nameOf(naming), expected);
        }),
      );
    });
  }

  it('is what the resolver answered within seconds, before older DNS of the same app', () => {
    const naming = createNaming();
    naming.see(answer('old.example', 60), browser);
    naming.see(answer('new.example', 98, 'resolver'), null);
    assert.equal(nameOf(naming), 'resolver new.example');
  });

  it('is the newest answer of those that came before it', () => {
    const naming = createNaming();
    for (const [name, seconds] of [['older.example', 20], ['newest.example', 80], ['old.example', 50]] as const) naming.see(answer(name, seconds), updater);
    assert.equal(nameOf(naming), 'dns newest.example');
  });

  it('is an answer that first came shortly after it began only where none came before', () => {
    const naming = createNaming();
    naming.see(answer('late.example', 105), browser);
    assert.equal(nameOf(naming), 'dns late.example');
    naming.see(answer('before.example', 90), updater);
    assert.equal(nameOf(naming, { flow: 2 }), 'dns before.example');
  });

  it('is never an answer that first came long after it began, and in a file none that came after', () => {
    const [live, file] = [createNaming(), createNaming(fileNamingLimits)];
    live.see(answer('later.example', 111), browser);
    file.see(answer('later.example', 100.001), browser);
    assert.equal(nameOf(live, { now: 112 }), null);
    assert.equal(nameOf(file, { now: 112 }), null);
    assert.equal(nameOf(file, { flow: 2, opened: 112 }), 'dns later.example');
  });

  it('stays what the first name was that the flow carried', () => {
    const naming = createNaming();
    naming.see(carried('first.example', 100, 'http-host'), null);
    naming.see(carried('second.example', 101, 'http-host'), null);
    naming.see(carried('third.example', 102, 'tls-sni'), null);
    assert.equal(nameOf(naming), 'http-host first.example');
  });

  it('is known better where TLS inside a proxied connection says the same', () => {
    const naming = createNaming();
    naming.see(carried('www.example.com', 100, 'http-host'), null);
    naming.see(carried('www.example.com', 101, 'tls-sni'), null);
    assert.equal(nameOf(naming), 'tls-sni www.example.com');
  });

  it('stays when the answer expires, when others come, and when the cache forgets it', () => {
    const naming = createNaming({ maximumAddresses: 4 });
    naming.see(answer('www.example.com', 95, 'dns', { ttlSeconds: 0 }), browser);
    assert.equal(nameOf(naming), 'dns www.example.com');
    naming.see(answer('elsewhere.example', 200), browser);
    for (let host = 0; host < 20; host += 1) naming.see(answer('flood.example', 201, 'dns', { address: `198.51.100.${host}` }), updater);
    naming.age(epochMs(start + 100 * hour * 1000));
    assert.equal(nameOf(naming, { now: 100 * hour }), 'dns www.example.com');
  });

  it('becomes better when the owner of the flow is found late', () => {
    const naming = createNaming();
    naming.see(answer('mine.example', 95), browser);
    naming.see(answer('other.example', 99), updater);
    assert.equal(nameOf(naming, { app: null }), 'dns other.example');
    assert.equal(nameOf(naming, { now: 400 }), 'dns mine.example');
  });

  it('is known for hours after an answer with a short time to live, and then no more', () => {
    const naming = createNaming();
    naming.see(answer('www.example.com', 0, 'dns', { ttlSeconds: 0 }), updater);
    assert.equal(nameOf(naming, { opened: 5 * hour }), 'dns www.example.com');
    assert.equal(nameOf(naming, { opened: 7 * hour, flow: 2 }), null);
  });
});

describe('A ClientHello with ECH', () => {
  it('shows the outer name as what it is, with what DNS told this app beside it', () => {
    const naming = createNaming();
    naming.see(answer('secret.example', 99), browser);
    naming.see(carried('cloudflare-ech.com', 101, 'tls-sni', true), null);
    assert.deepEqual(naming.nameOf({ flow: flowId(1), remoteAddress: address, app: browser, now: epochMs(start + 101_000), openedAt: epochMs(start + 100_000) }), {
      name: 'cloudflare-ech.com',
      source: 'tls-sni',
      encryptedClientHello: true,
      otherName: 'secret.example',
    });
  });

  it('leaves what DNS says of the address as it was', () => {
    const naming = createNaming();
    naming.see(answer('secret.example', 99), browser);
    naming.see(carried('cloudflare-ech.com', 101, 'tls-sni', true), null);
    assert.equal(nameOf(naming, { flow: 2, opened: 102 }), 'dns secret.example');
  });
});

describe('A name that comes late', () => {
  it('tells which flows are to be asked for again, each once', () => {
    const naming = createNaming();
    assert.equal(nameOf(naming), null);
    assert.deepEqual(naming.takeChanged(), []);
    naming.see(answer('www.example.com', 100.5), browser);
    assert.deepEqual(naming.takeChanged(), [1]);
    assert.equal(nameOf(naming, { now: 101 }), 'dns www.example.com');
    naming.see(carried('real.example', 101), null);
    assert.deepEqual(naming.takeChanged(), [1]);
    assert.deepEqual(naming.takeChanged(), []);
    assert.equal(nameOf(naming, { now: 102 }), 'tls-sni real.example');
  });

  it('does not concern flows that are long open, or have ended', () => {
    const naming = createNaming();
    nameOf(naming, { flow: 1, opened: 100, now: 100 });
    nameOf(naming, { flow: 2, opened: 100, now: 100 });
    nameOf(naming, { flow: 1, opened: 100, now: 200 });
    naming.end(flowId(2));
    naming.see(answer('www.example.com', 201), browser);
    assert.deepEqual(naming.takeChanged(), []);
  });
});

describe('Poisoned names', () => {
  it('of one domain over one address displace each other, and nothing else', () => {
    const naming = createNaming();
    naming.see(answer('www.example.com', 50), browser);
    for (let index = 0; index < 2000; index += 1) naming.see(answer(`a${index}.evil.example`, 51 + index / 1000), updater);
    assert.equal(nameOf(naming, { opened: 55 }), 'dns www.example.com');
  });

  it('of many hosts of the LAN displace no name of DNS, and override none', () => {
    const naming = createNaming();
    naming.see(answer('www.example.com', 50), updater);
    for (let index = 0; index < 5000; index += 1) {
      naming.see(answer('evil.local', 51, 'mdns', { address: `10.0.${index >> 8}.${index & 255}` }), null);
      naming.see(answer(`evil${index}.local`, 52, 'mdns'), null);
    }
    assert.equal(nameOf(naming), 'dns www.example.com');
  });

  it('over many addresses displace those that were heard of longest ago', () => {
    const naming = createNaming({ maximumAddresses: 100 });
    naming.see(answer('old.example', 10, 'dns', { address: '192.0.2.1' }), updater);
    for (let index = 0; index < 80; index += 1) naming.see(answer('evil.example', 11, 'dns', { address: `198.51.100.${index}` }), updater);
    naming.see(answer('fresh.example', 12), updater);
    for (let index = 0; index < 90; index += 1) naming.see(answer('evil.example', 13, 'dns', { address: `198.18.0.${index}` }), updater);
    assert.equal(nameOf(naming), 'dns fresh.example');
    assert.equal(nameOf(naming, { flow: 2, remote: '192.0.2.1' }), null);
  });
});

describe('The addresses that are stored', () => {
  it('name a connection right after a restart', () => {
    const before = createNaming();
    before.see(answer('www.example.com', 50), browser);
    const stored: unknown[] = JSON.parse(JSON.stringify(before.exportAddresses()));
    const after = createNaming();
    assert.equal(after.importAddresses(stored, epochMs(start + 90_000)), 0);
    assert.equal(nameOf(after), 'dns www.example.com');
  });

  it('do not make anything known older', () => {
    const before = createNaming();
    before.see(answer('old.example', 50), browser);
    const after = createNaming();
    after.see(answer('new.example', 95), browser);
    after.importAddresses(before.exportAddresses(), epochMs(start + 96_000));
    assert.equal(nameOf(after), 'dns new.example');
  });

  it('make no room for themselves among what is known', () => {
    const before = createNaming();
    for (let index = 0; index < 50; index += 1) before.see(answer('old.example', 40, 'dns', { address: `198.51.100.${index}` }), null);
    const after = createNaming({ maximumAddresses: 10 });
    after.see(answer('www.example.com', 50), updater);
    after.importAddresses(before.exportAddresses(), epochMs(start + 90_000));
    assert.equal(nameOf(after), 'dns www.example.com');
  });

  it('are refused where they are damaged or of the future', () => {
    const good = { address, name: 'www.example.com', source: 'dns', app: null, firstSeen: start, lastSeen: start, ttlSeconds: 60 };
    const naming = createNaming();
    const bad = [null, 7, {}, { ...good, source: 'tls-sni' }, { ...good, name: '' }, { ...good, lastSeen: start + 1e9 }, { ...good, firstSeen: start + 1 }, { ...good, ttlSeconds: -1 }];
    assert.equal(naming.importAddresses([...bad, good], epochMs(start)), bad.length);
    assert.equal(nameOf(naming), 'dns www.example.com');
  });

  it('are a bounded number, the newest', () => {
    const naming = createNaming({ maximumStored: 3 });
    for (let index = 0; index < 10; index += 1) naming.see(answer(`h${index}.example`, index, 'dns', { address: `198.51.100.${index}` }), null);
    assert.deepEqual(naming.exportAddresses().map(({ name }) => name), ['h7.example', 'h8.example', 'h9.example']);
  });
});

describe('A capture file', () => {
  it('is not named by what hosts of some LAN claim', () => {
    const naming = createNaming(fileNamingLimits);
    naming.see(answer('nas.local', 99, 'mdns'), null);
    assert.equal(nameOf(naming), null);
  });
});

describe('A clock that was set back', () => {
  it('does not make what was known unusable', () => {
    const naming = createNaming();
    naming.see(answer('www.example.com', 10_000), browser);
    assert.equal(nameOf(naming, { opened: 100 }), null);
    naming.age(epochMs(start + 101_000));
    assert.equal(nameOf(naming, { opened: 102, flow: 2 }), 'dns www.example.com');
  });
});
