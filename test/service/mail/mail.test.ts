import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { defaultSettings } from '../../../core/settings/index.ts';
import { sendMail, systemPassword } from '../../../service/mail/index.ts';
import type { MailSettings } from '../../../service/mail/index.ts';
import { MailServer } from './mail-server.ts';

const mail = { subject: 'What was used', text: 'plain', html: '<p>rich</p>', attachments: [{ name: 'a.json', mediaType: 'application/json', content: Buffer.from('{}') }] };

function settings(port: number, part: Partial<MailSettings> = {}): MailSettings {
  return { ...defaultSettings.mail, host: '127.0.0.1', port, security: 'none', to: ['one@example.org', 'two@example.org'], ...part };
}

const noPassword = async (): Promise<null> => null;
const password = async (): Promise<string> => 'correct horse';

describe('mail', () => {
  it('reaches its server whole, from whom and to whom it is said', async () => {
    await using server = await MailServer.start({ encryption: 'none' });
    assert.deepEqual(await sendMail(mail, settings(server.port, { from: 'tide@example.net' }), noPassword), { kind: 'sent', refused: [] });
    const [{ from, to, raw } = { from: '', to: [], raw: '' }] = server.mails;
    assert.deepEqual([from, to], ['tide@example.net', ['one@example.org', 'two@example.org']]);
    for (const part of ['Subject: What was used', 'Auto-Submitted: auto-generated', 'text/plain', 'text/html', 'filename=a.json']) assert.ok(raw.includes(part), part);
  });

  it('is encrypted and authenticated as it is set', async () => {
    for (const [encryption, security] of [['tls', 'tls'], ['starttls', 'starttls']] as const) {
      await using server = await MailServer.start({ encryption, password: 'correct horse' });
      const set = settings(server.port, { security, user: 'tide', host: 'localhost', caFile: server.caFile });
      assert.deepEqual(await sendMail(mail, set, password), { kind: 'sent', refused: [] }, security);
      assert.deepEqual(server.mails.map(({ user, secure }) => [user, secure]), [['tide', true]]);
    }
  });

  it('says in one line what is wrong, with the next action and without the password', async () => {
    await using open = await MailServer.start({ encryption: 'none' });
    await using closed = await MailServer.start({ encryption: 'tls', password: 'another' });
    const { port } = closed;
    await using refusing = await MailServer.start({ encryption: 'none', refuse: 'one@example.org' });
    const cases: readonly (readonly [MailSettings, RegExp])[] = [
      [settings(port, { to: [] }), /set mail\.to$/u],
      [settings(open.port, { user: 'tide' }), /never sent unencrypted/u],
      [settings(open.port, { security: 'starttls' }), /offers no encryption.*mail\.security/u],
      [settings(port, { security: 'tls', host: 'localhost' }), /certificate that is not trusted/u],
      [settings(port, { security: 'tls', host: 'localhost', user: 'tide', caFile: closed.caFile }), /refused the name or the password/u],
      [settings(1), /cannot be reached/u],
      [settings(port, { host: 'no-such-host.invalid' }), /mail\.host/u],
      [settings(refusing.port, { to: ['one@example.org'] }), /refused the mail.*mail\.to/u],
      [settings(port, { caFile: '/nowhere/ca.pem' }), /ca\.pem/u],
    ];
    for (const [set, expected] of cases) {
      const outcome = await sendMail(mail, set, password);
      assert.ok(outcome.kind === 'problem', expected.source);
      assert.match(outcome.problem, expected);
      assert.doesNotMatch(outcome.problem, /correct horse|\n/u);
    }
    assert.deepEqual(await sendMail(mail, settings(refusing.port), noPassword), { kind: 'sent', refused: ['one@example.org'] });
    const without = await sendMail(mail, settings(port, { security: 'tls', user: 'tide' }), noPassword);
    assert.ok(without.kind === 'problem' && /TIDEWATCH_SMTP_PASSWORD.*secret-tool store/u.test(without.problem));
    assert.deepEqual(await sendMail(mail, settings(port, { host: '' }), noPassword), { kind: 'off' });
  });
});

const isMissing = ['dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'].some((program) => spawnSync(program, ['--help']).error !== undefined);

describe('the password of mail', () => {
  it('is taken from the environment, and is nowhere where no session is', async () => {
    assert.equal(await systemPassword({ TIDEWATCH_SMTP_PASSWORD: 'x y' })('any'), 'x y');
    assert.equal(await systemPassword({})('any'), null);
    assert.equal(await systemPassword({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' })('any'), null);
  });

  it('is taken from a real keyring', { skip: isMissing ? 'pending: needs the Debian packages dbus, gnome-keyring and libsecret-tools' : false }, async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'tidewatch-keyring-'));
    try {
      const ask = "import('./service/mail/index.ts').then(async ({ systemPassword }) => { const find = systemPassword(process.env); process.stdout.write(JSON.stringify([await find('tide@mail.example.org'), await find('other')])); })";
      const script = `printf 'unlocked' | gnome-keyring-daemon --unlock --components=secrets >/dev/null; printf 'grüß dich' | secret-tool store --label=Tidewatch service tidewatch account tide@mail.example.org; "${process.execPath}" -e "${ask}"`;
      const child = spawn('dbus-run-session', ['--', 'sh', '-c', script], {
        cwd: path.join(import.meta.dirname, '../../..'),
        env: { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: home, XDG_DATA_HOME: home },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      await once(child, 'close');
      assert.deepEqual(JSON.parse(said), ['grüß dich', null]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('stands in no setting', () => {
    assert.ok(!/pass/iu.test(Object.keys(defaultSettings.mail).join(' ')));
    assert.ok(!readFileSync(new URL('../../../service/mail/send.ts', import.meta.url), 'utf8').includes('log.'));
  });
});
