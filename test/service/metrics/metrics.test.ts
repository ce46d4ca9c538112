import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { epochMs } from '../../../protocol/units.ts';
import type { ExportOptions } from '../../../service/exporters.ts';
import { backup, curl, exactly, processOf, second, serverName, statusOf } from '../measurements.ts';
import { ServiceStage } from '../service-stage.ts';
import { get, promtool, samples } from './scrape.ts';

const noon = Date.UTC(2026, 10, 20, 12);

type Metrics = NonNullable<ExportOptions['metrics']>;

function open(options: Partial<Metrics> = {}): Promise<ServiceStage> {
  const metrics: Metrics = { listen: { host: '127.0.0.1', port: 0 }, domains: 50, names: 'own', ...options };
  return ServiceStage.open(noon, { exports: { metrics } });
}

/** Two seconds of two apps, to the internet, the local network and loopback. */
async function measure(stage: ServiceStage): Promise<void> {
  const { helper, clock } = stage;
  helper.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical'), statusOf('lo', 'loopback')] });
  helper.say({ kind: 'processes', processes: [processOf(curl, '/usr/bin/curl'), processOf(backup, '/usr/bin/backup "nightly"')] });
  helper.say({ kind: 'names', names: [serverName(1, 'www.example.org', noon)] });
  await clock.advance(1000);
  helper.say(...second(noon + 1000, [
    { flow: 1, rx: 1000, tx: 100, owner: exactly(curl), opened: true },
    { flow: 2, rx: 30, tx: 3, owner: exactly(backup), remote: '192.168.1.9', opened: true },
    { flow: 3, rx: 7, tx: 7, interface: 'lo', remote: '127.0.0.1' },
  ]));
  await stage.snapshot();
  await clock.advance(1000);
  helper.say(...second(noon + 2000, [{ flow: 1, rx: 500, tx: 50, owner: exactly(curl) }, { flow: 4, rx: 20, tx: 2 }]));
  await stage.snapshot();
  await clock.advance(1000);
}

function metricsOf({ service }: ServiceStage): string {
  assert.ok(service.metricsAddress !== null);
  return service.metricsAddress;
}

describe('metrics', () => {
  it('count what goes into the history, at the moment they are asked for', async () => {
    await using stage = await open();
    await measure(stage);
    const { status, body } = await get(metricsOf(stage));
    assert.equal(status, 200);
    const bytes = samples(body, 'tidewatch_bytes_total');
    assert.equal(bytes['{app="/usr/bin/curl",direction="rx",scope="internet"}'], 1500);
    assert.equal(bytes['{app="/usr/bin/backup \\"nightly\\"",direction="tx",scope="lan"}'], 3);
    assert.equal(bytes['{app="unknown",direction="rx",scope="loopback"}'], 7);
    const report = await stage.service.client.query('report', { by: 'app', to: epochMs(noon + 10_000) });
    const total = Object.entries(bytes).filter(([labels]) => !labels.includes('loopback')).reduce((sum, [, value]) => sum + value, 0);
    assert.equal(total, report.total.rxBytes + report.total.txBytes);
    for (const metric of ['tidewatch_domain_bytes_total', 'tidewatch_network_bytes_total', 'tidewatch_captured_bytes_total']) {
      assert.equal(Object.values(samples(body, metric)).reduce((sum, value) => sum + value, 0), total, metric);
    }
    assert.equal(samples(body, 'tidewatch_domain_bytes_total')['{domain="example.org",direction="rx"}'], 1500);
    assert.equal(samples(body, 'tidewatch_connections_total')['{app="/usr/bin/curl",scope="internet"}'], 1);
    assert.equal(samples(body, 'tidewatch_measured_seconds_total')[''], 2);
    assert.equal(samples(body, 'tidewatch_measuring')[''], 1);
  });

  it('are clean for promtool', async () => {
    await using stage = await open();
    await measure(stage);
    assert.deepEqual(await promtool((await get(metricsOf(stage))).body), { code: 0, said: [] });
  });

  it('have the names and labels of trafficmonitor where they are asked for', async () => {
    await using stage = await open({ names: 'compatible' });
    await measure(stage);
    const { body } = await get(metricsOf(stage));
    const firstSeen = /firstSeen="(\d{4} \d\d \d\d \d\d:\d\d:\d\d)"/u.exec(body)?.[1];
    const port = (text: string): string => `dstPort="${text}",firstSeen="${firstSeen}",port="${text}"`;
    const hosts = samples(body, 'hosts_src_dst');
    assert.equal(hosts[`{addr="192.0.2.1->203.0.113.7, proto: tcp",${port('tcp/443(https)')}}`], 152);
    assert.equal(hosts[`{addr="203.0.113.7->192.0.2.1, proto: tcp",${port('reply_tcp/443(https)')}}`], 1520);
    const later = samples(body, 'trafficmonitor_hosts_src_dst');
    assert.equal(later[`{a_srcAddr="203.0.113.7",b_dstAddr="192.0.2.1",c_dstPort="reply_tcp/443(https)",d_firstSeen="${firstSeen}",e_srcMac="",f_dstMac=""}`], 1520);
    for (const prefix of ['', 'trafficmonitor_']) {
      assert.equal(samples(body, `${prefix}total_incoming`)[''], 1520, 'without the local network');
      assert.equal(samples(body, `${prefix}total_outgoing`)[''], 152);
    }
    const { said } = await promtool(body);
    const foreign = /^(?:hosts_src_dst|trafficmonitor_hosts_src_dst) label names should be written in 'snake_case' not 'camelCase'$/u;
    assert.deepEqual(said.filter((line) => !foreign.test(line)), [], 'nothing but what trafficmonitor itself is told');
  });

  it('give the largest domains a series of their own, and sum the rest', async () => {
    await using stage = await open({ domains: 1 });
    stage.helper.say({ kind: 'names', names: [serverName(1, 'a.example', noon), serverName(2, 'b.example', noon), serverName(3, 'c.example', noon)] });
    await stage.clock.advance(1000);
    stage.helper.say(...second(noon + 1000, [{ flow: 1, rx: 10, tx: 0 }, { flow: 2, rx: 5, tx: 0 }, { flow: 3, rx: 20, tx: 0 }]));
    await stage.snapshot();
    await stage.clock.advance(1000);
    assert.deepEqual(samples((await get(metricsOf(stage))).body, 'tidewatch_domain_bytes_total'), {
      '{domain="a.example",direction="rx"}': 10, '{domain="a.example",direction="tx"}': 0,
      '{domain="other",direction="rx"}': 5, '{domain="other",direction="tx"}': 0,
      '{domain="c.example",direction="rx"}': 20, '{domain="c.example",direction="tx"}': 0,
    });
  });

  it('name nobody in the private mode', async () => {
    await using stage = await open({ names: 'compatible' });
    await stage.service.client.command('beginPrivate', {});
    await stage.clock.advance(1000);
    stage.helper.say(...second(noon + 1000, [{ flow: 1, rx: 1000, tx: 100, owner: exactly(curl), opened: true }]));
    await stage.snapshot();
    await stage.clock.advance(1000);
    const { body } = await get(metricsOf(stage));
    assert.equal(samples(body, 'tidewatch_bytes_total')['{app="unknown",direction="rx",scope="internet"}'], 1000);
    assert.ok(!body.includes('203.0.113.7') && !body.includes('curl'));
    assert.deepEqual(samples(body, 'hosts_src_dst'), { '{addr="other",dstPort="",firstSeen="",port=""}': 1100 });
  });

  it('are for nobody whom a page of the web sends, and for no other host', async () => {
    await using stage = await open();
    const address = metricsOf(stage);
    assert.equal((await get(address, { Host: 'tidewatch.example' })).status, 421);
    assert.equal((await get(address, { Origin: 'https://example.org' })).status, 403);
    assert.equal((await get(address, { 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    assert.equal((await get(address.replace('/metrics', '/'))).status, 404);
    assert.equal((await get(address, {}, 'POST')).status, 405);
    assert.equal((await get(address, { Host: 'localhost:9718' })).status, 200);
  });

  it('keep a service from starting where their address is taken, with one line', async () => {
    await using stage = await open();
    const port = Number(new URL(metricsOf(stage)).port);
    await assert.rejects(open({ listen: { host: '127.0.0.1', port } }), { code: 'metrics-unavailable', message: `cannot serve metrics at 127.0.0.1:${port} (EADDRINUSE); choose another address or port` });
  });
});
