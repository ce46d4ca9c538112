import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { names } from './harness/dnsmasq.ts';
import { curl, measure, openLaboratory, runClient } from './harness/laboratory.ts';
import type { Laboratory } from './harness/laboratory.ts';
import { clientAddresses, peerAddresses } from './harness/namespace.ts';
import type { Namespace } from './harness/namespace.ts';
import { missingPrograms, whyPending } from './harness/requirements.ts';
import { assertClose, sumBy, sumOf } from './harness/sums.ts';
import type { Bytes } from './harness/sums.ts';
import { startTunnel, tunnelDevice } from './harness/tunnel.ts';

/**
 * What a VPN's packets carry may be told a moment apart from the packets (each interface's are read in blocks of up to 50 ms):
 * at the end of a transfer so much of it stays with the VPN.
 */
const timing = 0.03;

const Links = z.array(z.object({ stats64: z.object({ rx: z.object({ bytes: z.number() }), tx: z.object({ bytes: z.number() }) }) }));

/** What the kernel counted on the client's side of the tunnel: IP bytes, as the device has no link layer. */
function insideTruth(namespace: Namespace): Bytes {
  const { stdout } = spawnSync('ip', ['-netns', namespace.name, '-statistics', '-json', 'link', 'show', tunnelDevice], { encoding: 'utf8' });
  const [link] = Links.parse(JSON.parse(stdout));
  return { rxBytes: link?.stats64.rx.bytes ?? 0, txBytes: link?.stats64.tx.bytes ?? 0 };
}

/** The part of `bytes` that `within` of it lacks, as a share, in the worse direction. */
function shareLacking(bytes: Bytes, whole: Bytes): number {
  return Math.max((whole.rxBytes - bytes.rxBytes) / whole.rxBytes, (whole.txBytes - bytes.txBytes) / whole.txBytes);
}

describe('a VPN', { skip: whyPending() ?? missingPrograms(['cc']) ?? false, timeout: 120_000 }, () => {
  let laboratory: Laboratory;
  let program: string;
  before(async () => {
    laboratory = await openLaboratory();
    ({ program } = await startTunnel(laboratory.network));
  });
  after(() => laboratory[Symbol.dispose]());

  it('counts once: the total is what crossed the link, the apps are those inside, and the rest is a row of its own', async (test) => {
    const before = insideTruth(laboratory.network.client);
    const measured = await measure(laboratory, async () => {
      const through = ['--resolve', `${names.org}:443:${peerAddresses.org}`, `https://${names.org}/large`];
      const beside = ['--client', peerAddresses.net, '--bitrate', '10M', '--time', '2', '--bind', clientAddresses.two];
      await Promise.all([curl(laboratory, through), runClient(laboratory, 'iperf3', beside)]);
    });
    const { sums, truth, lines } = measured;
    const now = insideTruth(laboratory.network.client);
    const crossed = { rxBytes: now.rxBytes - before.rxBytes, txBytes: now.txBytes - before.txBytes };
    assert.equal(sums.droppedPackets, 0, 'the kernel dropped nothing');
    const total = assertClose('the total', sums.total, truth.all);
    const besides = assertClose('the app beside the VPN', sums.apps.get('/usr/bin/iperf3'), truth.two);
    const curls = sums.apps.get('/usr/bin/curl');
    assert.ok(curls !== undefined, `curl is among ${JSON.stringify([...sums.apps.keys()])}`);
    const lacking = shareLacking(curls, crossed);
    assert.ok(lacking >= 0 && lacking < timing, `curl has what crossed the tunnel: ${JSON.stringify({ curls, crossed })}`);
    assert.deepEqual(sums.exact.get('/usr/bin/curl'), curls, 'all of it exactly');
    const overhead = sums.apps.get(`vpn-overhead:${program}`);
    // Who asks for a neighbour's address is nobody, or the kernel.
    const apps = [...sums.apps.keys()].filter((app) => app !== null && !app.startsWith('kernel')).toSorted((one, other) => ((one ?? '') < (other ?? '') ? -1 : 1));
    assert.deepEqual(apps, ['/usr/bin/curl', '/usr/bin/iperf3', `vpn-overhead:${program}`]);
    assert.equal(sums.apps.get(program), undefined, 'the VPN has no row beside its overhead');
    const displayed = new Set(lines.flatMap((line) => line.apps).filter(({ app }) => app?.startsWith('vpn-overhead:') === true).map((row) => row.displayName));
    assert.deepEqual([...displayed], ['VPN overhead']);
    const named = sumBy(lines.flatMap((line) => line.domains), (row) => row.domain).get(names.org);
    assert.deepEqual(named, curls, 'the name is that of inside');
    test.diagnostic(`total ${(total * 100).toFixed(4)} %, beside ${(besides * 100).toFixed(4)} %, still with the VPN ${(lacking * 100).toFixed(3)} %; overhead ${overhead?.rxBytes} down of ${curls.rxBytes}`);
  });

  it('shows the flows inside for themselves, where they are not counted', async () => {
    const { lines, sums } = await measure(laboratory, () => curl(laboratory, ['--resolve', `${names.org}:443:${peerAddresses.org}`, `https://${names.org}/small`]));
    const shown = lines.flatMap((line) => line.inside.connections).filter((row) => row.interface === tunnelDevice && row.host === names.org);
    assert.ok(shown.length > 0 && shown.every((row) => row.app === '/usr/bin/curl'));
    assert.ok(sumOf(lines.map((line) => line.inside.totals)).rxBytes < sums.total.rxBytes);
  });
});
