import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Alerting } from '../../../core/alert/alerting.ts';
import type { AlertHistory } from '../../../core/alert/alerting.ts';
import { Baseline, medianOf, quarterMs } from '../../../core/alert/baseline.ts';
import { momentOf } from '../../../core/alert/moment-of.ts';
import type { AlertRules } from '../../../core/alert/rules.ts';
import type { AlertChange } from '../../../core/alert/situations.ts';
import { bytesText, durationText, shownName } from '../../../core/alert/texts.ts';
import { WatchIndex, watchEntriesIn, watchEntryOf } from '../../../core/alert/watch-entry.ts';
import type { Trouble } from '../../../protocol/helper.ts';
import type { PlanState } from '../../../protocol/plan.ts';
import { epochMs } from '../../../protocol/units.ts';
import { dayMs, hourMs } from './household.ts';
import { blankHistory, defaultRules, momentWith, noQuiet } from './moments.ts';
import type { Move } from './moments.ts';

const start = 1_767_571_200_000;
const MB = 1_000_000;

interface Told {
  readonly moves?: readonly Move[];
  readonly requests?: number;
  readonly troubles?: readonly Trouble[];
  readonly plans?: readonly PlanState[];
  readonly learningUntil?: number;
}

/** Alerts over seconds that a test tells one by one. */
class Seconds {
  readonly alerting: Alerting;
  readonly #rules: AlertRules;
  now = start;

  constructor(rules: Partial<AlertRules> = {}, history: Partial<AlertHistory> = {}) {
    this.alerting = new Alerting({ ...blankHistory(), ...history });
    this.#rules = { ...defaultRules, ...rules };
  }

  /** So many times so many seconds of the same. */
  pass(times: number, { moves = [], requests = 0, troubles = [], plans = [], learningUntil }: Told = {}, seconds = 1): readonly AlertChange[] {
    const changes: AlertChange[] = [];
    for (let each = 0; each < times; each += 1) {
      this.now += seconds * 1000;
      const moment = momentWith(this.now, seconds, moves, { httpRequests: requests, httpMost: { host: 'plain.example', requests } });
      const quiet = { ...noQuiet, learningUntil: learningUntil === undefined ? null : epochMs(learningUntil) };
      changes.push(...this.alerting.step({ moment, wallSeconds: seconds, rules: this.#rules, troubles, plans, now: epochMs(this.now), quiet }));
    }
    return changes;
  }
}

function steps(changes: readonly AlertChange[]): readonly string[] {
  return changes.filter(({ step }) => step !== 'changed').map(({ step, alert }) => `${step} ${alert.situation}`);
}

const steam = (megabytes: number): readonly Move[] => [{ app: '/opt/steam', host: 'cdn.steamcontent.com', rx: megabytes * MB, tx: 1000 }];

describe('a spike', () => {
  const rules = { spikeBytesPerSecond: 20 * MB, spikeSeconds: 10 };

  it('is a rate that lasts: not a burst, and not one that pauses', () => {
    assert.deepEqual(new Seconds(rules).pass(9, { moves: steam(80) }), []);
    const pausing = new Seconds(rules);
    for (let round = 0; round < 10; round += 1) {
      assert.deepEqual(pausing.pass(6, { moves: steam(30) }), []);
      assert.deepEqual(pausing.pass(4, { moves: steam(1) }), []);
    }
  });

  it('is told at the tenth second, also where a second dips, if the mean is over the threshold', () => {
    const seconds = new Seconds(rules);
    seconds.pass(5, { moves: steam(40) });
    seconds.pass(1, { moves: steam(5) });
    const changes = seconds.pass(4, { moves: steam(40) });
    assert.deepEqual(steps(changes), ['opened spike:down']);
    assert.equal(changes[0]?.alert.title, 'steam is downloading a lot');
  });

  it('is one situation while it swings around the threshold, and over when it stays below', () => {
    const seconds = new Seconds(rules);
    seconds.pass(10, { moves: steam(40) });
    const swinging = Array.from({ length: 30 }, (_, index) => seconds.pass(1, { moves: steam(index % 2 === 0 ? 15 : 25) })).flat();
    assert.deepEqual(steps(swinging), []);
    assert.deepEqual(steps(seconds.pass(5, { moves: steam(1) })), ['over spike:down']);
  });

  it('is caused by the app that moved most, and by its domain where most is of one', () => {
    const seconds = new Seconds(rules);
    const moves = [...steam(15), { app: '/usr/bin/curl', host: 'a.example.org', rx: 10 * MB, tx: 0 }];
    const [opened] = seconds.pass(10, { moves });
    assert.deepEqual(opened?.alert.cause, { app: '/opt/steam', displayName: 'steam', domain: 'steamcontent.com', bytes: { rxBytes: 150 * MB, txBytes: 10_000 }, bytesPerSecond: 15 * MB, share: 0.6 });
    const scattered = new Seconds(rules).pass(10, { moves: Array.from({ length: 5 }, (_, index) => ({ app: '/opt/torrent', host: null, address: `203.0.113.${index}`, rx: 6 * MB, tx: 0 })) });
    assert.deepEqual([scattered[0]?.alert.cause?.app, scattered[0]?.alert.cause?.domain], ['/opt/torrent', null]);
  });

  it('lasts as long as what was measured, whatever the clock does', () => {
    const seconds = new Seconds(rules);
    seconds.pass(5, { moves: steam(40) });
    seconds.now += dayMs;
    assert.deepEqual(seconds.pass(4, { moves: steam(40) }), []);
    seconds.now -= 2 * dayMs;
    assert.deepEqual(steps(seconds.pass(1, { moves: steam(40) })), ['opened spike:down']);
    assert.deepEqual(steps(seconds.pass(20, {})), ['over spike:down']);
  });

  it('is never told where its threshold is 0', () => {
    assert.deepEqual(new Seconds({ spikeBytesPerSecond: 0 }).pass(30, { moves: steam(500) }), []);
  });
});

describe('a baseline', () => {
  const hourOfWeek = (time: number): number => Math.floor((time - start) / hourMs) % 168;
  const samplesOf = (days: number, bytes: (index: number) => number) => Array.from({ length: days * 96 }, (_, index) => ({ start: epochMs(start + index * quarterMs), bytes: bytes(index) }));

  it('says nothing of a history of less than three days', () => {
    assert.equal(new Baseline(samplesOf(2.9, () => 5), hourOfWeek).usualAt(3, 'normal'), null);
    assert.notEqual(new Baseline(samplesOf(3, () => 5), hourOfWeek).usualAt(3, 'normal'), null);
  });

  it('is not moved by one wild night in months', () => {
    const calm = new Baseline(samplesOf(84, () => 10 * MB), hourOfWeek).usualAt(3, 'normal');
    const wild = new Baseline(samplesOf(84, (index) => (index >= 4000 && index < 4008 ? 50_000 * MB : 10 * MB)), hourOfWeek).usualAt(3, 'normal');
    assert.deepEqual(wild, calm);
  });

  it('knows evenings from nights, and the floor below which nothing is unusual', () => {
    const evenings = new Baseline(samplesOf(28, (index) => (index % 96 >= 76 && index % 96 < 88 ? 900 * MB : 1 * MB)), hourOfWeek);
    assert.equal(evenings.usualAt(3, 'normal')?.bound, 300 * MB);
    assert.ok((evenings.usualAt(20, 'normal')?.bound ?? 0) > 1000 * MB);
  });

  it('uses the median and the median absolute deviation', () => {
    assert.deepEqual(medianOf([1, 2, 3, 4, 100]), { median: 3, deviation: 1.4826 });
    assert.deepEqual(medianOf([5]), { median: 5, deviation: 0 });
  });
});

describe('a first sight', () => {
  const fresh: Partial<AlertHistory> = { seenBefore: { app: () => false, domain: (_app, domain) => domain === 'known.example', country: () => false, countryOf: () => 'SE' } };
  const apps = (count: number): readonly Move[] => Array.from({ length: count }, (_, index) => ({ app: `/usr/bin/app-${index}`, host: 'a.example', rx: 1000, tx: 10 }));

  it('of several apps is one message, and none comes twice', () => {
    const seconds = new Seconds({}, fresh);
    const changes = seconds.pass(200, { moves: apps(12) });
    const [opened, ended, ...more] = changes.filter(({ step }) => step !== 'changed');
    assert.equal(opened?.alert.title, '12 new apps on the network');
    assert.equal(opened?.apps.length, 12);
    assert.deepEqual([ended?.step, ended?.act, more.length], ['over', 'none', 0]);
  });

  it('on the first day is only learnt, and then told in one digest', () => {
    const seconds = new Seconds({}, fresh);
    const learningUntil = start + 500_000;
    const first = seconds.pass(100, { moves: apps(3), learningUntil });
    assert.ok(first.every(({ alert }) => alert.quiet === 'learning'));
    const second = seconds.pass(200, { moves: apps(5), learningUntil });
    assert.ok(second.length > 0 && second.every(({ alert, act }) => alert.quiet === 'learning' && act === 'none'));
    const shown = seconds.pass(200, { moves: apps(5) }).filter(({ act }) => act === 'show');
    assert.equal(shown.length, 1);
    assert.match(shown[0]?.alert.text ?? '', /^5 apps use the network: app-0, app-1, app-2, app-3, app-4\. From now on/u);
  });

  it('of a domain or a country is told of the apps that a person watches', () => {
    const moves = [{ app: '/usr/bin/app', host: 'x.known.example', rx: 1, tx: 1 }, { app: '/usr/bin/app', host: 'www.new.example', rx: 1, tx: 1 }];
    const told = new Seconds({ firstSeen: false, newDomainApps: ['/usr/bin/app'], newCountryApps: ['/usr/bin/app'] }, fresh).pass(2, { moves });
    assert.equal(told[0]?.alert.text, 'app was never at new.example before. app was never at the country SE before.');
    assert.deepEqual(new Seconds({ firstSeen: false }, fresh).pass(2, { moves }), []);
  });
});

describe('other kinds', () => {
  it('an upload is unusual where it is many times what the app ever sent in an hour', () => {
    const past = { uploadOf: () => ({ mostInAnHour: 50 * MB, since: epochMs(start - 10 * dayMs) }) };
    const sending = [{ app: '/usr/bin/notes', host: 'drop.example.com', rx: 0, tx: 60 * MB }];
    const changes = new Seconds({}, past).pass(15, { moves: sending }, 60);
    const opened = changes.find(({ alert }) => alert.kind === 'upload');
    assert.deepEqual([opened?.alert.since, opened?.alert.cause?.domain], [start + 9 * 60_000, 'example.com']);
    assert.match(opened?.alert.text ?? '', /^notes sent 540 MB within an hour\. It never sent more than 50\.0 MB in one\./u);
    const young = { uploadOf: () => ({ mostInAnHour: 50 * MB, since: epochMs(start) }) };
    assert.ok(new Seconds({}, young).pass(15, { moves: sending }, 60).every(({ alert }) => alert.kind !== 'upload'));
  });

  it('a volume is what moved within its span, by app, domain, network or in all, and over when it is below again', () => {
    for (const [of, key] of [['machine', null], ['app', '/opt/steam'], ['domain', 'steamcontent.com'], ['network', 'home'], ['app', null]] as const) {
      const seconds = new Seconds({ spikeBytesPerSecond: 0, volumes: [{ of, key, direction: 'down', bytes: 100 * MB, seconds: 600 }] });
      assert.deepEqual(seconds.pass(10, { moves: steam(10) }), [], of);
      assert.match(steps(seconds.pass(1, { moves: steam(10) })).join(), /^opened volume:/u, of);
      assert.deepEqual(steps(seconds.pass(400, {})), []);
      assert.match(steps(seconds.pass(250, {})).join(), /^over volume:/u);
    }
  });

  it('a volume begins with what the history says', () => {
    const volumeBefore: AlertHistory['volumeBefore'] = () => [{ key: '', label: '', bytes: { rxBytes: 99 * MB, txBytes: 0 } }];
    const seconds = new Seconds({ spikeBytesPerSecond: 0, volumes: [{ of: 'machine', key: null, direction: 'both', bytes: 100 * MB, seconds: 600 }] }, { volumeBefore });
    assert.equal(steps(seconds.pass(1, { moves: steam(10) })).length, 1);
  });

  it('requests of plain HTTP are told on average over two minutes, and their recovery', () => {
    const seconds = new Seconds({ httpRequestsPerSecond: 10, httpSeconds: 120 });
    assert.deepEqual(seconds.pass(60, { requests: 9 }), []);
    const changes = seconds.pass(120, { requests: 20 });
    assert.deepEqual(steps(changes), ['opened http-hits']);
    assert.match(changes[0]?.alert.text ?? '', /^10\.\d requests a second over the last 2 min\. Most went to plain\.example\.$/u);
    assert.deepEqual(steps(seconds.pass(120, { requests: 1 })), ['over http-hits']);
  });

  it('a watch list is matched by name, by domain and by network; a file is told as one, with counts', () => {
    const seconds = new Seconds({ watchList: ['tracker.example', '203.0.113.0/24'] });
    seconds.alerting.setWatchFile(new WatchIndex(watchEntriesIn('# ads\n0.0.0.0 ads.one.example\n0.0.0.0 two.example three.example\nlocalhost\n127.0.0.1 localhost\n')));
    const changes = seconds.pass(1, {
      moves: [
        { app: '/usr/bin/firefox', host: 'x.tracker.example', rx: 1000, tx: 1, address: '198.51.100.1' },
        { app: '/usr/bin/ssh', host: null, rx: 1, tx: 1, address: '203.0.113.77' },
        { app: '/usr/bin/firefox', host: 'a.ads.one.example', rx: 5, tx: 5, address: '198.51.100.2' },
        { app: '/usr/bin/firefox', host: 'two.example', rx: 500, tx: 5, address: '198.51.100.3' },
        { app: '/usr/bin/firefox', host: 'nothing.example', rx: 5, tx: 5, address: '198.51.100.4' },
      ],
    });
    assert.deepEqual(steps(changes).toSorted(), ['opened watch-list:203.0.113.0/24', 'opened watch-list:file', 'opened watch-list:tracker.example']);
    const file = changes.find(({ alert }) => alert.situation === 'watch-list:file');
    assert.match(file?.alert.text ?? '', /^2 hosts of the file of the watch list were used by firefox: two\.example, a\.ads\.one\.example;/u);
    assert.equal(steps(seconds.pass(700, {})).length, 3, 'and over when there was none for ten minutes');
  });

  it('a trouble is told once it stays', () => {
    const trouble: Trouble = { code: 'helper-lost', subject: 'helper', message: 'nothing is measured', remedy: 'look', over: false };
    const seconds = new Seconds();
    assert.deepEqual(seconds.pass(9, { troubles: [trouble] }), []);
    assert.deepEqual(seconds.pass(1), []);
    assert.deepEqual(steps(seconds.pass(12, { troubles: [trouble] })), ['opened trouble:helper-lost:helper']);
    assert.deepEqual(steps(seconds.pass(1)), ['over trouble:helper-lost:helper']);
    assert.deepEqual(new Seconds({ trouble: false }).pass(30, { troubles: [trouble] }), []);
  });

  it('a plan is told at each of its marks once, the highest that is passed; a forecast over the cap once', () => {
    const known = new Set<string>();
    const seconds = new Seconds({}, { isKnown: (situation) => known.has(situation) });
    const state = (usedBytes: number, forecast: number | null = null): PlanState => ({
      plan: { name: 'Home', network: null, capBytes: 1000, cycle: { kind: 'monthly', day: 1 }, direction: 'both', scope: 'internet', hours: null, tellAtPercent: [80, 100] },
      from: epochMs(start - 10 * dayMs), to: epochMs(start + 20 * dayMs), usedBytes, leftBytes: Math.max(0, 1000 - usedBytes), share: usedBytes / 1000, dailyBytes: 10,
      forecast: forecast === null ? null : { bytes: forecast, low: forecast, high: forecast }, exceedsAt: null, notMeasuredSeconds: 0,
    });
    const told: string[] = [];
    const pass = (used: number, forecast?: number): void => {
      for (const change of seconds.pass(3, { plans: [state(used, forecast ?? null)] })) {
        known.add(change.alert.situation);
        if (change.act !== 'none') told.push(`${change.act} ${change.alert.title}`);
      }
    };
    pass(790);
    pass(800);
    pass(900, 1020);
    pass(900, 1040);
    pass(900, 960);
    pass(900, 900);
    pass(900, 1040);
    pass(1000);
    pass(700);
    pass(1200);
    assert.deepEqual(told, ['show The data plan Home is used to 80 %', 'show The data plan Home may not last', 'show The data plan Home is used up']);
  });
});

describe('words', () => {
  it('are made harmless and short', () => {
    assert.equal(shownName('a\u001b[31mb\u202ec\nd'), 'a [31mb c d');
    assert.equal(shownName('x'.repeat(200)).length, 80);
    assert.deepEqual([0, 999, 1000, 999_499, 99_950_000, 4.2e9].map(bytesText), ['0 B', '999 B', '1.0 kB', '999 kB', '100 MB', '4.2 GB']);
    assert.deepEqual([0, 59, 60, 5400, 7200, 200_000].map(durationText), ['0 s', '59 s', '1 min', '1 h 30 min', '2 h', '2 days']);
  });

  it('entries of a watch list are hosts, domains, addresses and networks', () => {
    for (const good of ['example.org', '*.example.org', '192.0.2.1', '2001:db8::/32']) assert.notEqual(watchEntryOf(good), null, good);
    for (const wrong of ['', 'not a host', 'http://example.org', '192.0.2.0/40', '-']) assert.equal(wrong === '-' ? null : watchEntryOf(wrong), null, wrong);
  });
});

describe('a moment', () => {
  it('has no name that may not be told, and all the bytes', () => {
    const interval = JSON.parse(JSON.stringify({ time: start, intervalSeconds: 1, paused: false, http: [], interfaces: [], flows: [] }));
    const flow = (app: string | null, name: string | null, rxBytes: number, placement = 'edge') => ({
      delta: { rxBytes, txBytes: 1, key: { remoteAddress: '203.0.113.7' } }, owner: { app: app === null ? null : { app, displayName: app } }, name: name === null ? null : { name, source: 'tls-sni' }, scope: 'internet', placement, network: 'home',
    });
    interval.flows = [flow('/usr/bin/secret', 'a.example', 10), flow('/usr/bin/curl', 'b.hidden.example', 20), flow('/usr/bin/curl', 'c.example', 40), flow(null, null, 80), flow('/usr/bin/curl', 'c.example', 1000, 'inside')];
    const moment = momentOf(interval, { mayNameApp: (app) => app !== '/usr/bin/secret', mayNameHost: (name) => !name.endsWith('hidden.example') });
    assert.deepEqual(moment.totals, { rxBytes: 150, txBytes: 4 });
    const text = JSON.stringify(moment.apps.map((part) => ({ ...part, hosts: [...part.hosts] })));
    assert.ok(!text.includes('secret') && !text.includes('hidden') && !text.includes('a.example'));
    assert.equal(moment.apps.reduce((sum, { rxBytes }) => sum + rxBytes, 0), 150);
  });
});
