import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ImportedCounts } from './harness/imported.ts';
import { createNetwork, linkName, peerAddresses } from './harness/namespace.ts';
import { whyPending } from './harness/requirements.ts';
import { install, reportOf, runTidewatch, startLive } from './harness/tidewatch.ts';
import { until } from './harness/until.ts';

/** Where `cargo install bandwhich` puts it, and where this machine's packages would. */
const places = [process.env['BANDWHICH'] ?? '', path.join(homedir(), '.cargo/bin/bandwhich'), '/usr/bin/bandwhich'];
const program = places.find((place) => place !== '' && existsSync(place));
const pending = program === undefined ? 'pending: bandwhich is not here (cargo install bandwhich --locked; or name it in BANDWHICH)' : false;

describe('a real bandwhich', { skip: whyPending() ?? pending, timeout: 120_000 }, () => {
  it('has written what is imported to within 2 % of what Tidewatch measured of the same traffic', async (test) => {
    using network = createNetwork();
    await using server = network.peer.start('iperf3', ['--server']);
    await until('the server', 10_000, () => server.running);
    const installation = install(network);
    await using live = await startLive(installation);
    const log = path.join(network.folder, 'bandwhich.log');
    const lines: string[] = [];
    await using bandwhich = network.client.start(program ?? '', ['--raw', '--no-resolve', '--interface', linkName], { onLine: (line) => lines.push(line) });
    const refreshes = (): number => lines.filter((line) => line === 'Refreshing:').length;
    // It tells means of five seconds, and of fewer in its first ones.
    await until('five refreshes', 20_000, () => refreshes() >= 6);
    const client = await network.client.run('iperf3', ['--client', peerAddresses.com, '--bitrate', '40M', '--time', '5', '--reverse']);
    assert.equal(client.code, 0, client.stderr);
    await until('the last means of it', 20_000, () => lines.slice(-3).includes('<NO TRAFFIC>') || lines.at(-2) === '<NO TRAFFIC>');
    await live.settled();
    await bandwhich.stop('SIGINT');
    await live.finish();
    writeFileSync(log, `${lines.join('\n')}\n`);
    const own = await reportOf(installation, 'app');
    const other = install(network);
    const outcome = await runTidewatch(other, ['import', 'bandwhich', log, '--json']);
    assert.equal(outcome.code, 0, outcome.stderr);
    const { brokenLines, rxBytes } = ImportedCounts.parse(JSON.parse(outcome.stdout));
    assert.equal(brokenLines, 0, readFileSync(log, 'utf8').slice(0, 500));
    const imported = await reportOf(other, 'app');
    assert.equal(imported.total.rxBytes, rxBytes);
    const [measured, taken] = [own, imported].map(({ rows }) => rows.find(({ key }) => key?.endsWith('iperf3') === true)?.rxBytes ?? 0);
    assert.ok(measured !== undefined && taken !== undefined && measured > 20_000_000, `${measured}`);
    const deviation = Math.abs(taken - measured) / measured;
    test.diagnostic(`${measured} bytes measured, ${taken} imported: ${(deviation * 100).toFixed(2)} % apart`);
    assert.ok(deviation < 0.02, `${deviation}`);
    const again = await runTidewatch(other, ['import', 'bandwhich', log, '--json']);
    assert.equal(ImportedCounts.parse(JSON.parse(again.stdout)).rxBytes, 0);
  });
});
