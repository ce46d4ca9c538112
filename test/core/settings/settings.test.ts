import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  changedSettings, defaultSettings, parseSettingText, readSettings, settingList, settingNamed, settingText, settingsDocument, settingsSchema, valueOf, withPart,
} from '../../../core/settings/index.ts';
import type { Setting } from '../../../core/settings/index.ts';

function setting(key: string): Setting {
  const found = settingNamed(key);
  assert.ok(found !== null, key);
  return found;
}

const messages = (raw: unknown): readonly string[] => readSettings(raw).problems.map(({ message }) => message);

describe('settings', () => {
  it('are the defaults where nothing is said', () => {
    for (const nothing of [{}, null, [], 7, 'x', undefined]) assert.deepEqual(readSettings(nothing), { settings: defaultSettings, problems: [] });
    assert.deepEqual(defaultSettings.retention, { recentHours: 6, minuteDays: 7, quarterDays: 90 });
    assert.equal(defaultSettings.capture.interfaces, 'edges');
    assert.equal(defaultSettings.names.reverse, false);
  });

  it('take what a file says, and the defaults for the rest', () => {
    const { settings, problems } = readSettings({ retention: { minuteDays: 14 }, capture: { interfaces: ['eth0'] } });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings, withPart(defaultSettings, { retention: { minuteDays: 14 }, capture: { interfaces: ['eth0'] } }));
  });

  it('report a wrong value by its path, with what it should be and what is used', () => {
    assert.deepEqual(messages({ retention: { minuteDays: 0 } }), ['retention.minuteDays: 0 is not a whole number from 1 to 3650; using 7']);
    assert.deepEqual(messages({ capture: { loopback: 'yes' } }), ['capture.loopback: "yes" is not true or false; using false']);
    assert.deepEqual(messages({ web: { port: 80 } }), ['web.port: 80 is not "off" or a whole number from 1024 to 65535; using "off"']);
    assert.deepEqual(messages({ log: 5 }), ['log: 5 is no group of settings; using the defaults of level']);
  });

  it('leave out a wrong element of a list, and count the others', () => {
    const { settings, problems } = readSettings({ history: { excludedDomains: ['example.org', 'NOT A DOMAIN', 'example.net'] } });
    assert.deepEqual(settings.history.excludedDomains, ['example.org', 'example.net']);
    assert.deepEqual(problems.map(({ path }) => path), ['history.excludedDomains.1']);
    assert.deepEqual(readSettings({ networks: { local: ['10.1.0.0/99', '2001:db8::/32'] } }).settings.networks.local, ['2001:db8::/32']);
  });

  it('measure every edge where no name in a list of interfaces is one', () => {
    const { settings, problems } = readSettings({ capture: { interfaces: ['a name with blanks'] } });
    assert.equal(settings.capture.interfaces, 'edges');
    assert.equal(problems.length, 2);
  });

  it('report keys that mean nothing, whatever they are called', () => {
    const raw: unknown = JSON.parse('{"retension":{},"names":{"revers":true},"__proto__":{"reverse":true},"constructor":1}');
    const reading = readSettings(raw);
    assert.deepEqual(reading.settings, defaultSettings);
    assert.deepEqual(reading.problems.map(({ kind, path }) => [kind, path]), [
      ['unknown', 'retension'], ['unknown', 'names.revers'], ['unknown', '__proto__'], ['unknown', 'constructor'],
    ]);
  });

  it('are valid whatever the file held, with no more problems than a person reads', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('capture', 'retention', 'history', 'log'), fc.jsonValue())), (raw) => {
        const { settings, problems } = readSettings(raw);
        assert.deepEqual(settingsSchema.parse(settings), settings);
        assert.ok(problems.length <= 50);
      }),
    );
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 1]));
    assert.equal(messages(many).length, 50);
  });

  it('say of each what it means, what it may be, and when a change takes effect', () => {
    for (const { key, facts } of settingList) {
      assert.match(facts.meaning, /^[A-Z`].*\.$/u, key);
      assert.ok(facts.expects.length > 0, key);
    }
    assert.equal(new Set(settingList.map(({ key }) => key)).size, settingList.length);
  });

  it('that differ are found by their key', () => {
    const after = withPart(defaultSettings, { log: { level: 'warn' }, networks: { local: ['192.0.2.0/24'] } });
    assert.deepEqual(changedSettings(defaultSettings, after).map(({ key }) => key), ['networks.local', 'log.level']);
  });

  it('keep what one run says over what the file says', () => {
    const part = { capture: { loopback: true, filter: undefined } };
    const { settings } = readSettings({ capture: { filter: 'port 443', loopback: false } });
    assert.deepEqual(withPart(settings, part).capture, { interfaces: 'edges', filter: 'port 443', promiscuous: false, loopback: true });
  });
});

describe('a value that is typed', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['retention.minuteDays', '14', 14],
    ['capture.loopback', 'on', true],
    ['capture.loopback', 'false', false],
    ['capture.interfaces', 'edges', 'edges'],
    ['capture.interfaces', 'eth0, wlan0', ['eth0', 'wlan0']],
    ['capture.interfaces', '["eth0"]', ['eth0']],
    ['capture.filter', '80', '80'],
    ['web.port', 'off', 'off'],
    ['web.port', '8080', 8080],
    ['history.excludedDomains', 'example.org,example.net', ['example.org', 'example.net']],
    ['history.excludedDomains', '', []],
  ];
  for (const [key, text, value] of cases) {
    it(`${key} ${JSON.stringify(text)} is ${JSON.stringify(value)}`, () => assert.deepEqual(parseSettingText(setting(key), text), { value }));
  }

  for (const [key, text] of [['retention.minuteDays', '0'], ['retention.minuteDays', '1.5'], ['log.level', 'loud'], ['networks.local', '10.0.0.0/99'], ['history.excludedDomains', 'Example.org']] as const) {
    it(`${key} ${JSON.stringify(text)} is none`, () => assert.equal(parseSettingText(setting(key), text), null));
  }

  it('is what was shown', () => {
    for (const one of settingList) {
      const value = valueOf(defaultSettings, one);
      assert.deepEqual(parseSettingText(one, settingText(value)), { value }, one.key);
    }
  });
});

describe('docs/SETTINGS.md', () => {
  it('is what `node build/settings-document.ts` prints', () => {
    assert.equal(readFileSync(new URL('../../../docs/SETTINGS.md', import.meta.url), 'utf8'), settingsDocument());
  });
});
