import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AlertChange } from '../../core/alert/situations.ts';
import { epochMs } from '../../protocol/units.ts';
import { Channels } from '../../service/alerts/channels.ts';
import { Webhook, webhookAddress } from '../../service/alerts/webhook.ts';
import { History, systemCalendar } from '../../service/history/index.ts';
import type { Log } from '../../service/log.ts';
import type { Mail, MailOutcome } from '../../service/mail/index.ts';
import { AlertReceiver } from './alert-receiver.ts';
import { spike } from './app-contract.ts';
import { DrivenClock, until } from './driven-clock.ts';

const start = 1_750_000_000_000;
const secret = 'only-the-two-of-us-know';

let folder: string;
let clock: DrivenClock;
let history: History;
let receiver: AlertReceiver;
let lines: string[];
let withheldApps: Set<string>;
let mails: Mail[];
let mailOutcome: MailOutcome;

const log: Log = (() => {
  const write = (message: string, fields?: object): void => void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  return { debug: write, info: write, warn: write, error: write };
})();

function openHistory(): History {
  return new History({ path: path.join(folder, 'history.sqlite'), calendar: systemCalendar({ TZ: 'UTC' }), now: clock.now(), pid: process.pid });
}

function openChannels(settings: Partial<{ webhook: string; webhookSecretFile: string }> = {}, environment: Record<string, string> = { TIDEWATCH_WEBHOOK_SECRET: secret }): Channels {
  const webhook = new Webhook({ clock, environment, settings: () => ({ webhook: receiver.address, webhookSecretFile: '', ...settings }) });
  return new Channels({
    clock, log, webhook, kept: () => history.alerts, random: () => 0.5,
    naming: () => ({ mayNameApp: (app) => !withheldApps.has(app), mayNameHost: () => true }),
    sendMail: async (mail) => {
      mails.push(mail);
      return mailOutcome;
    },
  });
}

function changeOf(id: number, step: AlertChange['step'], told: AlertChange['alert']['told'] = ['webhook']): AlertChange {
  const alert = { ...spike, id, situation: `spike:${id}`, told, ...(step === 'over' ? { state: 'over' as const, until: epochMs(start) } : {}) };
  return { alert, act: 'none', step, apps: ['/usr/bin/curl'], domains: ['a.example'] };
}

/** Keeps changes as the service does, and has them sent. */
function tell(channels: Channels, changes: readonly AlertChange[]): void {
  const deliveries = channels.deliveriesOf(changes);
  assert.ok(history.alerts.keep(changes, deliveries));
  channels.wake();
}

/** Lets time go by while the receiver is as it is, until so many requests have come. */
async function pass(requests: number): Promise<void> {
  for (let steps = 0; receiver.received.length < requests; steps += 1) {
    assert.ok(steps < 10_000, `${requests} requests come`);
    await clock.advance(500);
  }
}

async function emptied(channel = 'webhook'): Promise<void> {
  await until(() => history.alerts.countDeliveries(channel) === 0, 'nothing waits');
}

function isSigned({ signature, body }: { readonly signature: string; readonly body: string }): boolean {
  const [, seconds = '', mac = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/u.exec(signature) ?? [];
  return mac === createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-channels-'));
  clock = new DrivenClock(start);
  history = openHistory();
  receiver = await AlertReceiver.listen();
  lines = [];
  mails = [];
  withheldApps = new Set();
  mailOutcome = { kind: 'sent', refused: [] };
});
afterEach(async () => {
  await receiver[Symbol.asyncDispose]();
  history.close(clock.now());
  rmSync(folder, { recursive: true });
});

describe('a webhook', () => {
  it('gets what has begun and what is over, signed, in order, and nothing of what only went on', async () => {
    await using channels = openChannels();
    tell(channels, [changeOf(1, 'opened'), changeOf(1, 'changed'), changeOf(2, 'opened', ['desktop'])]);
    tell(channels, [changeOf(1, 'over')]);
    await until(() => receiver.received.length === 2, 'both came');
    await emptied();
    assert.deepEqual(receiver.received.map(({ body }) => JSON.parse(body).event), ['opened', 'over']);
    const [first] = receiver.received;
    assert.ok(first !== undefined && receiver.received.every(isSigned));
    assert.deepEqual(JSON.parse(first.body), { version: 1, key: first.key, event: 'opened', alert: changeOf(1, 'opened').alert });
  });

  it('loses nothing and doubles nothing while its receiver fails, is silent, hangs up and answers 500 for a minute', async () => {
    await using channels = openChannels();
    const manners = ['fail', 'silence', 'hang-up', 'take-and-hang-up', 'fail'] as const;
    let id = 0;
    for (const manner of manners) {
      receiver.manner = manner;
      for (let each = 0; each < 8; each += 1) tell(channels, [changeOf((id += 1), 'opened')]);
      const begun = clock.monotonic();
      while (clock.monotonic() - begun < 60_000) {
        await clock.advance(500);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    receiver.manner = 'take';
    for (let steps = 0; history.alerts.countDeliveries('webhook') > 0; steps += 1) {
      assert.ok(steps < 20_000, 'everything is taken');
      await clock.advance(500);
    }
    const taken = receiver.taken.map(({ body }) => JSON.parse(body).alert.id);
    assert.deepEqual(taken, Array.from({ length: id }, (_, index) => index + 1), 'each once, in order');
    assert.ok(receiver.received.filter(({ body }) => body !== '').every(isSigned), 'every attempt is signed');
    assert.ok(receiver.received.length > taken.length, 'and there was something to try again');
    assert.ok(receiver.received.length < 120, `${receiver.received.length} attempts: it does not hammer`);
  });

  it('goes on after a restart, with the same keys', async () => {
    receiver.manner = 'fail';
    {
      await using channels = openChannels();
      tell(channels, [changeOf(1, 'opened'), changeOf(2, 'opened')]);
      await pass(3);
    }
    const before = receiver.received.at(-1)?.key;
    history.close(clock.now());
    history = openHistory();
    receiver.manner = 'take';
    await using channels = openChannels();
    channels.wake();
    await emptied();
    assert.deepEqual(receiver.taken.map(({ body }) => JSON.parse(body).alert.id), [1, 2]);
    assert.equal(receiver.taken[0]?.key, before);
  });

  it('pauses longer and longer, and never longer than a quarter of an hour', async () => {
    await using channels = openChannels();
    receiver.manner = 'fail';
    tell(channels, [changeOf(1, 'opened')]);
    const waits: number[] = [];
    for (let attempts = 1; attempts <= 14; attempts += 1) {
      await until(() => lines.length === attempts && clock.waiting === 1, 'it was tried and waits');
      waits.push(clock.longestWait);
      await clock.advance(clock.longestWait);
    }
    assert.ok(waits.every((wait, index) => wait >= (waits[index - 1] ?? 0)), waits.join(' '));
    assert.deepEqual([waits[0], waits.at(-1)], [1500, 675_000]);
  });

  it('gives up what its receiver calls wrong, and goes on with the next', async () => {
    await using channels = openChannels();
    receiver.manner = 'refuse';
    tell(channels, [changeOf(1, 'opened')]);
    await emptied();
    receiver.manner = 'take';
    tell(channels, [changeOf(2, 'opened')]);
    await emptied();
    assert.deepEqual(receiver.taken.map(({ body }) => JSON.parse(body).alert.id), [2]);
    assert.ok(lines.some((line) => line.includes('given up') && line.includes('422')));
  });

  it('keeps a bounded number of messages for a receiver that never comes back, the newest', async () => {
    await using channels = openChannels();
    receiver.manner = 'fail';
    for (let round = 0; round < 21; round += 1) tell(channels, Array.from({ length: 100 }, (_, index) => changeOf(round * 100 + index + 1, 'opened')));
    channels.wake();
    assert.equal(history.alerts.countDeliveries('webhook'), 2000);
  });

  it('never gets what was withheld or forgotten while it waited', async () => {
    await using channels = openChannels();
    receiver.manner = 'fail';
    tell(channels, [changeOf(1, 'opened')]);
    await until(() => lines.length === 1 && clock.waiting === 1, 'it was tried');
    withheldApps.add('/usr/bin/curl');
    receiver.manner = 'take';
    await clock.advance(5000);
    await emptied();
    assert.deepEqual(receiver.taken, []);
    withheldApps.clear();
    receiver.manner = 'fail';
    tell(channels, [changeOf(2, 'opened')]);
    await until(() => receiver.received.length === 2, 'it was tried');
    await history.forget({ kind: 'domain', domain: 'a.example' }, clock.now());
    assert.equal(history.alerts.countDeliveries('webhook'), 0);
    assert.deepEqual(history.alerts.find({ limit: 10 }), []);
    assert.equal(history.alerts.lastId(), 2, 'and its number is not given again');
  });

  it('says of a test whether it was taken, and never logs the secret or the way to it', async () => {
    await using channels = openChannels();
    assert.deepEqual(await channels.test('webhook'), { ok: true, message: 'the webhook has taken it, signed' });
    receiver.manner = 'fail';
    const failed = await channels.test('webhook');
    assert.match(failed.message, /^127\.0\.0\.1:\d+ answered 500$/u);
    tell(channels, [changeOf(1, 'opened')]);
    await until(() => lines.length > 0, 'the failure is logged');
    assert.ok(lines.every((line) => !line.includes(secret) && !line.includes('/alerts')));
  });

  it('takes its secret from a file that nobody else may read', async () => {
    const file = path.join(folder, 'secret');
    writeFileSync(file, `${secret}\n`);
    chmodSync(file, 0o644);
    await using open = openChannels({ webhookSecretFile: file }, {});
    assert.match((await open.test('webhook')).message, /chmod 600/u);
    assert.deepEqual(receiver.received, []);
    chmodSync(file, 0o600);
    assert.equal((await open.test('webhook')).ok, true);
    assert.ok(receiver.received.every(isSigned));
    await using unsigned = openChannels({}, {});
    assert.match((await unsigned.test('webhook')).message, /unsigned/u);
  });

  it('is encrypted, or on this machine', () => {
    const kinds = (text: string): string => webhookAddress(text).kind;
    for (const good of ['https://example.org/x', 'http://127.0.0.1:8080/x', 'http://[::1]/x', 'http://localhost/x']) assert.equal(kinds(good), 'found', good);
    for (const bad of ['http://example.org/x', 'http://10.0.0.1/', 'ftp://example.org', 'file:///etc/passwd', '', 'x', 'http://127.0.0.1.example.org/']) assert.equal(kinds(bad), 'problem', bad);
  });
});

describe('mail of alerts', () => {
  it('is handed over when the server is there again', async () => {
    await using channels = openChannels();
    mailOutcome = { kind: 'problem', problem: 'mail.example.org:587 cannot be reached' };
    tell(channels, [changeOf(1, 'opened', ['mail'])]);
    await until(() => lines.length === 1 && clock.waiting === 1, 'it was tried');
    mailOutcome = { kind: 'sent', refused: [] };
    await clock.advance(5000);
    await emptied('mail');
    assert.deepEqual(mails.map(({ subject }) => subject), ['curl is downloading a lot', 'curl is downloading a lot']);
    assert.match(mails[0]?.text ?? '', /^curl is downloading 45 MB\/s\./u);
  });
});
