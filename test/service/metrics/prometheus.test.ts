import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { curl, exactly, processOf, second, serverName } from '../measurements.ts';
import { ServiceStage } from '../service-stage.ts';

const isMissing = spawnSync('prometheus', ['--version']).error !== undefined;
const pending = isMissing ? "pending: Debian's package prometheus is not installed" : false;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  assert.ok(typeof bound === 'object' && bound !== null);
  return bound.port;
}

const Answer = z.object({
  status: z.literal('success'),
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })) }),
});

/** Debian's Prometheus, which scrapes one address every second. */
class Prometheus implements AsyncDisposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-prometheus-'));
  readonly #child;
  readonly #port: number;

  constructor(target: string, port: number) {
    this.#port = port;
    const configuration = path.join(this.#folder, 'prometheus.yml');
    writeFileSync(configuration, `global: {scrape_interval: 1s}\nscrape_configs: [{job_name: tidewatch, static_configs: [{targets: ["${target}"]}]}]\n`);
    const words = [`--config.file=${configuration}`, `--storage.tsdb.path=${this.#folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'];
    this.#child = spawn('prometheus', words, { stdio: 'ignore' });
  }

  /** The result of an instant query; null while it is not to be had. */
  async ask(query: string): Promise<Readonly<Record<string, number>> | null> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}/api/v1/query?query=${encodeURIComponent(query)}`);
      const answer = Answer.safeParse(await response.json());
      if (!answer.success) return null;
      return Object.fromEntries(answer.data.data.result.map(({ metric, value }) => [metric['app'] ?? metric['domain'] ?? metric['addr'] ?? '', Number(value[1])]));
    } catch {
      // It has not begun to answer.
      return null;
    }
  }

  /** Asks until the answer is as it should be. */
  async until(query: string, isSo: (answer: Readonly<Record<string, number>>) => boolean): Promise<Readonly<Record<string, number>>> {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const answer = await this.ask(query);
      if (answer !== null && isSo(answer)) return answer;
      if (performance.now() > deadline) throw new Error(`${query}: ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#child, 'exit');
    this.#child.kill();
    await closed;
    rmSync(this.#folder, { recursive: true });
  }
}

const start = Date.UTC(2026, 10, 20, 12);

/** The queries that docs/METRICS.md shows. */
function documentedQueries(): readonly string[] {
  const text = readFileSync(new URL('../../../docs/METRICS.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^```promql\n([^`]+)\n```$/gmu)].flatMap(([, block = '']) => block.split('\n')).filter((line) => line !== '' && !line.startsWith('#'));
}

describe('a real Prometheus', { skip: pending, timeout: 120_000 }, () => {
  it('scrapes both sets of metrics, and its increase is the report of the same window', async () => {
    await using stage = await ServiceStage.open(start, { exports: { metrics: { listen: { host: '127.0.0.1', port: 0 }, domains: 10, names: 'compatible' } } });
    const { helper, clock, service } = stage;
    helper.say({ kind: 'processes', processes: [processOf(curl, '/usr/bin/curl')] });
    helper.say({ kind: 'names', names: [serverName(1, 'www.example.org', start)] });
    await using prometheus = new Prometheus(new URL(service.metricsAddress ?? '').host, await freePort());
    let sent = 0;
    const move = async (bytes: number): Promise<void> => {
      sent += bytes;
      await clock.advance(1000);
      helper.say(...second(clock.now(), [{ flow: 1, rx: bytes, tx: 1, owner: exactly(curl), ...(sent === bytes ? { opened: true as const } : {}) }]));
      await stage.snapshot();
      await clock.advance(1000);
    };
    await move(1000);
    const total = 'sum by (app) (tidewatch_bytes_total{direction="rx",scope!="loopback"})';
    await prometheus.until(total, (answer) => answer['/usr/bin/curl'] === 1000);
    await move(2345);
    assert.deepEqual(await prometheus.until(total, (answer) => answer['/usr/bin/curl'] === sent), { '/usr/bin/curl': 3345 });
    const report = await service.client.query('report', { by: 'app' });
    assert.equal(report.total.rxBytes, sent);
    const growth = await prometheus.ask('max_over_time(tidewatch_bytes_total{direction="rx"}[5m]) - min_over_time(tidewatch_bytes_total{direction="rx"}[5m])');
    assert.deepEqual(growth, { '/usr/bin/curl': 2345 }, 'the second window alone');
    assert.deepEqual(await prometheus.until('total_incoming', (answer) => answer[''] === sent), { '': sent });
    const hosts = await prometheus.ask('hosts_src_dst{addr=~"203.*"}');
    assert.deepEqual(hosts, { '203.0.113.7->192.0.2.1, proto: tcp': sent });
    const queries = documentedQueries();
    assert.ok(queries.length >= 6);
    for (const query of queries) assert.notEqual(await prometheus.ask(query), null, query);
  });
});
