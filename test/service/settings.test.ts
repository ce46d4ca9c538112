import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { defaultSettings, settingNamed, withPart } from '../../core/settings/index.ts';
import type { Setting, Settings, SettingsPart } from '../../core/settings/index.ts';
import type { Network, Snapshot } from '../../protocol/app.ts';
import type { HelperCommand, HelperMessage, Trouble } from '../../protocol/helper.ts';
import type { Log } from '../../service/log.ts';
import { ServiceError } from '../../service/service-error.ts';
import { SettingsFile } from '../../service/settings-file.ts';
import { SettingsInForce, captureOf, retentionOf } from '../../service/settings-in-force.ts';
import type { SettingsSource } from '../../service/settings-in-force.ts';
import { until } from './driven-clock.ts';
import { curl, exactly, processOf, serverName } from './measurements.ts';
import { ServiceBench } from './service-bench.ts';

let folder: string;
let file: SettingsFile;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-settings-'));
  file = new SettingsFile(path.join(folder, 'config/settings.json'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function setting(key: string): Setting {
  const found = settingNamed(key);
  assert.ok(found !== null, key);
  return found;
}

function write(content: unknown): void {
  mkdirSync(path.dirname(file.path), { recursive: true });
  writeFileSync(file.path, typeof content === 'string' ? content : JSON.stringify(content));
}

const text = (): string => readFileSync(file.path, 'utf8');

function refusedWith(code: string, pattern: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof ServiceError && error.code === code && pattern.test(error.message);
}

describe('the file of the settings', () => {
  it('is not made by reading it', () => {
    assert.deepEqual(file.read(), { settings: defaultSettings, problems: [], unreadable: null });
    assert.equal(existsSync(path.dirname(file.path)), false);
  });

  it('is written for its owner only, and holds what was set', () => {
    file.set(setting('retention.minuteDays'), 14);
    assert.equal(statSync(file.path).mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(file.path)).mode & 0o777, 0o700);
    assert.deepEqual(JSON.parse(text()), { retention: { minuteDays: 14 } });
    assert.equal(file.read().settings.retention.minuteDays, 14);
    file.reset(setting('retention.minuteDays'));
    assert.deepEqual(file.read().settings, defaultSettings);
  });

  it('keeps what it does not know, and what is wrong, beside what is set', () => {
    write({ future: { key: [1, { deep: null }] }, retention: { minuteDays: 'many', other: 1 } });
    file.set(setting('log.level'), 'warn');
    assert.deepEqual(JSON.parse(text()), { future: { key: [1, { deep: null }] }, retention: { minuteDays: 'many', other: 1 }, log: { level: 'warn' } });
    assert.deepEqual(file.read().problems.map(({ path }) => path).toSorted((a, b) => a.localeCompare(b)), ['future', 'retention.minuteDays', 'retention.other']);
  });

  it('takes the byte order mark that an editor wrote', () => {
    write('\uFEFF{"log":{"level":"error"}}');
    assert.equal(file.read().settings.log.level, 'error');
  });

  for (const [what, content] of Object.entries({ 'half written': '{"log":{"lev', 'empty': '', 'a list': '[]', 'a number': '7', 'not text': '\u0000\u0001', 'huge': ' '.repeat(5_000_000) })) {
    it(`is left as it is where it is ${what}: defaults, a reason, and no write`, () => {
      write(content);
      const state = file.read();
      assert.deepEqual(state.settings, defaultSettings);
      assert.ok(state.unreadable !== null && state.unreadable.length > 0);
      const refused = refusedWith('settings-unreadable', /left as they are \(.+\); mend the file or move it away/u);
      assert.throws(() => file.set(setting('log.level'), 'warn'), refused);
      assert.throws(() => file.reset(setting('log.level')), refused);
      assert.equal(text(), content);
    });
  }

  it('is not written where something else stands in the place of a group', () => {
    write({ retention: 5 });
    assert.throws(() => file.set(setting('retention.minuteDays'), 3), refusedWith('settings-unreadable', /"retention" holds 5/u));
    assert.equal(text(), '{"retention":5}');
  });

  it('may be a link: what it leads to is written', () => {
    write('{}');
    const link = path.join(folder, 'link.json');
    symlinkSync(file.path, link);
    new SettingsFile(link).set(setting('log.level'), 'warn');
    assert.deepEqual(JSON.parse(text()), { log: { level: 'warn' } });
  });

  it('says so where it is a folder, or its folder cannot be made', () => {
    mkdirSync(file.path, { recursive: true });
    assert.equal(file.read().unreadable, 'EISDIR');
    writeFileSync(path.join(folder, 'plain'), '');
    const impossible = new SettingsFile(path.join(folder, 'plain/settings.json'));
    assert.equal(impossible.read().unreadable, null);
    assert.throws(() => impossible.set(setting('log.level'), 'warn'), refusedWith('settings-unwritable', /cannot be written/u));
  });

  it('says so where it may not be read', { skip: process.getuid?.() === 0 ? 'pending: root may read everything' : false }, () => {
    write('{}');
    chmodSync(file.path, 0);
    assert.equal(file.read().unreadable, 'EACCES');
  });
});

/** A log that remembers its lines with their fields. */
function rememberingLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const say: Log['info'] = (message, fields) => void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  return { log: { debug: say, info: say, warn: say, error: say }, lines };
}

describe('the settings in force', () => {
  it('follow the file, and say what takes effect when, without the values', async () => {
    write({ history: { excludedDomains: ['secret.example'] } });
    const { log, lines } = rememberingLog();
    using settings = new SettingsInForce({ file, part: {}, log });
    let changes = 0;
    settings.onChange(() => (changes += 1));
    write({ history: { excludedDomains: ['hidden.example'] }, web: { port: 8080 } });
    await until(() => changes > 0, 'the change is seen');
    assert.deepEqual(settings.current.history.excludedDomains, ['hidden.example']);
    assert.deepEqual(lines, [
      'a setting has changed and is in force {"setting":"history.excludedDomains"}',
      'a setting has changed and takes effect at the next start {"setting":"web.port"}',
    ]);
  });

  it('go after what this run says', async () => {
    write({ capture: { filter: 'port 53', loopback: true } });
    using settings = new SettingsInForce({ file, part: { capture: { filter: 'port 443' } }, log: rememberingLog().log });
    assert.deepEqual(captureOf(settings.current), { interfaces: 'edges', filter: 'port 443', promiscuous: false, loopback: true });
    write({ capture: { filter: 'port 80', promiscuous: true } });
    await until(() => settings.current.capture.promiscuous, 'the change is seen');
    assert.deepEqual(captureOf(settings.current), { interfaces: 'edges', filter: 'port 443', promiscuous: true, loopback: false });
  });

  it('stay what they were while the file cannot be read, and tell of it until it can', async () => {
    write({ history: { excludedApps: ['/usr/bin/secret'] } });
    using settings = new SettingsInForce({ file, part: {}, log: rememberingLog().log });
    write('{"history":{"excl');
    await until(() => settings.troubles.length > 0, 'the trouble is seen');
    assert.deepEqual(settings.current.history.excludedApps, ['/usr/bin/secret']);
    assert.match(settings.troubles[0]?.message ?? '', /cannot be read: it is not valid JSON/u);
    write({ retention: { minuteDays: 0 } });
    await until(() => settings.troubles[0]?.subject === 'retention.minuteDays', 'the next trouble is seen');
    assert.equal(settings.troubles[0]?.message, 'the setting retention.minuteDays: 0 is not a whole number from 1 to 3650; using 7');
    assert.match(settings.troubles[0]?.remedy ?? '', /tidewatch settings reset retention\.minuteDays$/u);
    rmSync(file.path);
    await until(() => settings.troubles.length === 0, 'all is well');
    assert.deepEqual(settings.current, defaultSettings);
  });

  it('keep the fine tiers as long as they say', () => {
    const hour = 3_600_000;
    assert.deepEqual(retentionOf(defaultSettings), { recent: 6 * hour, minute: 7 * 24 * hour, quarter: 90 * 24 * hour });
  });
});

/** Settings that a test changes. */
class TestSettings implements SettingsSource {
  current: Settings;
  troubles: readonly Trouble[] = [];
  readonly #listeners: (() => void)[] = [];

  constructor(part: SettingsPart = {}) {
    this.current = withPart(defaultSettings, part);
  }

  onChange(act: () => void): Disposable {
    this.#listeners.push(act);
    return { [Symbol.dispose]: () => undefined };
  }

  change(part: SettingsPart): void {
    this.current = withPart(this.current, part);
    for (const act of this.#listeners) act();
  }
}

const start = Date.UTC(2026, 4, 1, 12);

function configurations(bench: ServiceBench): readonly (HelperCommand & { readonly kind: 'configure' })[] {
  return bench.running.helper.commands.filter((command) => command.kind === 'configure');
}

async function nextSnapshot(bench: ServiceBench, isIt: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  const events = bench.running.service.client.live()[Symbol.asyncIterator]();
  try {
    for (;;) {
      await bench.second({ flow: 9, rx: 1, tx: 1 });
      const next = await events.next();
      assert.ok(next.done !== true);
      if (next.value.kind === 'snapshot' && isIt(next.value.snapshot)) return next.value.snapshot;
    }
  } finally {
    await events.return?.();
  }
}

describe('a service whose settings change', () => {
  it('captures otherwise from then on', async () => {
    const settings = new TestSettings();
    await using bench = await ServiceBench.start(start, { ports: { settings } });
    settings.change({ capture: { interfaces: ['eth0'], filter: 'port 443' } });
    await bench.running.helper.configured(2);
    assert.deepEqual(configurations(bench)[1]?.configuration, { interfaces: ['eth0'], filter: 'port 443', promiscuous: false, loopback: false });
    settings.change({ log: { level: 'warn' } });
    await bench.seconds(2, 1);
    assert.equal(configurations(bench).length, 2, 'what has nothing to do with the capture leaves it alone');
  });

  it('goes on with what it captured where it cannot capture what is asked for, and says why', async () => {
    const settings = new TestSettings();
    const wrong: HelperMessage = { kind: 'trouble', trouble: { code: 'bad-filter', subject: 'eth0', message: 'the filter "x y" is none', remedy: 'mend it', over: false } };
    await using bench = await ServiceBench.start(start, {
      ports: { settings },
      helper: {
        answer: ({ filter }) => (filter === '' ? [{ kind: 'trouble', trouble: { ...wrong.trouble, over: true } }] : [wrong]),
      },
    });
    settings.change({ capture: { filter: 'x y' } });
    await bench.running.helper.configured(3);
    assert.deepEqual(configurations(bench).map(({ configuration }) => configuration.filter), ['', 'x y', '']);
    const { troubles } = await nextSnapshot(bench, (snapshot) => snapshot.troubles.every(({ code }) => code !== 'bad-filter'));
    assert.deepEqual(troubles.map(({ code, subject, message }) => [code, subject, message]), [
      ['bad-setting', 'capture', 'what is to be captured has not changed: the filter "x y" is none; mend it'],
    ]);
    settings.change({ capture: { filter: '', loopback: true } });
    await bench.running.helper.configured(4);
    const mended = await nextSnapshot(bench, (snapshot) => snapshot.troubles.length === 0);
    assert.deepEqual(mended.troubles, []);
  });

  it('tells what is wrong with them as troubles, until it is mended', async () => {
    const settings = new TestSettings();
    settings.troubles = [{ code: 'bad-setting', subject: 'log.level', message: 'the setting log.level: 5 is not it', remedy: 'mend it', over: false }];
    await using bench = await ServiceBench.start(start, { ports: { settings } });
    await nextSnapshot(bench, ({ troubles }) => troubles.some(({ subject }) => subject === 'log.level'));
    settings.troubles = [];
    settings.change({});
    await nextSnapshot(bench, ({ troubles }) => troubles.length === 0);
  });

  it('names nothing in its files that is withheld, and counts every byte of it', async () => {
    // What was told of an app before it was withheld stays until it is forgotten, like what was kept before.
    const settings = new TestSettings({ alerts: { firstSeen: false }, history: { excludedDomains: ['secret-domain.example'], excludedApps: [] } });
    await using bench = await ServiceBench.start(start, { ports: { settings } });
    const { helper } = bench.running;
    helper.say({ kind: 'processes', processes: [processOf(curl, '/usr/bin/secret-app')] });
    helper.say({ kind: 'names', names: [serverName(1, 'www.secret-domain.example', start), serverName(2, 'open.example', start)] });
    helper.say({
      kind: 'names',
      names: [{ kind: 'address', source: 'dns', name: 'address.secret-domain.example', address: '203.0.113.99', ttlSeconds: 600, time: bench.clock.now(), flow: null }],
    });
    const flows = [
      { flow: 1, rx: 1000, tx: 10, owner: exactly(curl), opened: true as const },
      { flow: 2, rx: 200, tx: 20, owner: exactly(curl), opened: true as const },
    ];
    await bench.second(...flows);
    settings.change({ history: { excludedApps: ['/usr/bin/secret-app'] } });
    await bench.clock.advance(70_000);
    const withheld = await bench.report('host');
    assert.equal(withheld.total.rxBytes, 1200);
    await bench.running.service.client.query('report', { by: 'app' });
    for (const name of ['secret-domain', 'secret-app']) assert.equal(bench.fileHolds(name), false, `${name} is in no file`);
    settings.change({ history: { excludedApps: [], excludedDomains: [] } });
    await bench.second(...flows);
    await bench.clock.advance(2000);
    const apps = (await bench.report('app')).rows.map(({ key, rxBytes }) => [key, rxBytes]);
    assert.deepEqual(apps.filter(([key]) => key === '/usr/bin/secret-app'), [['/usr/bin/secret-app', 1200]]);
    assert.equal(bench.fileHolds('secret-domain'), true);
  });
});

describe('a service that knows its networks', () => {
  it('keeps usage under the connection, and shows it with the interface', async () => {
    let network: Network | null = { name: 'Home', type: '802-11-wireless', ssid: 'Home 5G', metered: false };
    await using bench = await ServiceBench.start(start, { ports: { networks: { of: (name) => (name === 'eth0' ? network : null) } } });
    await bench.seconds(3, 100);
    const snapshot = await nextSnapshot(bench, ({ interfaces }) => interfaces.length > 0);
    assert.deepEqual(snapshot.interfaces.map(({ name, network }) => [name, network]), [['eth0', network]]);
    network = { name: 'Phone', type: 'gsm', ssid: null, metered: true };
    await bench.seconds(2, 10);
    network = null;
    await bench.seconds(2, 1);
    const rows = (await bench.report('network')).rows.map(({ key }) => key).toSorted((a, b) => (a ?? '').localeCompare(b ?? ''));
    assert.deepEqual(rows, ['eth0', 'Home', 'Phone']);
  });
});
