import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NameSeen } from '../../protocol/flow.ts';
import { epochMs } from '../../protocol/units.ts';
import { ResolverMonitor } from '../../helper/resolver/resolver-monitor.ts';
import { names } from './harness/dnsmasq.ts';
import { openLaboratory, runClient } from './harness/laboratory.ts';
import type { Laboratory } from './harness/laboratory.ts';
import { linkName, peerAddresses } from './harness/namespace.ts';
import { pendingResolved, startResolved, stubAddress } from './harness/resolved.ts';
import type { RunningResolver } from './harness/resolved.ts';
import { whyPending } from './harness/requirements.ts';
import { install, startLive } from './harness/tidewatch.ts';
import { until } from './harness/until.ts';

/** Asks the stub for a name, as any program does. */
const ask = `const { Resolver } = require('node:dns/promises');
const resolver = new Resolver();
resolver.setServers(['${stubAddress}']);
resolver.resolve4(process.argv[1]).then((found) => console.log(found.join()));`;

describe('what the real systemd-resolved tells of its answers', { skip: whyPending() ?? pendingResolved, timeout: 120_000 }, () => {
  let laboratory: Laboratory;
  let resolver: RunningResolver;
  before(async () => {
    laboratory = await openLaboratory();
    resolver = await startResolved(laboratory.network);
  });
  after(async () => {
    await resolver.program.stop();
    laboratory[Symbol.dispose]();
  });

  it('gives the name that was asked for, through its aliases', async () => {
    const seen: NameSeen[] = [];
    using monitor = new ResolverMonitor({
      path: resolver.monitorSocket,
      now: () => epochMs(Date.now()),
      seen: (name) => seen.push(name),
      after: () => assert.fail('the connection was lost'),
    });
    await until('an answer', 20_000, async () => {
      await runClient(laboratory, process.execPath, ['--eval', ask, names.com]);
      return seen.length > 0;
    });
    assert.equal(monitor.state, 'listening');
    const [first] = seen;
    assert.ok(first?.kind === 'address');
    assert.deepEqual([first.source, first.name, first.address, first.flow], ['resolver', names.com, peerAddresses.com, null]);
    assert.ok(first.ttlSeconds > 0 && first.ttlSeconds <= 30, `${first.ttlSeconds} s`);
  });

  it('names a connection that tells no name where no packet of DNS is seen', async () => {
    const installation = { ...install(laboratory.network), enter: resolver.enter };
    await using live = await startLive(installation, ['--interface', linkName, '--filter', 'not port 53']);
    await runClient(laboratory, 'iperf3', ['--client', names.org, '--bitrate', '20M', '--time', '2']);
    await live.settled();
    const rows = live.lines.flatMap((line) => line.domains).filter(({ domain }) => domain === names.org);
    assert.ok(rows.some(({ source, rxBytes, txBytes }) => source === 'resolver' && rxBytes + txBytes > 1_000_000), JSON.stringify(rows));
    await live.finish();
  });
});
