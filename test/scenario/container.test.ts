import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startHelperWithout } from '../bench/owners/helper.ts';
import { whyOwnerMapPending } from '../helper/ebpf/requirements.ts';
import { createContainers, whyNoContainers } from './harness/container.ts';
import type { Container, Containers } from './harness/container.ts';
import { names } from './harness/dnsmasq.ts';
import { measure, openLaboratory, runClient } from './harness/laboratory.ts';
import type { Laboratory } from './harness/laboratory.ts';
import { clientAddresses, peerAddresses } from './harness/namespace.ts';
import { describeOutcome } from './harness/program.ts';
import { whyPending } from './harness/requirements.ts';
import { assertClose, sumBy, sumLines } from './harness/sums.ts';
import type { Bytes } from './harness/sums.ts';
import { install, startLive } from './harness/tidewatch.ts';

/** Who asks for a neighbour's address is the kernel, whoever made it ask. */
const nobodys = (app: string | null): boolean => app === null || app.startsWith('kernel');

/**
 * Found by a search in rounds, which has a budget: on a busy machine the first seconds of a connection may still be nobody's. But
 * it is found, and it has no byte that is not its own.
 */
function assertNamed(what: string, told: Bytes | undefined, truth: Bytes, reasons: string): void {
  for (const side of ['rxBytes', 'txBytes'] as const) {
    const bytes = told?.[side] ?? 0;
    assert.ok(bytes > truth[side] / 10 && bytes <= truth[side] * 1.005, `${what} has ${bytes} of ${truth[side]} ${side} among ${reasons}`);
  }
}

describe('containers behind address translation', { skip: whyPending() ?? whyNoContainers() ?? false, timeout: 120_000 }, () => {
  let laboratory: Laboratory;
  let containers: Containers;
  let web: Container;
  let worker: Container;
  before(async () => {
    laboratory = await openLaboratory();
    containers = createContainers(laboratory.network);
    web = containers.add('a');
    worker = containers.add('b');
  });
  after(() => {
    containers[Symbol.dispose]();
    laboratory[Symbol.dispose]();
  });

  async function download(container: Container, key: 'com' | 'org', more: readonly string[] = []): Promise<void> {
    const words = [...more, '--silent', '--show-error', '--fail', '--cacert', laboratory.webServer.certificatePath, '--output', '/dev/null'];
    const named = ['--resolve', `${names[key]}:443:${peerAddresses[key]}`, `https://${names[key]}/large`];
    const outcome = await container.run('curl', [...words, ...named]);
    assert.equal(outcome.code, 0, describeOutcome(outcome));
  }

  it('each has its own bytes, once, under its own name, beside those of the host', { skip: whyOwnerMapPending() ?? false }, async (test) => {
    const { sums, truth, lines } = await measure(laboratory, async () => {
      const words = ['--client', peerAddresses.net, '--bitrate', '10M', '--time', '2', '--bind', clientAddresses.two];
      await Promise.all([download(web, 'com'), download(worker, 'org'), runClient(laboratory, 'iperf3', words)]);
    });
    assert.equal(sums.droppedPackets, 0, 'the kernel dropped nothing');
    const reasons = JSON.stringify([...sumBy(lines.flatMap((line) => line.apps), (row) => `${row.app ?? 'nobody'}, ${row.reason ?? 'exact'}`)]);
    const deviations = [
      assertClose('the total', sums.total, truth.all),
      assertClose(`the web container among ${reasons}`, sums.apps.get('container:docker/aaaaaaaaaaaa'), truth.com),
      assertClose(`the worker among ${reasons}`, sums.apps.get('container:docker/bbbbbbbbbbbb'), truth.org),
      assertClose(`the host's own app among ${reasons}`, sums.apps.get('/usr/bin/iperf3'), truth.two),
      assertClose('the name that the web container asked for', sums.domains.get(names.com), truth.com),
    ];
    const apps = [...sums.apps.keys()].filter((app) => !nobodys(app));
    assert.equal(apps.length, 3, `nobody else has any: ${reasons}`);
    const shown = new Set(lines.flatMap((line) => line.apps).filter(({ app }) => app === 'container:docker/aaaaaaaaaaaa').map((row) => `${row.displayName} ${row.exe}`));
    assert.deepEqual([...shown], ['docker aaaaaaaaaaaa /usr/bin/curl']);
    test.diagnostic(`largest deviation ${(Math.max(...deviations) * 100).toFixed(4)} %; ${reasons}`);
  });

  it('each has its own bytes without the owner map, too, while its process lives', async (test) => {
    const installation = install(laboratory.network);
    await using helper = await startHelperWithout(installation, ['owner-map']);
    await using live = await startLive(installation);
    laboratory.counters.reset();
    const before = live.lines.length;
    await Promise.all([download(web, 'com', ['--limit-rate', '2m']), download(worker, 'org', ['--limit-rate', '2m'])]);
    await live.settled();
    const truth = laboratory.counters.read();
    const lines = live.lines.slice(before);
    assert.ok(helper.running);
    const sums = sumLines(lines);
    const reasons = JSON.stringify([...sumBy(lines.flatMap((line) => line.apps), (row) => `${row.app ?? 'nobody'}, ${row.reason ?? 'exact'}`)]);
    assertClose('the total', sums.total, truth.all);
    assertNamed('the web container', sums.apps.get('container:docker/aaaaaaaaaaaa'), truth.com, reasons);
    assertNamed('the worker', sums.apps.get('container:docker/bbbbbbbbbbbb'), truth.org, reasons);
    assert.deepEqual([...sums.apps.keys()].filter((app) => app !== null && !app.startsWith('container:')), [], `nobody else has any: ${reasons}`);
    test.diagnostic(reasons);
  });
});
