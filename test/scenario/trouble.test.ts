import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createNetwork, linkName, peerAddresses, secondLink, secondLinkName } from './harness/namespace.ts';
import type { Network } from './harness/namespace.ts';
import { describeOutcome } from './harness/program.ts';
import type { Outcome, Program } from './harness/program.ts';
import { scenarioOptions } from './harness/requirements.ts';
import { assertConserved, sumLines } from './harness/sums.ts';
import type { LiveLine } from './harness/tidewatch.ts';
import {
  LiveRun, helperPid, install, leftovers, reportOf, runTidewatch, startLive, startTidewatch,
} from './harness/tidewatch.ts';
import { until } from './harness/until.ts';

const streamer = fileURLToPath(new URL('clients/steady-stream.ts', import.meta.url));
const port = '7009';

/** Starts a steady stream of datagrams from the client to an address of the peer. */
async function startStream(network: Network, address: string): Promise<Program> {
  const stream = network.client.start(process.execPath, [streamer, address, port]);
  await until('the stream to flow', 5000, () => stream.stdout.includes('sending'));
  return stream;
}

function sentTo(line: LiveLine, address: string): number {
  return line.connections.filter((row) => row.remoteAddress === address).reduce((sum, row) => sum + row.txBytes, 0);
}

/** It ended with this code and one line on standard error, in which each of the patterns is found. */
function assertOneLine(outcome: Outcome, code: number, patterns: readonly RegExp[]): void {
  assert.equal(outcome.code, code, describeOutcome(outcome));
  const lines = outcome.stderr.split('\n').filter((line) => line.trim() !== '');
  assert.equal(lines.length, 1, `one line on standard error:\n${outcome.stderr}`);
  for (const pattern of patterns) assert.match(lines[0] ?? '', pattern);
}

describe('trouble is told in one line and costs no history', scenarioOptions(120_000), () => {
  let network: Network;
  before(() => {
    network = createNetwork();
  });
  after(() => network[Symbol.dispose]());

  it('an interface that does not exist', async () => {
    const installation = install(network);
    assertOneLine(await runTidewatch(installation, ['live', '--json', '--interface', 'absent0', '--duration', '5']), 1, [/absent0/u]);
    assert.deepEqual(leftovers(installation), { files: [], processes: [] });
  });

  it('a filter that libpcap does not understand', async () => {
    const installation = install(network);
    const words = ['live', '--json', '--interface', linkName, '--filter', 'porr 53', '--duration', '5'];
    assertOneLine(await runTidewatch(installation, words), 2, [/filter/u]);
    assert.deepEqual(leftovers(installation), { files: [], processes: [] });
  });

  it('a second instance', async () => {
    const installation = install(network);
    await using first = startTidewatch(installation, ['serve', '--interface', linkName], { processGroup: 'own' });
    await until('the first instance to serve', 20_000, () => {
      if (!first.running) throw new Error(first.stderr);
      return first.stdout.includes('measures');
    });
    assertOneLine(await runTidewatch(installation, ['serve', '--interface', linkName]), 1, [new RegExp(`\\b${first.pid}\\b`, 'u')]);
    assert.ok(first.running, 'the first goes on');
    const outcome = await first.stop('SIGTERM');
    assert.equal(outcome.code, 0, describeOutcome(outcome));
    assert.deepEqual(leftovers(installation), { files: [], processes: [] });
  });

  it('an interface that vanishes in mid-capture: the others go on', async () => {
    network.addSecondLink();
    const installation = install(network);
    await using streamOne = await startStream(network, peerAddresses.com);
    await using streamTwo = await startStream(network, secondLink.peer);
    await using live = await startLive(installation, ['--interface', linkName, '--interface', secondLinkName]);
    await live.nextLine('traffic on both links', (line) => sentTo(line, peerAddresses.com) > 0 && sentTo(line, secondLink.peer) > 0);
    await using watcher = startTidewatch(installation, ['live']);
    await until('a second face to watch', 10_000, () => watcher.stdout !== '');
    network.removeSecondLink();
    await live.nextLine('the loss to be told', (line) =>
      line.troubles.some(({ code, subject, remedy }) => code === 'interface-vanished' && subject === secondLinkName && remedy !== ''));
    await live.nextLine('the other link to go on', (line) => sentTo(line, peerAddresses.com) > 50_000 && sentTo(line, secondLink.peer) === 0);
    await streamOne.stop();
    await streamTwo.stop();
    await live.settled();
    const { stderr } = await watcher.stop('SIGINT');
    await live.finish();
    const told = stderr.split('\n').filter((line) => line.includes(secondLinkName));
    assert.equal(told.length, 1, `one line about ${secondLinkName}:\n${stderr}`);
    assertConserved(live.lines);
    const { total } = await reportOf(installation, 'app');
    assert.deepEqual({ rxBytes: total.rxBytes, txBytes: total.txBytes }, sumLines(live.lines).total);
  });

  it('a helper that is killed: it is started again, and the time between is a gap and not zero', async () => {
    const installation = install(network);
    await using stream = await startStream(network, peerAddresses.com);
    await using live = await startLive(installation);
    await live.nextLine('traffic', (line) => sentTo(line, peerAddresses.com) > 50_000);
    const first = await until('the helper to be found', 5000, () => helperPid(installation));
    const killedAt = Date.now();
    process.kill(first, 'SIGKILL');
    await until('another helper', 20_000, () => {
      const now = helperPid(installation);
      return now !== null && now !== first;
    });
    await live.nextLine('traffic after the gap', (line) => sentTo(line, peerAddresses.com) > 50_000);
    await stream.stop();
    await live.settled();
    await live.finish();
    assertConserved(live.lines);
    const report = await reportOf(installation, 'app');
    assert.deepEqual({ rxBytes: report.total.rxBytes, txBytes: report.total.txBytes }, sumLines(live.lines).total);
    const gaps = report.gaps.filter((gap) => gap.reason === 'helper-down');
    assert.equal(gaps.length, 1, `one gap: ${JSON.stringify(report.gaps)}`);
    const [gap] = gaps;
    assert.ok(gap !== undefined && gap.from <= killedAt + 1000 && gap.to >= killedAt, `the gap is about the kill at ${killedAt}: ${JSON.stringify(gap)}`);
  });

  it('Ctrl-C ends everything and leaves nothing but the history', async () => {
    const installation = install(network);
    await using stream = await startStream(network, peerAddresses.com);
    await using live = await startLive(installation);
    await live.nextLine('traffic', (line) => sentTo(line, peerAddresses.com) > 50_000);
    live.program.killGroup('SIGINT');
    const outcome = await live.program.ended;
    assert.equal(outcome.code, 0, describeOutcome(outcome));
    await stream.stop();
    assert.deepEqual(leftovers(installation), { files: [], processes: [] });
    const shown = sumLines(live.lines).total;
    const { total } = await reportOf(installation, 'app');
    assert.ok(total.txBytes >= shown.txBytes && total.rxBytes >= shown.rxBytes, 'the history holds at least what was shown');
  });

  it('a duration ends it by itself', async () => {
    const installation = install(network);
    await using live = new LiveRun(installation, ['--interface', linkName, '--duration', '2']);
    const outcome = await live.program.ended;
    assert.equal(outcome.code, 0, describeOutcome(outcome));
    assert.ok(live.lines.length >= 2 && live.lines.length <= 3, `two seconds are two lines or three: ${live.lines.length}`);
    assert.deepEqual(leftovers(installation), { files: [], processes: [] });
  });
});
