import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { createNetwork, linkName, peerAddresses } from './harness/namespace.ts';
import type { Namespace } from './harness/namespace.ts';
import { scenarioOptions } from './harness/requirements.ts';
import { until } from './harness/until.ts';

/** How many reports the kernel wanted to send there. */
function reportsHeldBack(namespace: Namespace): number {
  const { stdout } = spawnSync('ip', ['netns', 'exec', namespace.name, 'nft', 'list', 'table', 'inet', 'silence'], { encoding: 'utf8' });
  return [...stdout.matchAll(/counter packets (\d+)/gu)].reduce((sum, [, packets]) => sum + Number(packets), 0);
}

/** Frames that have left through the link, as the kernel counts them. */
function framesSent(namespace: Namespace): number {
  const { stdout } = spawnSync('ip', ['-netns', namespace.name, '-statistics', '-json', 'link', 'show', linkName], { encoding: 'utf8' });
  const [link]: readonly { readonly stats64: { readonly tx: { readonly packets: number } } }[] = JSON.parse(stdout);
  return link?.stats64.tx.packets ?? Number.NaN;
}

/** To a port where nobody listens: the peer's kernel says so. */
const oneDatagram = `require('node:dgram').createSocket('udp6').send('?', 9, '${peerAddresses.comSix}', function () { this.close() })`;

describe('the link between the two namespaces', scenarioOptions(30_000), () => {
  it('carries nothing but what programs send: the truth of all scenarios rests on it', async () => {
    using network = createNetwork();
    for (const namespace of [network.client, network.peer]) {
      // Each report is made twice at times that the kernel chooses, within some seconds of the link's beginning.
      await until('the kernel to have had something to say', 10_000, () => reportsHeldBack(namespace) >= 2);
    }
    assert.deepEqual([framesSent(network.client), framesSent(network.peer)], [0, 0]);
    await network.client.run(process.execPath, ['-e', oneDatagram]);
    await until('the peer to refuse it', 5000, () => framesSent(network.peer) > 0);
    assert.deepEqual([framesSent(network.client), framesSent(network.peer)], [1, 1], 'nobody asks for a neighbour first');
  });
});
