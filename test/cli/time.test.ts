import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { parseWhen } from '../../cli/time.ts';
import { epochMs } from '../../protocol/units.ts';

const zoneBefore = process.env['TZ'];
afterEach(() => {
  if (zoneBefore === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zoneBefore;
});

/** What the words name in a time zone, as two ISO times; null where they name nothing. */
function named(words: string, place: { readonly zone: string; readonly now: string }): readonly [string, string] | null {
  process.env['TZ'] = place.zone;
  const stretch = parseWhen(words, epochMs(Date.parse(place.now)));
  return stretch === null ? null : [new Date(stretch.from).toISOString(), new Date(stretch.to).toISOString()];
}

/** A Friday. */
const utc = { zone: 'UTC', now: '2026-11-20T14:30:15.500Z' };

describe('what people write for a time', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['2026-11-19', '2026-11-19T00:00:00.000Z', '2026-11-20T00:00:00.000Z'],
    ['2026-02', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['today', '2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z'],
    [' Yesterday ', '2026-11-19T00:00:00.000Z', '2026-11-20T00:00:00.000Z'],
    ['7 days ago', '2026-11-13T00:00:00.000Z', '2026-11-14T00:00:00.000Z'],
    ['1 day ago', '2026-11-19T00:00:00.000Z', '2026-11-20T00:00:00.000Z'],
    ['last week', '2026-11-09T00:00:00.000Z', '2026-11-16T00:00:00.000Z'],
    ['this week', '2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    ['2 weeks ago', '2026-11-02T00:00:00.000Z', '2026-11-09T00:00:00.000Z'],
    ['last month', '2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'],
    ['last year', '2025-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
    ['now', '2026-11-20T14:30:15.500Z', '2026-11-20T14:30:15.500Z'],
    ['an hour ago', '2026-11-20T13:30:15.500Z', '2026-11-20T13:30:15.500Z'],
    ['90  minutes ago', '2026-11-20T13:00:15.500Z', '2026-11-20T13:00:15.500Z'],
    ['2026-11-20T18:30', '2026-11-20T18:30:00.000Z', '2026-11-20T18:30:00.000Z'],
    ['2026-11-20 18:30:05', '2026-11-20T18:30:05.000Z', '2026-11-20T18:30:05.000Z'],
    ['2026-11-20T18:30:05.25+02:00', '2026-11-20T16:30:05.250Z', '2026-11-20T16:30:05.250Z'],
    ['2026-11-20T18:30-0530', '2026-11-21T00:00:00.000Z', '2026-11-21T00:00:00.000Z'],
    ['2026-11-20t18:30z', '2026-11-20T18:30:00.000Z', '2026-11-20T18:30:00.000Z'],
  ];
  for (const [words, from, to] of cases) {
    it(`"${words}" is ${from} to ${to}`, () => assert.deepEqual(named(words, utc), [from, to]));
  }

  const nonsense = [
    '', 'foo', '2026-02-30', '2026-13-01', '2025-02-29', '2026-1-1', '20.11.2026', '11/20/2026', '1700000000', '-1 days ago',
    '2026-11-20T25:00', '2026-11-20T18:60', '2026-11-20T18:30+99:00', 'last fortnight', '9999999 days ago', '999999 years ago', 'now; rm',
  ];
  for (const words of nonsense) it(`"${words}" is no time`, () => assert.equal(named(words, utc), null));

  it('begins weeks on Monday, on a Sunday too', () => {
    assert.deepEqual(named('this week', { zone: 'UTC', now: '2026-11-22T23:59:59Z' }), ['2026-11-16T00:00:00.000Z', '2026-11-23T00:00:00.000Z']);
  });
});

describe('local days where the clock is changed', () => {
  it('a day in spring has 23 hours', () => {
    assert.deepEqual(named('2026-03-29', { zone: 'Europe/Berlin', now: '2026-06-01T00:00:00Z' }), ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
  });
  it('a day in autumn has 25 hours', () => {
    assert.deepEqual(named('yesterday', { zone: 'America/New_York', now: '2026-11-02T12:00:00Z' }), ['2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z']);
  });
  it('a day whose midnight is skipped begins with its first instant', () => {
    assert.deepEqual(named('2026-03-29', { zone: 'Asia/Beirut', now: '2026-06-01T00:00:00Z' }), ['2026-03-28T22:00:00.000Z', '2026-03-29T21:00:00.000Z']);
  });
  it('a time without an offset is local', () => {
    assert.deepEqual(named('2026-07-01T12:00', { zone: 'Asia/Kolkata', now: '2026-07-02T00:00:00Z' }), ['2026-07-01T06:30:00.000Z', '2026-07-01T06:30:00.000Z']);
  });
  it('today is the local day, not the one of UTC', () => {
    assert.deepEqual(named('today', { zone: 'Pacific/Auckland', now: '2026-06-30T13:00:00Z' }), ['2026-06-30T12:00:00.000Z', '2026-07-01T12:00:00.000Z']);
  });
});
