import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { installConsent } from './harness/consent.ts';
import type { Consent } from './harness/consent.ts';
import { openLaboratory } from './harness/laboratory.ts';
import type { Laboratory } from './harness/laboratory.ts';
import { linkName, peerAddresses } from './harness/namespace.ts';
import { describeOutcome } from './harness/program.ts';
import type { Outcome, Program } from './harness/program.ts';
import { missingPrograms, scenarioOptions } from './harness/requirements.ts';
import { assertConserved, sumLines } from './harness/sums.ts';
import { commandLine, installForNobody, LiveLine, nobody, nobodyMayRun, processesWith } from './harness/tidewatch.ts';
import type { Installation } from './harness/tidewatch.ts';
import { until } from './harness/until.ts';

const streamer = fileURLToPath(new URL('clients/steady-stream.ts', import.meta.url));
const desktopService = fileURLToPath(new URL('clients/desktop-service.ts', import.meta.url));

/** Frames without IP are among what an interface counts. */
const tolerance = 0.005;

/** What the program of clients/desktop-service.ts prints. */
const Printed = z.union([z.object({ snapshot: LiveLine }), z.object({ outcome: z.string() })]);

/** A service that runs as nobody, before a display that nobody looks at. Its rights may grow again by a program that has some. */
class DesktopService implements AsyncDisposable {
  readonly lines: LiveLine[] = [];
  readonly #outcomes: string[] = [];
  readonly #program: Program;

  constructor({ namespace, folder, environment }: Installation, consent: Consent) {
    const searchPath = [consent.folder, path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter);
    const asUser = ['setpriv', `--reuid=${nobody.uid}`, `--regid=${nobody.gid}`, '--clear-groups', '--inh-caps=-all'];
    this.#program = namespace.start('env', [`--chdir=${folder}`, ...asUser, process.execPath, desktopService, linkName], {
      environment: { ...environment, PATH: searchPath, DISPLAY: ':0' },
      onLine: (line) => this.#take(Printed.parse(JSON.parse(line))),
    });
  }

  /** Waits for the first interval told after now that `isIt` is true of. */
  async next(what: string, isIt: (line: LiveLine) => boolean): Promise<LiveLine> {
    const before = this.lines.length;
    return await this.#until(what, () => this.lines.slice(before).find(isIt));
  }

  /** Until a whole interval that began after now has ended. */
  async settled(): Promise<void> {
    const asked = Date.now();
    await this.next('the traffic to settle', (line) => line.time - line.intervalSeconds * 1000 >= asked + 200);
  }

  /** What comes of asking the person. */
  async grantAccess(): Promise<string> {
    const before = this.#outcomes.length;
    this.#program.kill('SIGUSR1');
    return await this.#until('what comes of asking', () => this.#outcomes[before]);
  }

  async stop(): Promise<Outcome> {
    return await this.#program.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #take(printed: z.infer<typeof Printed>): void {
    if ('snapshot' in printed) this.lines.push(printed.snapshot);
    else this.#outcomes.push(printed.outcome);
  }

  async #until<Found>(what: string, look: () => Found | undefined): Promise<Found> {
    return await until(what, 20_000, () => {
      const found = look();
      if (found === undefined && !this.#program.running) throw new Error(`the service ended: ${this.#program.stderr}`);
      return found;
    });
  }
}

function isLimited({ troubles }: LiveLine): boolean {
  return troubles.some(({ code }) => code === 'limited-mode');
}

function helpers({ namespace }: Installation): readonly number[] {
  return processesWith(namespace, 'helper/main.ts');
}

/** Why nobody can be asked here ("pending: …"), or null. */
function whyNotAsked(): string | null {
  return missingPrograms(['cc']) ?? (nobodyMayRun() ? null : 'pending: the checkout lies in a folder that other users may not enter');
}

describe('a user who is asked for the right to capture', scenarioOptions(90_000), () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory();
  });
  after(() => laboratory[Symbol.dispose]());

  it('has the totals while he says no, and once he says yes everything, with nothing counted twice', async (test: TestContext) => {
    const pending = whyNotAsked();
    if (pending !== null) {
      test.skip(pending);
      return;
    }
    const { network, counters } = laboratory;
    const installation = installForNobody(network);
    using consent = await installConsent(network);
    await using service = new DesktopService(installation, consent);
    assert.ok(isLimited(await service.next('the first interval', () => true)), 'it starts limited, and says so');

    // Another user's datagrams: of all traffic that which is nobody's without the right.
    await service.settled();
    counters.reset();
    const begun = service.lines.length;
    await using strange = network.client.start(process.execPath, [streamer, peerAddresses.net, '7009']);
    await service.next('the stream', ({ totals }) => totals.txBytes > 50_000);
    assert.equal(await service.grantAccess(), 'refused');
    const refusedAt = service.lines.length;
    await service.settled();
    const refused = service.lines.slice(refusedAt);
    assert.ok(refused.every(isLimited), 'it stays limited after a second no');
    assert.ok(refused.at(-1)?.apps.every(({ app }) => app === null), "and another's datagrams stay nobody's");
    assert.ok((refused.at(-1)?.totals.txBytes ?? 0) > 50_000, 'but are counted');

    consent.say('yes');
    assert.equal(await service.grantAccess(), 'granted');
    await service.next('all to be measured', ({ troubles }) => troubles.length === 0);
    await service.settled();
    const full = await service.next('a full interval', () => true);
    const streamed = full.apps.find(({ pids }) => pids.includes(strange.pid));
    assert.ok(streamed !== undefined && streamed.exact.txBytes > 50_000, `the stream has its owner: ${JSON.stringify(full.apps)}`);
    assert.equal(streamed.exact.txBytes, streamed.txBytes, 'and is certain');
    assert.equal(isLimited(full), false);
    const [helper, ...others] = helpers(installation);
    assert.ok(helper !== undefined && others.length === 0, 'the helper that counted has ended');
    assert.ok(!commandLine(helper).includes('--limited'));
    assert.match(readFileSync(`/proc/${helper}/status`, 'utf8'), /^Uid:\t0\t[^]*^NoNewPrivs:\t1$/mu, 'what the dialog gave is root, and gains no more rights');
    assert.equal(await service.grantAccess(), 'not-needed');

    await strange.stop();
    await service.settled();
    const truth = counters.read();
    const lines = service.lines.slice(begun);
    assertConserved(lines);
    const { total } = sumLines(lines);
    const perSecond = streamed.txBytes / full.intervalSeconds;
    const missing = truth.all.txBytes - total.txBytes;
    assert.ok(missing > -truth.all.txBytes * tolerance, `nothing is counted twice: ${total.txBytes} of ${truth.all.txBytes}`);
    assert.ok(missing < 1.5 * perSecond, `no more is missing than what crossed while it changed over: ${missing} bytes at ${perSecond} a second`);
    test.diagnostic(`over the change ${missing} of ${truth.all.txBytes} bytes are missing: ${(missing / perSecond).toFixed(2)} s`);

    const outcome = await service.stop();
    assert.equal(outcome.code, 0, describeOutcome(outcome));
    await until("root's helper to end", 3000, () => helpers(installation).length === 0);
  });

  it("ends the service in order where root's helper hangs, which it may not kill", async (test: TestContext) => {
    const pending = whyNotAsked();
    if (pending !== null) {
      test.skip(pending);
      return;
    }
    const installation = installForNobody(laboratory.network);
    using consent = await installConsent(laboratory.network);
    consent.say('yes');
    await using service = new DesktopService(installation, consent);
    await service.next('all to be measured', ({ troubles }) => troubles.length === 0);
    const [helper = 0] = helpers(installation);
    process.kill(helper, 'SIGSTOP');
    const outcome = await service.stop();
    process.kill(helper, 'SIGCONT');
    assert.equal(outcome.code, 0, describeOutcome(outcome));
    assert.match(outcome.stderr, /the helper could not be ended/u);
    await until('the helper to end, once it can', 3000, () => helpers(installation).length === 0);
  });
});
