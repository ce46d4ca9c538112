import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HttpCounts, createNameReader, mergedHttp, toldSection } from '../../../core/packet/index.ts';
import type { HttpSeen } from '../../../core/packet/index.ts';
import { createQuicCrypto } from '../../../helper/capture/quic-crypto.ts';
import { flowId } from '../../../protocol/flow.ts';
import { HttpHostSum, HttpSection, maximumSectionsPerHost } from '../../../protocol/http.ts';
import { epochMs } from '../../../protocol/units.ts';
import { ascii, clueOf } from './clues.ts';

const somewhere = { flow: flowId(1), time: epochMs(1) };

function request(host: string, method = 'GET', section = '/'): HttpSeen {
  return { ...somewhere, kind: 'request', host, method, section, status: null };
}

function response(host: string, status: number): HttpSeen {
  return { ...somewhere, kind: 'response', host, method: 'GET', section: '/', status };
}

function counted(seen: readonly HttpSeen[], hosts = 1000): HttpHostSum[] {
  const counts = new HttpCounts({ hosts });
  for (const one of seen) counts.see(one);
  return counts.take();
}

function totals(sums: readonly HttpHostSum[]): readonly number[] {
  return [sums.reduce((all, { requests }) => all + requests, 0), sums.reduce((all, { responses }) => all + responses, 0)];
}

const anyHost = fc.integer({ min: 0, max: 12 }).map((number) => `h${number}.example`);
const anySection = fc.oneof(fc.integer({ min: 0, max: 60 }).map((number) => `/s${number}`), fc.string({ unit: 'binary', maxLength: 64 }).map((text) => `/${text}`), fc.constant(''), fc.string());
const anySeen = fc.oneof(
  fc.tuple(anyHost, fc.constantFrom('GET', 'POST', 'PROPFIND', 'M-SEARCH', '__proto__'), anySection).map((parts) => request(...parts)),
  fc.tuple(anyHost, fc.integer({ min: 100, max: 599 })).map((parts) => response(...parts)),
);

describe('the counts of plain HTTP', () => {
  it('lose no request and no response, whatever is seen and however little room there is', () => {
    fc.assert(
      fc.property(fc.array(anySeen, { maxLength: 300 }), fc.nat(8), (seen, hosts) => {
        const sums = counted(seen, hosts);
        assert.ok(sums.length <= hosts + 1, `${sums.length} rows`);
        assert.deepEqual(totals(sums), [seen.filter(({ kind }) => kind === 'request').length, seen.filter(({ kind }) => kind === 'response').length]);
        // The schema holds that requests are the sum of methods and of sections, and that both are bounded.
        for (const sum of sums) assert.deepEqual(HttpHostSum.parse(JSON.parse(JSON.stringify(sum))), sum);
      }),
    );
  });

  it('are the same in one piece as added up from several', () => {
    fc.assert(
      fc.property(fc.array(anySeen, { maxLength: 60 }), fc.nat(60), fc.nat(8), (seen, cut, hosts) => {
        const parts = [counted(seen.slice(0, cut)), counted(seen.slice(cut))];
        assert.deepEqual(totals(mergedHttp(parts, { hosts })), totals(counted(seen, hosts)));
        for (const sum of mergedHttp(parts, { hosts })) assert.ok(HttpHostSum.safeParse(sum).success);
      }),
    );
  });

  it('tell methods, first sections and statuses of each host, the most asked first', () => {
    const seen = [request('b.example'), request('a.example', 'GET', '/images'), request('a.example', 'POST', '/api'), request('a.example', 'BREW', '/images'), response('a.example', 200), response('a.example', 404)];
    assert.deepEqual(counted(seen), [
      { host: 'a.example', requests: 3, responses: 2, methods: { GET: 1, POST: 1, other: 1 }, sections: { '/images': 2, '/api': 1 }, statuses: { 200: 1, 404: 1 } },
      { host: 'b.example', requests: 1, responses: 0, methods: { GET: 1 }, sections: { '/': 1 }, statuses: {} },
    ]);
  });

  it('keep hosts beyond the bound in one row, sections in one of the host, and statuses in their class', () => {
    const hosts = counted(['a', 'b', 'c', 'a'].map((name) => request(name)), 1);
    assert.deepEqual(hosts.map(({ host, requests }) => [host, requests]), [['a', 2], [null, 2]]);
    const [sum] = counted([...Array.from({ length: 40 }, (_, index) => request('a', 'GET', `/${index}`)), ...Array.from({ length: 20 }, (_, index) => response('a', 400 + index))]);
    assert.equal(sum?.sections['other'], 40 - maximumSectionsPerHost);
    assert.equal(sum.statuses['4xx'], 4);
  });

  it('begin anew when they were taken', () => {
    const counts = new HttpCounts();
    counts.see(request('a.example'));
    assert.equal(counts.take().length, 1);
    assert.deepEqual(counts.take(), []);
  });
});

describe('what is told of a path', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['no parameters, which hold session numbers', '/login;jsessionid=5EC2E7', '/login'],
    ['no deeper path that was escaped', '/a%2fsecret%2Fpath', '/a'],
    ['no query, escaped or not', '/a%3Fsecret=1', '/a'],
    ['control characters as what they are', '/\u001b[31m\u0007\u009b', '/%1B[31m%07%9B'],
    ['that there is none', '', 'none'],
    ['no name that a path cannot have', '__proto__', 'none'],
  ];
  for (const [name, section, told] of cases) {
    it(`is ${name}`, () => assert.equal(toldSection(section), told));
  }

  it('is bounded and visible, whatever the request held', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.ok(HttpSection.safeParse(toldSection(`/${text}`)).success)));
  });

  it('is never more than the first section of what was asked for', () => {
    const targets = ['/first/secret', '/first?secret=1', '/first;secret', '/first#secret', '/first%2Fsecret', 'http://secret:secret@www.example.com/first/secret?secret'];
    for (const target of targets) {
      const reader = createNameReader({ quicCrypto: createQuicCrypto() });
      reader.read(clueOf(ascii(`POST ${target} HTTP/1.1\r\nCookie: secret\r\nAuthorization: secret\r\nHost: www.example.com\r\n\r\nsecret`)));
      const sums = counted(reader.takeHttp());
      assert.deepEqual(sums, [{ host: 'www.example.com', requests: 1, responses: 0, methods: { POST: 1 }, sections: { '/first': 1 }, statuses: {} }], target);
    }
  });
});
