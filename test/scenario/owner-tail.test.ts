import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { measure, openLaboratory } from './harness/laboratory.ts';
import type { Laboratory } from './harness/laboratory.ts';
import { peerAddresses } from './harness/namespace.ts';
import { scenarioOptions } from './harness/requirements.ts';
import { sumBy, sumOf } from './harness/sums.ts';
import { until } from './harness/until.ts';

const sender = fileURLToPath(new URL('clients/send-and-leave.ts', import.meta.url));
const reader = fileURLToPath(new URL('clients/slow-reader.ts', import.meta.url));
const port = '7007';
const sentBytes = 800_000;

describe('a connection outlives the process that opened it', scenarioOptions(60_000), () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory();
  });
  after(() => laboratory[Symbol.dispose]());

  it('what the kernel sends and acknowledges after the client has ended is still the client\'s', async (test) => {
    // The sender's kernel takes everything at once, the receiver's a little at a time (tcp(7)): the rest is sent later.
    laboratory.network.client.setKernel('ipv4/tcp_wmem', '4096 1048576 4194304');
    laboratory.network.peer.setKernel('ipv4/tcp_rmem', '4096 32768 32768');
    const server = laboratory.network.peer.start(process.execPath, [reader, peerAddresses.com, port]);
    await until('the slow reader to listen', 5000, () => server.stdout.includes('listening'));
    let endedAt = 0;
    const { lines } = await measure(laboratory, async () => {
      const client = laboratory.network.client.start(process.execPath, [sender, peerAddresses.com, port, String(sentBytes)]);
      assert.equal((await client.ended).code, 0);
      endedAt = Date.now();
      await until('the slow reader to have read all', 30_000, () => server.stdout.includes(String(sentBytes)));
    });
    const rows = lines.flatMap((line) => line.connections.filter((row) => row.remotePort === Number(port)).map((row) => ({ ...row, time: line.time })));
    const late = sumOf(rows.filter((row) => row.time > endedAt + 1000));
    assert.ok(late.txBytes > sentBytes / 4 && late.rxBytes > 0, `much of it was sent after its client had ended: ${late.txBytes}`);
    const owners = [...sumBy(rows, (row) => row.app).keys()];
    const nobody = lines.flatMap((line) => line.apps.filter((row) => row.app === null).map((row) => row.reason));
    assert.equal(owners.length, 1, `one owner for the whole connection: ${JSON.stringify(owners)}`);
    assert.ok(owners[0]?.endsWith('send-and-leave.ts'), `the owner is the client: ${owners[0]} (${nobody.join(', ')})`);
    test.diagnostic(`${late.txBytes} bytes were sent and ${late.rxBytes} received after the client had ended`);
  });
});
