import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { names } from './harness/dnsmasq.ts';
import { curl, openLaboratory } from './harness/laboratory.ts';
import type { Laboratory } from './harness/laboratory.ts';
import { peerAddresses } from './harness/namespace.ts';
import { missingPrograms, whyPending } from './harness/requirements.ts';
import { install, startLive } from './harness/tidewatch.ts';
import type { LiveLine } from './harness/tidewatch.ts';
import { startTunnel } from './harness/tunnel.ts';
import type { Tunnel } from './harness/tunnel.ts';

/** Milliseconds of the way back, at first and later. */
const near = 10;
const far = 8 * near;

/** The rows of the connections to the far end. */
function rowsIn(line: LiveLine): LiveLine['connections'] {
  return line.connections.filter(({ host }) => host === names.org);
}

/** Round-trip times of the upload in one line, in milliseconds. */
function timesIn(line: LiveLine): readonly number[] {
  return rowsIn(line).map((row) => (row.roundTripMicroseconds ?? 0) / 1000);
}

describe('how far away the other end is', { skip: whyPending() ?? missingPrograms(['cc']) ?? false, timeout: 60_000 }, () => {
  let laboratory: Laboratory;
  let tunnel: Tunnel;
  before(async () => {
    laboratory = await openLaboratory();
    tunnel = await startTunnel(laboratory.network, near);
  });
  after(() => laboratory[Symbol.dispose]());

  it("is what the connection's own socket says, also when the way becomes longer after the handshake", async (test) => {
    await using live = await startLive(install(laboratory.network));
    const large = `${laboratory.network.folder}/nginx/files/large`;
    const words = ['--resolve', `${names.org}:443:${peerAddresses.org}`, '--limit-rate', '1m', '--upload-file', large, `https://${names.org}/upload`];
    const upload = curl(laboratory, words);
    const first = await live.nextLine('the upload', (line) => timesIn(line).length > 0);
    const atFirst = timesIn(first);
    assert.ok(atFirst.every((time) => time >= near && time < far / 2), `about ${near} ms at first: ${atFirst.join(' ')}`);
    tunnel.peer.kill('SIGUSR1');
    const later = await live.nextLine('the longer way', (line) => timesIn(line).some((time) => time >= far / 2), 15_000);
    test.diagnostic(`${atFirst.join(' ')} ms, then ${timesIn(later).join(' ')} ms`);
    const windows = rowsIn(later).map((row) => row.congestionWindow);
    assert.ok(windows.every((window) => window !== null && window > 0), `segments under way: ${windows.join(' ')}`);
    await upload;
    await live.finish();
  });

  it('is known also of a connection that began and ended within a second', async () => {
    await using live = await startLive(install(laboratory.network));
    const row = live.nextLine('the short connection', (line) => rowsIn(line).length > 0);
    await curl(laboratory, ['--resolve', `${names.org}:443:${peerAddresses.org}`, `https://${names.org}/small`]);
    const [short] = rowsIn(await row);
    assert.ok((short?.roundTripMicroseconds ?? 0) >= near * 1000 && (short?.congestionWindow ?? 0) > 0, JSON.stringify(short));
    await live.finish();
  });
});
