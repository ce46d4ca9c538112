import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readQuery } from '../../renderer/connections/query.ts';
import type { Searched } from '../../renderer/connections/query.ts';

const connection: Searched = {
  texts: {
    app: 'firefox /usr/lib/firefox/firefox',
    host: 'en.wikipedia.org',
    address: '2001:db8::7 192.0.2.1',
    protocol: 'tcp',
    scope: 'internet',
    country: 'nl',
    service: 'https',
    interface: 'wlan0',
    source: 'tls-sni',
  },
  numbers: { port: 443, pid: null, rtt: 120, retransmits: 2, down: 1_500_000, up: 200, rate: 1_500_200, total: 9e6 },
};

function fits(query: string): boolean | string {
  const read = readQuery(query);
  return typeof read === 'function' ? read(connection) : read.fault;
}

describe("The connections' search", () => {
  const cases: readonly (readonly [query: string, expected: boolean | string])[] = [
    ['', true],
    ['firefox', true],
    ['FIREFOX wikipedia', true],
    ['firefox example', false],
    ['app:firefox port:443 !scope:lan rtt>100', true],
    ['app:chrome', false],
    ['!app:chrome', true],
    ['!firefox', false],
    ['rtt<100', false],
    ['rate>1M', true],
    ['down>1.5M', false],
    ['total:9M', true],
    ['pid:1', false],
    ['!pid:1', true],
    ['domain:wikipedia.org', true],
    ['app:"/usr/lib/firefox/firefox"', true],
    ['2001:db8::7', true],
    ['2001:db8::8', false],
    ['colour:red', 'unknown-field'],
    ['rtt>quick', 'no-number'],
    ['app>1', 'no-number'],
    ['constructor:1', 'unknown-field'],
    ['!', false],
  ];
  for (const [query, expected] of cases) {
    it(`${query === '' ? 'without a word' : `for ${query}`}: ${expected}`, () => assert.equal(fits(query), expected));
  }

  it('understands any text, or says which part it does not', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'binary' }), (query) => {
        const read = readQuery(query);
        if (typeof read === 'function') read(connection);
        else assert.ok(query.toLowerCase().replaceAll('"', '').includes(read.part.replaceAll('"', '')) || read.part.length <= query.length);
      }),
    );
  });
});
