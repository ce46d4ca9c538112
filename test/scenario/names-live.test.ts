import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { startCounters } from './harness/counters.ts';
import type { CounterRule } from './harness/counters.ts';
import { openInChromium } from './harness/chromium.ts';
import { startDnsmasq } from './harness/dnsmasq.ts';
import { createNetwork } from './harness/namespace.ts';
import type { Network } from './harness/namespace.ts';
import { missingPrograms, whyPending } from './harness/requirements.ts';
import { sharedAddress, sites, startSitesOverQuic, startSitesOverTls } from './harness/shared-sites.ts';
import type { SharedSites, SiteKey } from './harness/shared-sites.ts';
import { assertClose, assertConserved, sumBy, sumLines } from './harness/sums.ts';
import { install, startLive } from './harness/tidewatch.ts';

/** One run of the browser: by which transport, and what is expected of the names. */
interface Browsing {
  readonly transport: 'tls' | 'quic';
  readonly source: 'tls-sni' | 'quic-sni';
  readonly start: (network: Network) => Promise<SharedSites>;
}

function rules(transport: Browsing['transport']): Readonly<Record<SiteKey | 'all', CounterRule>> {
  const protocol = transport === 'tls' ? 'tcp' : 'udp';
  const rule = (port: number): CounterRule => ({ sent: `${protocol} dport ${port}`, received: `${protocol} sport ${port}` });
  const [shop, news, mail] = sites;
  return { all: {}, shop: rule(shop.port), news: rule(news.port), mail: rule(mail.port) };
}

async function browse(test: TestContext, { transport, source, start }: Browsing): Promise<void> {
  using network = createNetwork();
  const shared = await start(network);
  await startDnsmasq(network, Object.fromEntries(sites.map(({ name }) => [name, sharedAddress])));
  const counters = startCounters(network.peer, rules(transport));
  await using live = await startLive(install(network));
  counters.reset();
  const before = live.lines.length;
  await openInChromium(network, { ...shared, transport });
  await live.settled();
  const truth = counters.read();
  const lines = live.lines.slice(before);
  await live.finish();
  assertConserved(lines);
  const sums = sumLines(lines);
  assert.equal(sums.droppedPackets, 0);
  const deviations = [assertClose('the total', sums.total, truth.all)];
  for (const { key, name, port } of sites) {
    deviations.push(assertClose(name, sums.domains.get(name), truth[key]));
    assert.ok(truth[key].rxBytes > 800_000, `the picture of ${name} came over ${transport}: ${truth[key].rxBytes} bytes`);
    const named = lines.flatMap((line) => line.domains).filter(({ domain }) => domain === name);
    assert.deepEqual([...sumBy(named, (row) => row.source).keys()], [source], `how ${name} was learned`);
    const connections = lines.flatMap((line) => line.connections).filter(({ remotePort }) => remotePort === port);
    const owners = [...sumBy(connections, (row) => row.app).keys()];
    assert.ok(owners.length === 1 && owners[0]?.endsWith('/chromium') === true, `${name} was opened by ${JSON.stringify(owners)}`);
  }
  test.diagnostic(`${truth.all.rxBytes} bytes down; largest deviation ${(100 * Math.max(...deviations)).toFixed(3)} %`);
}

const skip = (programs: Parameters<typeof missingPrograms>[0]): string | false => whyPending() ?? missingPrograms(programs) ?? false;

describe('three sites that share one address, opened by Chromium', () => {
  it('are told apart over TLS by the names in their ClientHellos', { skip: skip(['chromium']), timeout: 120_000 }, (test) =>
    browse(test, { transport: 'tls', source: 'tls-sni', start: startSitesOverTls }));

  it('are told apart over HTTP/3 by the names in their Initial packets', { skip: skip(['chromium', 'caddy']), timeout: 120_000 }, (test) =>
    browse(test, { transport: 'quic', source: 'quic-sni', start: startSitesOverQuic }));
});
