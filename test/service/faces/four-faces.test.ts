import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { epochMs } from '../../../protocol/units.ts';
import { launcher, Running } from '../../cli/run.ts';
import { until } from '../driven-clock.ts';
import { MailServer } from '../mail/mail-server.ts';
import { get, samples } from '../metrics/scrape.ts';
import { GivenSettings, traffic } from '../reports/report-stage.ts';
import { ServiceStage } from '../service-stage.ts';

/** A Friday at noon; the report of it is asked for the day after. */
const friday = Date.UTC(2026, 10, 20, 12);
const dayMs = 86_400_000;

async function ntmd(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  socket.end(`${command}\n`);
  await once(socket, 'close');
  return answer;
}

interface Bytes {
  readonly rx: number;
  readonly tx: number;
}

describe('one store', () => {
  it("says the same of one window to the window's API, the command line, Prometheus, the ntmd socket and a mailed report", async () => {
    await using server = await MailServer.start({ encryption: 'none' });
    const settings = new GivenSettings({ mail: { host: '127.0.0.1', port: server.port, security: 'none', to: ['me@example.org'] }, reports: { mail: true, attachments: ['json'] } });
    await using stage = await ServiceStage.open(friday, {
      settings,
      exports: { metrics: { listen: { host: '127.0.0.1', port: 0 }, domains: 50, names: 'own' }, ntmd: { port: 0, intervalSeconds: 10 } },
    });
    const { service } = stage;
    const scrape = async (): Promise<Bytes> => {
      const bytes = samples((await get(service.metricsAddress ?? '')).body, 'tidewatch_bytes_total');
      const sum = (direction: string): number => Object.entries(bytes)
        .filter(([labels]) => labels.includes('app="/usr/bin/curl"') && labels.includes(`direction="${direction}"`) && !labels.includes('loopback'))
        .reduce((total, [, value]) => total + value, 0);
      return { rx: sum('rx'), tx: sum('tx') };
    };
    await traffic(stage, 777);
    stage.clock.set(dayMs);
    const before = await scrape();
    const range = { from: epochMs(Date.UTC(2026, 10, 21)), to: epochMs(Date.UTC(2026, 10, 22)) };
    await traffic(stage, 123_456);
    await traffic(stage, 4321, 'with-backup');
    stage.clock.set(18 * 3_600_000);
    const expected: Bytes = { rx: 127_777, tx: 20 };
    const faces: Record<string, Bytes> = {};
    const grown = await scrape();
    faces['Prometheus'] = { rx: grown.rx - before.rx, tx: grown.tx - before.tx };
    const report = await service.client.query('report', { by: 'app', ...range });
    const row = report.rows.find(({ key }) => key === '/usr/bin/curl');
    faces['the API'] = { rx: row?.rxBytes ?? 0, tx: row?.txBytes ?? 0 };
    const words = ['report', '--by', 'app', '--json', '--from', '2026-11-21', '--to', '2026-11-21', '--socket', `${stage.folder}/service.sock`];
    const shell = new Running([launcher, ...words], { environment: { PATH: process.env['PATH'], TZ: 'UTC', HOME: stage.folder } });
    const { stdout, stderr } = await shell.outcome();
    assert.equal(stderr, '');
    const line = JSON.parse(stdout).rows.find(({ key }: { key: string }) => key === '/usr/bin/curl');
    faces['the command line'] = { rx: line.rxBytes, tx: line.txBytes };
    const { data } = JSON.parse(await ntmd(service.ntmdPort ?? 0, `traffic-between ${range.from / 1000} ${range.to / 1000}`));
    faces['the ntmd socket'] = { rx: data.curl.bytesRx, tx: data.curl.bytesTx };
    assert.equal((await service.client.command('sendReport', { period: 'daily' })).mail, 'sent');
    await until(() => server.mails.length === 1, 'the report was mailed');
    const base64 = /application\/json[\s\S]*?\r\n\r\n([\s\S]*?)\r\n--/u.exec(server.mails[0]?.raw ?? '')?.[1] ?? '';
    const mailed = JSON.parse(Buffer.from(base64, 'base64').toString()).apps.find(({ key }: { key: string }) => key === '/usr/bin/curl');
    faces['the mailed report'] = { rx: mailed.rxBytes, tx: mailed.txBytes };
    for (const [face, bytes] of Object.entries(faces)) assert.deepEqual(bytes, expected, face);
  });
});
