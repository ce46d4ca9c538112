import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Alerting } from '../../../core/alert/alerting.ts';
import type { AlertHistory } from '../../../core/alert/alerting.ts';
import { Baseline, baselineMs, quarterMs } from '../../../core/alert/baseline.ts';
import type { QuarterSample } from '../../../core/alert/baseline.ts';
import type { AlertChange } from '../../../core/alert/situations.ts';
import { epochMs } from '../../../protocol/units.ts';
import { dayMs, hourMs, minutesOf, plant, yearStart } from './household.ts';
import type { Minute, Planted } from './household.ts';
import { blankHistory, defaultRules, momentWith, noQuiet } from './moments.ts';

const rules = {
  ...defaultRules,
  watchList: ['tracker.example'],
  volumes: [{ of: 'app', key: '/usr/bin/transmission', direction: 'both', bytes: 400_000_000, seconds: 900 } as const],
};

/** A history that learns as the year goes by, as the one on the disk would. */
class LearningHistory {
  readonly #samples: QuarterSample[] = [];
  readonly #sentInHour = new Map<string, number>();
  readonly #mostSent = new Map<string, { mostInAnHour: number; since: number }>();
  readonly #apps = new Set<string>();
  #quarter = 0;
  #baseline: { readonly at: number; readonly baseline: Baseline } | null = null;

  get past(): AlertHistory {
    return {
      ...blankHistory(),
      usualAt: (now, sensitivity) => {
        // Once in six hours instead of once an hour: the year is long.
        if (this.#baseline === null || now - this.#baseline.at >= 6 * hourMs) {
          const recent = this.#samples.filter(({ start }) => start >= now - baselineMs);
          this.#baseline = { at: now, baseline: new Baseline(recent, (time) => Math.floor((time - yearStart) / hourMs) % 168) };
        }
        return this.#baseline.baseline.usualAt(Math.floor((now - 1 - yearStart) / hourMs) % 168, sensitivity);
      },
      uploadOf: (app) => {
        const past = this.#mostSent.get(app);
        return past === undefined ? null : { mostInAnHour: past.mostInAnHour, since: epochMs(past.since) };
      },
      seenBefore: { app: (app) => this.#apps.has(app), domain: () => true, country: () => true, countryOf: () => null },
    };
  }

  take({ time, moves }: Minute): void {
    let bytes = 0;
    for (const { app, rx, tx } of moves) {
      bytes += rx + tx;
      if (app === null) continue;
      this.#apps.add(app);
      this.#sentInHour.set(app, (this.#sentInHour.get(app) ?? 0) + tx);
    }
    this.#quarter += bytes;
    if (time % quarterMs === 0) {
      this.#samples.push({ start: epochMs(time - quarterMs), bytes: this.#quarter });
      this.#quarter = 0;
    }
    if (time % hourMs === 0) this.#endHour(time);
  }

  #endHour(time: number): void {
    for (const [app, sent] of this.#sentInHour) {
      const past = this.#mostSent.get(app) ?? { mostInAnHour: 0, since: time };
      this.#mostSent.set(app, { ...past, mostInAnHour: Math.max(past.mostInAnHour, sent) });
    }
    this.#sentInHour.clear();
  }
}

/** Everything that the alerts said in a year. */
function live(planted: readonly Planted[], seed: number): readonly AlertChange[] {
  const history = new LearningHistory();
  const alerting = new Alerting(history.past);
  const changes: AlertChange[] = [];
  const learningUntil = epochMs(yearStart + dayMs);
  for (const minute of minutesOf(364, seed, planted)) {
    const { time, moves, requests } = minute;
    const moment = momentWith(time, 60, moves, { httpRequests: requests, httpMost: { host: 'plain.example', requests } });
    const quiet = { ...noQuiet, learningUntil: time < learningUntil ? learningUntil : null };
    changes.push(...alerting.step({ moment, wallSeconds: 60, rules, troubles: [], plans: [], now: epochMs(time), quiet }));
    history.take(minute);
  }
  return changes;
}

/** What was told unasked, and began. */
function toldIn(changes: readonly AlertChange[]): readonly AlertChange[] {
  return changes.filter(({ act }) => act === 'show');
}

/** The last word on each alert has its whole cause. */
function lastWords(changes: readonly AlertChange[]): ReadonlyMap<number, AlertChange> {
  return new Map(changes.map((change) => [change.alert.id, change]));
}

/** A sum over the last quarter of an hour, or hour, is high a while after it began and before it is over. */
const lateMs = 30 * 60_000;

function finds(planted: Planted, { alert }: AlertChange): boolean {
  return alert.kind === planted.kind && alert.since > planted.from && alert.since <= planted.to + lateMs;
}

function hasCause(planted: Planted, { alert, apps, domains }: AlertChange): boolean {
  if (planted.kind === 'http-hits') return domains.includes('plain.example');
  const isApp = planted.kind === 'first-seen' ? apps.includes(planted.app) : alert.cause?.app === planted.app;
  return isApp && (planted.domain === null || alert.cause?.domain === planted.domain);
}

function say(context: TestContext, text: string): void {
  context.diagnostic(text);
}

test('A year of a household: every planted event is told, within its span and with its cause', (context) => {
  const planted = plant(7);
  const changes = live(planted, 11);
  const told = toldIn(changes);
  const last = lastWords(changes);
  for (const kind of ['spike', 'unusual', 'upload', 'first-seen', 'watch-list', 'http-hits', 'volume'] as const) {
    const ofKind = planted.filter((each) => each.kind === kind);
    const found = ofKind.filter((each) => told.some((change) => finds(each, change)));
    const right = ofKind.filter((each) => told.some((change) => finds(each, change) && hasCause(each, last.get(change.alert.id) ?? change)));
    say(context, `${kind}: ${found.length} of ${ofKind.length} planted events told, ${right.length} with their cause`);
    assert.deepEqual(ofKind.filter((each) => !found.includes(each)), [], `${kind}: all are told`);
    assert.deepEqual(ofKind.filter((each) => !right.includes(each)), [], `${kind}: with their cause`);
  }
  const over = [...last.values()].filter(({ alert }) => alert.state === 'over').length;
  assert.ok(over >= last.size - 1, 'and every one is over but what the year ends in');
});

test('A quiet year: at most one false alarm a week', (context) => {
  const weeks = 52;
  for (const seed of [11, 12]) {
    const told = toldIn(live([], seed));
    const byKind = Map.groupBy(told, ({ alert }) => alert.kind);
    say(context, `seed ${seed}: ${(told.length / weeks).toFixed(2)} alerts a week (${[...byKind].map(([kind, { length }]) => `${kind} ${length}`).join(', ')})`);
    if (process.env['TIDEWATCH_SHOW_ALERTS'] !== undefined) for (const { alert } of told) say(context, `${new Date(alert.since).toISOString()} ${alert.text}`);
    assert.ok(told.length <= weeks, `${told.length} alerts in ${weeks} weeks`);
  }
});
