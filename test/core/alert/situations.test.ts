import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isQuietAt, quietHoursOf } from '../../../core/alert/quiet-hours.ts';
import { mutes, tellingOf } from '../../../core/alert/quiet.ts';
import type { Signal } from '../../../core/alert/signal.ts';
import { Situations } from '../../../core/alert/situations.ts';
import type { AlertChange } from '../../../core/alert/situations.ts';
import type { AlertKind } from '../../../protocol/alert.ts';
import { epochMs } from '../../../protocol/units.ts';
import { defaultRules, noQuiet } from './moments.ts';

const start = 1_750_000_000_000;
const minuteMs = 60_000;

function signalOf(situation: string, more: Partial<Signal> = {}): Signal {
  return {
    kind: 'spike', situation, severity: 'warning', title: situation, text: 'so it is', overText: () => 'it is over', cause: null,
    apps: ['/usr/bin/curl'], domains: ['a.example.org'], isLearnt: false, isRenewed: true, repeats: true, ...more,
  };
}

function newSituations(): Situations {
  let id = 0;
  return new Situations({ nextId: () => (id += 1), isKnown: () => false });
}

/** What happens in a life of alerts: for each step how long it took, what was so, and what held back. */
const anyLife = fc.array(
  fc.record({
    seconds: fc.integer({ min: 1, max: 1200 }),
    on: fc.subarray(['a', 'b', 'c', 'd']),
    text: fc.constantFrom('one', 'two', 'three'),
    quiet: fc.record({ inFront: fc.boolean(), notDisturbed: fc.boolean(), snoozed: fc.boolean(), minuteOfDay: fc.integer({ min: 0, max: 1439 }) }),
  }),
  { minLength: 1, maxLength: 80 },
);

const anyRules = fc.record({ coolDownMinutes: fc.integer({ min: 0, max: 90 }), perHour: fc.integer({ min: 1, max: 6 }), quietHours: fc.constantFrom('', '22:00-07:00') });

/** Everything that was said, with what was open after each step. */
function live(life: typeof anyLife extends fc.Arbitrary<infer Life> ? Life : never, rules: typeof defaultRules): { readonly changes: AlertChange[]; readonly situations: Situations } {
  const situations = newSituations();
  const changes: AlertChange[] = [];
  let now = start;
  for (const { seconds, on, text, quiet } of life) {
    now += seconds * 1000;
    const circumstances = { rules, now: epochMs(now), quiet: { ...noQuiet, ...quiet, snoozedUntil: quiet.snoozed ? epochMs(now + 1000) : null } };
    changes.push(...situations.step(on.map((situation) => signalOf(situation, { text })), circumstances));
    const open = situations.open.map(({ situation }) => situation);
    assert.equal(new Set(open).size, open.length, 'at most one is open for each situation');
    assert.deepEqual(open.toSorted(), [...on].toSorted(), 'and one for each that is so');
  }
  changes.push(...situations.step([], { rules, now: epochMs(now + 1000), quiet: noQuiet }));
  return { changes, situations };
}

test('One situation has one alert while it lasts, and every alert that has begun is over when it is', () => {
  fc.assert(
    fc.property(anyLife, anyRules, (life, some) => {
      const { changes, situations } = live(life, { ...defaultRules, ...some });
      assert.deepEqual(situations.open, []);
      const byId = Map.groupBy(changes, ({ alert }) => alert.id);
      for (const steps of byId.values()) {
        assert.equal(steps[0]?.step, 'opened');
        assert.equal(steps.at(-1)?.step, 'over', 'recovery always follows');
        assert.equal(steps.filter(({ step }) => step === 'over').length, 1);
        assert.equal(new Set(steps.map(({ alert }) => alert.situation)).size, 1);
        const isTold = steps.some(({ alert }) => alert.told.includes('desktop'));
        assert.equal(steps.filter(({ act }) => act === 'show').length, isTold ? 1 : 0, 'one notification for one situation');
        assert.equal(steps.at(-1)?.act, isTold ? 'recover' : 'none', 'and a recovery for each that was shown');
        if (!isTold) assert.ok(steps.every(({ act, alert }) => act === 'none' && alert.quiet !== null), 'who was told nothing hears nothing, and the alert says why');
      }
      const ids = changes.filter(({ step }) => step === 'opened').map(({ alert }) => alert.id);
      assert.deepEqual(ids, ids.toSorted((a, b) => a - b), 'numbers grow');
    }),
    { numRuns: 300 },
  );
});

test('No alert is told again within its cool-down, and nobody is told more often than the rate limit', () => {
  fc.assert(
    fc.property(anyLife, anyRules, (life, some) => {
      const { changes } = live(life, { ...defaultRules, ...some });
      const told = changes.filter(({ step, alert }) => step === 'opened' && alert.told.length > 0).map(({ alert }) => alert);
      for (const each of told) {
        const before = changes.filter(({ step, alert }) => step === 'over' && alert.situation === each.situation && alert.told.length > 0 && (alert.until ?? 0) <= each.since && alert.id !== each.id);
        for (const { alert } of before) assert.ok(each.since - (alert.until ?? 0) >= some.coolDownMinutes * minuteMs);
        const inHour = told.filter(({ since }) => since <= each.since && each.since - since < 60 * minuteMs);
        assert.ok(inHour.length <= some.perHour);
      }
    }),
    { numRuns: 300 },
  );
});

test('An alert of an earlier run goes on, and its cool-down too', () => {
  const rules = { ...defaultRules, coolDownMinutes: 30 };
  const first = newSituations();
  const [opened] = first.step([signalOf('a')], { rules, now: epochMs(start), quiet: noQuiet });
  assert.ok(opened !== undefined);
  const second = newSituations();
  second.restore({ ...opened, overText: () => 'it is over', cause: null });
  assert.deepEqual(second.step([signalOf('a')], { rules, now: epochMs(start + 1000), quiet: noQuiet }), []);
  const [over] = second.step([], { rules, now: epochMs(start + 2000), quiet: noQuiet });
  assert.equal(over?.act, 'recover');
  const third = newSituations();
  third.restoreEnded('a', { since: epochMs(start), until: epochMs(start + 2000) });
  const [again] = third.step([signalOf('a')], { rules, now: epochMs(start + 10 * minuteMs), quiet: noQuiet });
  assert.deepEqual([again?.alert.quiet, again?.act], ['cool-down', 'none']);
});

test('What is forgotten is gone without a word', () => {
  const situations = newSituations();
  situations.step([signalOf('a'), signalOf('b', { domains: ['b.example'] })], { rules: defaultRules, now: epochMs(start), quiet: noQuiet });
  assert.equal(situations.forget(({ domains }) => domains.includes('b.example')), 1);
  assert.deepEqual(situations.open.map(({ situation }) => situation), ['a']);
});

test('A mute fits where all that it says is true', () => {
  const signal = { kind: 'spike' as AlertKind, apps: ['/usr/bin/curl'], domains: ['cdn.example.org'] };
  assert.ok(mutes({ kind: 'spike' }, signal));
  assert.ok(mutes({ app: '/usr/bin/curl', domain: 'example.org' }, signal));
  assert.ok(!mutes({ kind: 'plan' }, signal));
  assert.ok(!mutes({ kind: 'spike', app: '/usr/bin/wget' }, signal));
  assert.ok(!mutes({ domain: 'ample.org' }, signal));
  assert.ok(!mutes({ app: '/usr/bin/curl' }, { ...signal, apps: ['/usr/bin/curl', '/usr/bin/wget'] }), 'a digest of several is not one of them');
  assert.ok(!mutes({ app: '/usr/bin/curl' }, { ...signal, apps: [] }));
});

test('A window in front and a desktop that is not disturbed keep back the desktop only; everything else keeps back all', () => {
  const rules = { ...defaultRules, spikeChannels: ['desktop', 'webhook'] as const, quietHours: '22:00-07:00' };
  const now = epochMs(start);
  const quietOf = (more: Partial<typeof noQuiet>, signal = signalOf('a')) => tellingOf(signal, rules, { ...noQuiet, ...more }, now);
  assert.deepEqual(quietOf({}), { channels: ['desktop', 'webhook'], quiet: null });
  assert.deepEqual(quietOf({ inFront: true }), { channels: ['webhook'], quiet: null });
  assert.deepEqual(quietOf({ notDisturbed: true }), { channels: ['webhook'], quiet: null });
  assert.deepEqual(tellingOf(signalOf('a'), { ...rules, spikeChannels: ['desktop'] }, { ...noQuiet, inFront: true }, now).quiet, 'in-front');
  assert.equal(quietOf({ minuteOfDay: 23 * 60 }).quiet, 'quiet-hours');
  assert.equal(quietOf({ snoozedUntil: epochMs(start + 1) }).quiet, 'snoozed');
  assert.equal(quietOf({ snoozedUntil: now }).quiet, null);
  assert.equal(quietOf({ mutes: [{ app: '/usr/bin/curl' }] }).quiet, 'muted');
  assert.equal(quietOf({ learningUntil: epochMs(start + 1) }, signalOf('a', { isLearnt: true })).quiet, 'learning');
  assert.equal(quietOf({ learningUntil: epochMs(start + 1) }).quiet, null);
});

test('Quiet hours may span midnight', () => {
  const over = quietHoursOf('22:30-07:00');
  assert.ok(over !== null);
  for (const [minute, isQuiet] of [[22 * 60 + 29, false], [22 * 60 + 30, true], [0, true], [6 * 60 + 59, true], [7 * 60, false]] as const) assert.equal(isQuietAt(over, minute), isQuiet, String(minute));
  const day = quietHoursOf('9:00-17:00');
  assert.ok(day !== null && isQuietAt(day, 9 * 60) && !isQuietAt(day, 17 * 60));
  for (const wrong of ['', '22-7', '25:00-07:00', '22:00', '22:00-07:00-08:00', 'ab:cd-ef:gh', '22:60-07:00']) assert.equal(quietHoursOf(wrong), null, wrong);
});
