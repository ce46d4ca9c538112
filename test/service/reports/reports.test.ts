import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { epochMs } from '../../../protocol/units.ts';
import { until } from '../driven-clock.ts';
import { rowsInParquet } from '../formats/parquet-reader.ts';
import { MailServer } from '../mail/mail-server.ts';
import { openReports, traffic } from './report-stage.ts';

/** A Friday. */
const friday = Date.UTC(2026, 10, 20, 12);
const dayMs = 86_400_000;

/** Two days of traffic, then the next morning. */
async function twoDays(stage: Parameters<typeof traffic>[0]): Promise<void> {
  await traffic(stage, 1000);
  stage.clock.set(dayMs);
  await traffic(stage, 3000, 'with-backup');
  stage.clock.set(18 * 3_600_000);
}

describe('a report', () => {
  it('says what was used, what changed and when, and equals the history', async () => {
    await using stage = await openReports(friday, {});
    await twoDays(stage);
    const { text, mediaType, subject } = await stage.service.client.query('reportPreview', { period: 'daily', format: 'json' });
    const report = JSON.parse(text);
    assert.equal(mediaType, 'application/json');
    assert.match(subject, /^Daily network report of .*: 2026-11-21$/u);
    const range = { from: epochMs(report.from), to: epochMs(report.to) };
    assert.deepEqual([range.from, range.to], [Date.UTC(2026, 10, 21), Date.UTC(2026, 10, 22)]);
    const { total } = await stage.service.client.query('report', { by: 'app', ...range });
    assert.deepEqual([report.total.rxBytes, report.total.txBytes], [total.rxBytes, total.txBytes]);
    assert.deepEqual(report.newApps.map(({ key, bytes }: { key: string; bytes: number }) => [key, bytes]), [['/opt/<b>backup', 5050]]);
    assert.deepEqual(report.newDomains.map(({ key }: { key: string }) => key), ['b.example']);
    assert.equal(report.movers[0].difference, 5050);
    assert.equal(report.busiestHour.start, Date.UTC(2026, 10, 21, 12));
    assert.ok(report.notMeasuredSeconds > 0, 'the rest of the day');
  });

  it('is a page, a mail and a text, each escaped', async () => {
    await using stage = await openReports(friday, {});
    await twoDays(stage);
    const forms = await Promise.all((['html', 'mail', 'text'] as const).map((format) => stage.service.client.query('reportPreview', { period: 'daily', format })));
    const [page, mail, text] = forms.map(({ text }) => text);
    for (const html of [page, mail]) {
      assert.ok(html?.includes('&lt;b&gt;backup') === true && !html.includes('<b>backup'));
      assert.ok(!/(?:src|href)="http/u.test(html), 'nothing is loaded');
    }
    assert.ok(page?.includes('<svg ') === true);
    assert.ok(mail !== undefined && !mail.includes('<svg') && mail.includes('bgcolor="#0072b2"'), 'bars that every mail program shows');
    assert.ok(text?.includes('Busiest hour: Sat') === true && text.includes('Changed most'), text);
  });

  it('is of the last whole week and month before a time', async () => {
    await using stage = await openReports(friday, {});
    await twoDays(stage);
    const title = async (period: 'weekly' | 'monthly', at: number): Promise<string> =>
      JSON.parse((await stage.service.client.query('reportPreview', { period, format: 'json', at: epochMs(at) })).text).title;
    assert.equal(await title('weekly', Date.UTC(2026, 10, 23, 7)), '2026-11-16 to 2026-11-22');
    assert.equal(await title('weekly', Date.UTC(2026, 10, 22, 23)), '2026-11-09 to 2026-11-15');
    assert.equal(await title('monthly', Date.UTC(2026, 11, 1)), '2026-11');
  });

  it('uses a template of one\'s own, names the error in it, and cannot be harmed by it', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-templates-'));
    await using stage = await openReports(friday, { reports: { templates: folder } });
    const write = (content: string): void => writeFileSync(path.join(folder, 'report.txt.liquid'), content);
    const ask = async (): Promise<string> => (await stage.service.client.query('reportPreview', { period: 'daily', format: 'text' })).text;
    await traffic(stage, 1000);
    write('Used: {{ report.total.bytes | size }} {{ report.constructor }}');
    assert.equal(await ask(), 'Used: 0 B ');
    const refused = async (): Promise<string> => ask().then(() => 'accepted', (error: unknown) => (error instanceof Error ? error.message : ''));
    write('{{ report.total | nothing }}');
    assert.match(await refused(), /report\.txt\.liquid has an error: .*nothing.*line:1.*mend it or take it away/u);
    write('{% for i in (1..1000000000) %}x{% endfor %}');
    assert.match(await refused(), /has an error: .*limit/u);
    write("{% render '../../../../etc/passwd' %}");
    assert.match(await refused(), /has an error: /u);
    rmSync(folder, { recursive: true });
  });
});

describe('reports on a schedule', () => {
  const part = (server: MailServer): object => ({ host: '127.0.0.1', port: server.port, security: 'none', to: ['me@example.org'] });

  it('are mailed when they are due, once, with the files that are asked for', async () => {
    await using server = await MailServer.start({ encryption: 'none' });
    await using stage = await openReports(friday, { mail: part(server), reports: { daily: '07:00', mail: true, attachments: ['json', 'csv', 'parquet'] } });
    await twoDays(stage);
    await stage.clock.advance(31_000);
    await until(() => server.mails.length === 1, 'the report of Friday, which was due on Saturday at seven');
    assert.match(server.mails[0]?.raw ?? '', /2026-11-20/u);
    stage.clock.set(2 * 3_600_000);
    await stage.clock.advance(31_000);
    await until(() => server.mails.length === 2, 'the report of Saturday was mailed');
    await stage.clock.advance(120_000);
    assert.equal(server.mails.length, 2, 'and no more than that');
    const raw = server.mails[1]?.raw ?? '';
    for (const each of ['multipart/alternative', 'text/plain', 'text/html', 'tidewatch-daily-2026-11-21.json', 'tidewatch-daily-2026-11-21.csv', 'tidewatch-daily-2026-11-21.parquet']) assert.ok(raw.includes(each), each);
    const base64 = /apache\.parquet[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/u.exec(raw)?.[1] ?? '';
    const rows = rowsInParquet(Buffer.from(base64, 'base64'));
    const { total } = await stage.service.client.query('report', { by: 'app', from: epochMs(Date.UTC(2026, 10, 21)), to: epochMs(Date.UTC(2026, 10, 22)) });
    for (const section of ['app', 'domain', 'network', 'scope', 'step']) {
      const sum = rows.filter((row) => row['section'] === section).reduce((bytes, row) => bytes + Number(row['rx_bytes']), 0);
      assert.equal(sum, total.rxBytes, section);
    }
  });

  it('are made up once after sleep, the newest only', async () => {
    await using server = await MailServer.start({ encryption: 'none' });
    await using stage = await openReports(friday, { mail: part(server), reports: { daily: '07:00', mail: true } });
    await traffic(stage, 1000);
    await stage.clock.advance(31_000);
    assert.equal(server.mails.length, 0, 'what was due before the schedule was first seen was not missed');
    stage.clock.sleep(5 * dayMs);
    await stage.clock.advance(31_000);
    await until(() => server.mails.length === 1, 'one for five days');
    assert.match(server.mails[0]?.raw ?? '', /2026-11-24/u);
    await stage.clock.advance(120_000);
    assert.equal(server.mails.length, 1);
  });

  it('wait in the spool for a server that is away, over a restart, longer each time', async () => {
    await using server = await MailServer.start({ encryption: 'none' });
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-spool-'));
    const historyPath = path.join(folder, 'history.sqlite');
    const settings = { mail: part(server), reports: { mail: true } };
    server.isClosed = true;
    {
      await using stage = await openReports(friday, settings, { historyPath });
      const sent = await stage.service.client.command('sendReport', { period: 'daily' });
      assert.equal(sent.mail, 'spooled');
      assert.match(sent.problem ?? '', /refused the mail \(.*come back later\)/u);
      await stage.clock.advance(95_000);
      await until(() => readdirSync(`${historyPath}.reports/spool`).length === 1, 'it is on the disk');
    }
    assert.equal(server.mails.length, 0);
    await using stage = await openReports(friday + 100_000, settings, { historyPath });
    const [waiting] = (await stage.service.client.query('reports', {})).spool;
    assert.ok(waiting !== undefined && waiting.attempts === 2 && waiting.nextAttempt > stage.clock.now());
    server.isClosed = false;
    await stage.clock.advance(60_000);
    assert.equal(server.mails.length, 0, 'not before its time');
    await stage.clock.advance(120_000);
    await until(() => server.mails.length === 1 && readdirSync(`${historyPath}.reports/spool`).length === 0, 'it has arrived');
    assert.deepEqual((await stage.service.client.query('reports', {})).spool, []);
    rmSync(folder, { recursive: true });
  });

  it('are archived, and old ones deleted, and nothing else', async () => {
    for (const form of ['zip', 'tar.gz'] as const) {
      const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-archive-'));
      await using stage = await openReports(friday, { reports: { archive: form, archiveFolder: folder, archiveDays: 10, attachments: ['csv'] } });
      await traffic(stage, 1000);
      writeFileSync(path.join(folder, `tidewatch-daily-2026-11-19.${form}`), "somebody else's");
      const first = await stage.service.client.command('sendReport', { period: 'daily' });
      assert.equal(first.archived, path.join(folder, `tidewatch-daily-2026-11-19-2.${form}`), 'beside what was there');
      const listed = form === 'zip' ? execFileSync('python3', ['-m', 'zipfile', '-l', first.archived ?? ''], { encoding: 'utf8' }) : execFileSync('tar', ['tzf', first.archived ?? ''], { encoding: 'utf8' });
      for (const name of ['tidewatch-daily-2026-11-19.html', 'tidewatch-daily-2026-11-19.txt', 'tidewatch-daily-2026-11-19.csv']) assert.ok(listed.includes(name), listed);
      stage.clock.set(5 * dayMs);
      const second = await stage.service.client.command('sendReport', { period: 'daily' });
      stage.clock.set(9 * dayMs);
      writeFileSync(path.join(folder, 'notes.txt'), 'mine');
      await stage.service.client.command('sendReport', { period: 'weekly' });
      assert.ok(!existsSync(first.archived ?? ''), 'fourteen days old');
      assert.ok(existsSync(second.archived ?? ''), 'nine days old');
      writeFileSync(second.archived ?? '', 'changed by somebody');
      stage.clock.set(9 * dayMs);
      await stage.service.client.command('sendReport', { period: 'monthly' });
      assert.equal(readFileSync(second.archived ?? '', 'utf8'), 'changed by somebody');
      assert.equal(readFileSync(path.join(folder, 'notes.txt'), 'utf8'), 'mine');
      assert.equal(readFileSync(path.join(folder, `tidewatch-daily-2026-11-19.${form}`), 'utf8'), "somebody else's");
      rmSync(folder, { recursive: true });
    }
  });

  it('say in one line that there is no room for them', async () => {
    await using stage = await openReports(friday, { reports: { archive: 'zip', archiveFolder: '/dev/null/here' } });
    await assert.rejects(stage.service.client.command('sendReport', { period: 'daily' }), { message: /^the report cannot be kept in \/dev\/null\/here \(E\w+\); make room or choose another place with reports\.archiveFolder$/u });
  });

  it('leave a spool alone that holds something else', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-spool-'));
    const historyPath = path.join(folder, 'history.sqlite');
    mkdirSync(`${historyPath}.reports/spool`, { recursive: true });
    for (const [name, content] of [['a.json', '{}'], ['b.json', 'not json'], ['notes.txt', 'x']] as const) writeFileSync(`${historyPath}.reports/spool/${name}`, content);
    chmodSync(`${historyPath}.reports/spool`, 0o700);
    await using stage = await openReports(friday, {}, { historyPath });
    assert.deepEqual((await stage.service.client.query('reports', {})).spool, []);
    await stage.clock.advance(40_000);
    assert.equal(readdirSync(`${historyPath}.reports/spool`).length, 3);
    rmSync(folder, { recursive: true });
  });
});
