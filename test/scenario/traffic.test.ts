import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { domains, names } from './harness/dnsmasq.ts';
import { curl, measure, openLaboratory, runClient } from './harness/laboratory.ts';
import type { Laboratory, Measured } from './harness/laboratory.ts';
import { clientAddresses, peerAddresses } from './harness/namespace.ts';
import { scenarioOptions } from './harness/requirements.ts';
import { assertClose, sumBy, sumOf } from './harness/sums.ts';
import type { Bytes } from './harness/sums.ts';
import { reportOf } from './harness/tidewatch.ts';

const downloader = fileURLToPath(new URL('clients/download.ts', import.meta.url));

/** What one scenario says of itself: whose traffic it is and which names it goes to. */
interface Expectation {
  /** The end of the app's identity, by the client address that it used. */
  readonly apps: Readonly<Partial<Record<'one' | 'two', string>>>;
  readonly domains: readonly (keyof typeof domains)[];
  readonly source?: 'tls-sni' | 'http-host' | 'dns';
}

/** The one app whose identity ends so. */
function appEndingWith(apps: ReadonlyMap<string | null, Bytes>, end: string): string {
  const found = [...apps.keys()].filter((app): app is string => app !== null && app.endsWith(end));
  const [app] = found;
  assert.ok(app !== undefined && found.length === 1, `one app ends with ${end}: ${JSON.stringify([...apps.keys()])}`);
  return app;
}

/** What an app moved beside its questions to the resolver. */
function besideQuestions(app: string, { lines }: Measured): Bytes {
  assert.ok(lines.every(({ otherConnections }) => otherConnections.connections === 0), 'every connection has a row');
  return sumOf(lines.flatMap(({ connections }) => connections).filter((row) => row.app === app && row.remoteAddress !== peerAddresses.resolver));
}

/** Asserts that the app has its bytes, and that nothing of them is unsure but what it asked the resolver. Returns the deviation. */
function assertAppMeasured(app: string, truth: Bytes, measured: Measured): number {
  const { sums, lines } = measured;
  const reasons = JSON.stringify([...sumBy(lines.flatMap((line) => line.apps), (row) => `${row.app ?? 'nobody'}, ${row.reason ?? 'exact'}`)]);
  for (const side of ['rxBytes', 'txBytes'] as const) {
    const unsure = (sums.apps.get(app)?.[side] ?? 0) - (sums.exact.get(app)?.[side] ?? 0);
    assert.ok(unsure <= measured.truth.resolver[side], `${unsure} ${side} of ${app} are not exact: ${reasons}`);
  }
  return assertClose(`app ${app} among ${reasons}`, besideQuestions(app, measured), truth);
}

function assertMeasured(measured: Measured, expected: Expectation): string {
  const { sums, truth, lines } = measured;
  const deviations = [assertClose('the total', sums.total, truth.all)];
  assert.equal(sums.droppedPackets, 0, 'the kernel dropped nothing');
  for (const [address, end] of Object.entries(expected.apps) as ['one' | 'two', string][]) {
    deviations.push(assertAppMeasured(appEndingWith(sums.apps, end), truth[address], measured));
  }
  for (const key of expected.domains) {
    deviations.push(assertClose(`domain ${names[key]}`, sums.domains.get(names[key]), truth[key]));
    deviations.push(assertClose(`host ${names[key]}`, sums.hosts.get(names[key]), truth[key]));
    const { source } = expected;
    if (source === undefined) continue;
    const rows = lines.flatMap((line) => line.domains).filter((row) => row.domain === names[key]);
    assert.deepEqual([...sumBy(rows, (row) => row.source).keys()], [source], `how ${names[key]} was learned`);
  }
  const worst = Math.max(...deviations);
  return `${truth.all.rxBytes} bytes down, ${truth.all.txBytes} up; largest deviation ${(worst * 100).toFixed(4)} %`;
}

/** The registrable domain of one of the laboratory's names. */
function domainOf(host: string | null): string | null {
  const found = Object.entries(names).find(([, name]) => name === host);
  return found === undefined ? host : (Object.entries(domains).find(([key]) => key === found[0])?.[1] ?? host);
}

/** A report by host calls by its address what has no name; live calls it null. */
function nameOf(host: string | null): string | null {
  return host === null || isIP(host) !== 0 ? null : host;
}

/** Rows that hold bytes, in the order of their keys. */
function comparable(rows: Iterable<readonly [string | null, Bytes]>): readonly (readonly [string, Bytes])[] {
  return [...rows]
    .filter(([, bytes]) => bytes.rxBytes + bytes.txBytes > 0)
    .map(([key, bytes]) => [key ?? '', bytes] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** The history says afterwards what was seen live, by every key. */
async function assertHistory({ installation, allSums }: Measured): Promise<void> {
  const byDomain = sumBy([...allSums.domains].map(([host, bytes]) => ({ host, ...bytes })), (row) => domainOf(row.host));
  const expected = { app: allSums.apps, host: allSums.domains, domain: byDomain, day: null } as const;
  for (const by of ['app', 'host', 'domain', 'day'] as const) {
    const report = await reportOf(installation, by);
    const total = { rxBytes: report.total.rxBytes, txBytes: report.total.txBytes };
    assert.deepEqual(total, allSums.total, `total of the report by ${by}`);
    assert.deepEqual(sumOf(report.rows), allSums.total, `rows of the report by ${by} add up to the total`);
    const live = expected[by];
    const rows = sumBy(report.rows, (row) => (by === 'host' ? nameOf(row.key) : row.key));
    if (live !== null) assert.deepEqual(comparable(rows), comparable(live), `rows of the report by ${by}`);
  }
}

describe('what crosses the link is counted once, for the right app and domain', scenarioOptions(150_000), () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory();
  });
  after(() => laboratory[Symbol.dispose]());

  const scenario = async (test: TestContext, expected: Expectation, traffic: () => Promise<void>): Promise<void> => {
    const measured = await measure(laboratory, traffic);
    test.diagnostic(assertMeasured(measured, expected));
    await assertHistory(measured);
  };

  it('HTTP by name', (test) =>
    scenario(test, { apps: { one: '/curl' }, domains: ['com'], source: 'http-host' }, () =>
      curl(laboratory, ['-4', `http://${names.com}/large`])));

  it('HTTPS by name', (test) =>
    scenario(test, { apps: { one: '/curl' }, domains: ['net'], source: 'tls-sni' }, () =>
      curl(laboratory, ['-4', `https://${names.net}/large`])));

  it('HTTPS over IPv6', (test) =>
    scenario(test, { apps: { one: '/curl' }, domains: ['org'], source: 'tls-sni' }, () =>
      curl(laboratory, ['-6', `https://${names.org}/large`])));

  it('an upload', (test) =>
    scenario(test, { apps: { one: '/curl' }, domains: ['com'], source: 'tls-sni' }, () =>
      curl(laboratory, [
        '-4', '--limit-rate', '3m', '--upload-file', `${laboratory.network.folder}/nginx/files/large`, `https://${names.com}/upload`,
      ])));

  it('UDP, both ways', (test) =>
    scenario(test, { apps: { one: '/iperf3' }, domains: [] }, async () => {
      const words = ['--client', peerAddresses.com, '--udp', '--bitrate', '20M', '--length', '1200', '--time', '1'];
      await runClient(laboratory, 'iperf3', words);
      await runClient(laboratory, 'iperf3', [...words, '--reverse']);
    }));

  it('a protocol that tells no name, by the name that DNS gave', (test) =>
    scenario(test, { apps: { one: '/iperf3' }, domains: ['org'], source: 'dns' }, () =>
      runClient(laboratory, 'iperf3', ['--client', names.org, '--bitrate', '30M', '--time', '2'])));

  it('ten downloads at once by two apps from three names', (test) =>
    scenario(test, { apps: { one: '/curl', two: 'download.ts' }, domains: ['com', 'net', 'org'], source: 'tls-sni' }, async () => {
      const url = (index: number): string => `https://${[names.com, names.net, names.org][index % 3]}/large`;
      const curls = Array.from({ length: 5 }, (_, index) =>
        curl(laboratory, ['-4', '--interface', clientAddresses.one, url(index)]));
      const script = runClient(laboratory, process.execPath, [
        downloader, laboratory.webServer.certificatePath, clientAddresses.two, ...Array.from({ length: 5 }, (_, index) => url(index)),
      ]);
      await Promise.all([...curls, script]);
    }));
});
