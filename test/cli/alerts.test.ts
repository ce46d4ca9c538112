import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import type { Alert, AlertQuiet, PlanState } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { AppHandlers } from '../../service/app-calls.ts';
import { History, systemCalendar } from '../../service/history/index.ts';
import { usage } from '../core/history/usages.ts';
import { spike } from '../service/app-contract.ts';
import { ReplayService } from './replay-service.ts';
import { Scratch, tidewatch } from './run.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());
const environment = { ...scratch.environment, TIDEWATCH_SETTINGS: scratch.file('settings.json') };

const quiet: AlertQuiet = { snoozedUntil: null, mutes: [{ app: '/usr/bin/curl' }], learningUntil: null };
const night: Alert = { ...spike, id: 2, title: 'wild\u001b[31m', text: '', state: 'over', until: epochMs(61_001), told: [], quiet: 'quiet-hours' };
const state: PlanState = {
  plan: { name: 'Home', network: null, capBytes: 500e9, cycle: { kind: 'monthly', day: 15 }, direction: 'both', scope: 'internet', hours: null, tellAtPercent: [80] },
  from: epochMs(0), to: epochMs(2_592_000_000), usedBytes: 412e9, leftBytes: 88e9, share: 0.824, dailyBytes: 1.1e9,
  forecast: { bytes: 560e9, low: 520e9, high: 600e9 }, exceedsAt: epochMs(2_000_000_000), notMeasuredSeconds: 7200,
};

let asked: unknown[];
let service: ReplayService | null = null;

async function serve(handlers: Partial<AppHandlers>): Promise<void> {
  service = await ReplayService.start(scratch.file('service.sock'), { handlers, historyPath: scratch.file('history.sqlite') });
}

beforeEach(() => {
  asked = [];
});
afterEach(async () => {
  await service?.[Symbol.asyncDispose]();
  service = null;
});

describe('tidewatch alerts', () => {
  const answers: Partial<AppHandlers> = {
    alerts: (query) => {
      asked.push(query);
      return { alerts: [night, spike], quiet };
    },
    snoozeAlerts: ({ forSeconds }) => ({ ...quiet, snoozedUntil: forSeconds === 0 ? null : epochMs(Date.UTC(2026, 10, 20, 14, 3)) }),
    muteAlerts: (mute) => ({ ...quiet, mutes: [mute] }),
    unmuteAlerts: () => ({ ...quiet, mutes: [] }),
    testChannel: ({ channel }) => ({ ok: channel === 'desktop', message: channel === 'desktop' ? 'every desktop was told' : 'there is no webhook' }),
  };

  it('lists them with what became of them, and what holds alerts back', async () => {
    await serve(answers);
    const { stdout, code } = await tidewatch(['alerts', '--open', '--kind', 'spike', '--limit', '7'], environment);
    assert.equal(code, 0);
    assert.deepEqual(asked, [{ limit: 7, kind: 'spike', state: 'open' }]);
    assert.match(stdout, /1 min +spike +wild\\x1b\[31m.* nobody: quiet hours/u);
    assert.match(stdout, /open +spike +curl is downloading a lot\. curl is downloading 45 MB\/s\. +desktop/u);
    assert.match(stdout, /Muted: app \/usr\/bin\/curl\./u);
  });

  it('prints JSON as the service says it', async () => {
    await serve(answers);
    const { stdout } = await tidewatch(['alerts', '--json'], environment);
    assert.deepEqual(JSON.parse(stdout), { alerts: [night, spike], quiet });
  });

  it('snoozes, mutes, unmutes and tests', async () => {
    await serve(answers);
    assert.match((await tidewatch(['alerts', 'snooze', '1h'], environment)).stdout, /^Snoozed until 2026-11-20 14:03/u);
    assert.doesNotMatch((await tidewatch(['alerts', 'snooze', 'off'], environment)).stdout, /Snoozed/u);
    assert.match((await tidewatch(['alerts', 'mute', '--app', '/usr/bin/x', '--kind', 'plan'], environment)).stdout, /^Muted: kind plan, app \/usr\/bin\/x\.\n$/u);
    assert.equal((await tidewatch(['alerts', 'unmute', '--domain', 'a.example'], environment)).stdout, 'Nothing holds alerts back but the settings.\n');
    const failed = await tidewatch(['alerts', 'test', 'webhook'], environment);
    assert.deepEqual([failed.code, failed.stderr], [1, 'tidewatch: the test was not sent: there is no webhook\n']);
    assert.equal((await tidewatch(['alerts', 'test', 'desktop'], environment)).code, 0);
  });

  it('says how it is written', async () => {
    for (const words of [['alerts', 'mute'], ['alerts', 'test', 'pigeon'], ['alerts', 'snooze', 'long'], ['alerts', '--kind', 'weather']]) {
      assert.equal((await tidewatch(words, environment)).code, 2, words.join(' '));
    }
  });

  it('reads the history where no service runs', async () => {
    const now = epochMs(Date.now());
    const history = new History({ path: scratch.file('history.sqlite'), calendar: systemCalendar({ TZ: 'UTC' }), now, pid: process.pid });
    history.alerts.keep([{ alert: spike, apps: [], domains: [] }], []);
    history.add(usage({ at: now }));
    history.close(now);
    const { stdout } = await tidewatch(['alerts', '--json'], environment);
    assert.deepEqual(JSON.parse(stdout).alerts, [spike]);
  });
});

describe('tidewatch plan', () => {
  it('says where each plan stands, where it leads, and which networks have none', async () => {
    await serve({ plans: () => ({ plans: [state], offered: ['My phone'] }) });
    const { stdout } = await tidewatch(['plan'], environment);
    assert.match(stdout, /^Home: 412 GB of 500 GB used \(82\.4 %\), 88\.0 GB left$/mu);
    assert.match(stdout, /monthly, from day 15; all networks, both directions, internet only/u);
    assert.match(stdout, /1\.10 GB a day keeps within it/u);
    assert.match(stdout, /560 GB \(112 %\), likely 520 GB to 600 GB/u);
    assert.match(stdout, /used up on 1970-01-24/u);
    assert.match(stdout, /2 h of it were not measured/u);
    assert.match(stdout, /The network My phone is metered and has no plan/u);
    assert.deepEqual(JSON.parse((await tidewatch(['plan', '--json'], environment)).stdout), { plans: [state], offered: ['My phone'] });
  });

  it('adds, changes and removes plans in the file of the settings', async () => {
    assert.match((await tidewatch(['plan', 'add', 'Home', '--cap', '500GB', '--monthly', '31', '--hours', '8-24'], environment)).stdout, /^Added the plan Home/u);
    assert.match((await tidewatch(['plan', 'add', 'Phone', '--cap', '1.5 GiB', '--weekly', 'fri', '--network', 'My phone', '--tell', '50,100'], environment)).stdout, /^Added the plan Phone/u);
    assert.match((await tidewatch(['plan', 'add', 'Home', '--cap', '1TB', '--every', '28 from 2026-11-20'], environment)).stdout, /^Changed the plan Home/u);
    const { plans } = JSON.parse(readFileSync(scratch.file('settings.json'), 'utf8'));
    assert.deepEqual(plans.list.map(({ name, capBytes, cycle }: { name: string; capBytes: number; cycle: object }) => ({ name, capBytes, cycle })), [
      { name: 'Phone', capBytes: 1_610_612_736, cycle: { kind: 'weekly', weekday: 5 } },
      { name: 'Home', capBytes: 1e12, cycle: { kind: 'days', days: 28, from: '2026-11-20' } },
    ]);
    assert.match((await tidewatch(['plan'], environment)).stdout, /^Home: /mu, 'and the history says where they stand');
    assert.match((await tidewatch(['plan', 'remove', 'Home'], environment)).stdout, /^Removed the plan Home/u);
    for (const words of [['plan', 'remove', 'Home'], ['plan', 'add', 'X', '--cap', '20'], ['plan', 'add', 'X', '--cap', '1GB', '--monthly', '32'], ['plan', 'add', 'X', '--cap', '1GB', '--monthly', '1', '--weekly', 'monday'], ['plan', 'add', 'X', '--cap', '1GB', '--hours', '8'], ['plan', 'add', 'X'], ['plan', 'add', 'X', '--cap', '1GB', '--tell', 'often']]) {
      assert.equal((await tidewatch(words, environment)).code, 2, words.join(' '));
    }
  });
});
