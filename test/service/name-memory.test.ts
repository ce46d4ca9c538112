import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { createScopes } from '../../core/flow/scope.ts';
import { createNaming, namingLimits } from '../../core/naming/index.ts';
import type { Naming } from '../../core/naming/index.ts';
import { flowId } from '../../protocol/flow.ts';
import type { NameSeen } from '../../protocol/flow.ts';
import { epochMs } from '../../protocol/units.ts';
import { createService } from '../../service/create-service.ts';
import type { Service } from '../../service/create-service.ts';
import { openHelperLink } from '../../service/helper-link.ts';
import type { HelperSource } from '../../service/helper-process.ts';
import { History, systemCalendar } from '../../service/history/index.ts';
import { createLog } from '../../service/log.ts';
import { NameMemory } from '../../service/name-memory.ts';
import { PrivacyFile, privacyPathOf } from '../../service/privacy-file.ts';
import { ServiceError } from '../../service/service-error.ts';
import { DrivenClock } from './driven-clock.ts';
import { curl, exactly, processOf, second, statusOf } from './measurements.ts';
import { ReplayHelper } from './replay-helper.ts';

const start = Date.UTC(2026, 4, 1, 12);
const hour = 3_600_000;
const remote = '203.0.113.7';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-names-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const historyPath = (): string => path.join(folder, 'history.sqlite');

function answer(name: string, address: string, time: number): NameSeen {
  return { kind: 'address', source: 'dns', name, address, ttlSeconds: 60, time: epochMs(time), flow: null };
}

function openHistory(now: number): History {
  return new History({ path: historyPath(), calendar: systemCalendar({ TZ: 'UTC' }), now: epochMs(now), pid: process.pid });
}

/** What a connection of that instant to an address would be called. */
function nameAt(names: Naming, address: string, time: number): string | null {
  return names.nameOf({ flow: flowId(time + address.length), remoteAddress: address, app: null, now: epochMs(time) })?.name ?? null;
}

/** One run of a service, as far as names go: what `during` sees of names is stored at its end. */
function run(clock: DrivenClock, during: (names: Naming, history: History) => void): void {
  const history = openHistory(clock.now());
  const names = createNaming();
  const memory = new NameMemory({ clock, log: createLog('silent'), history, names });
  during(names, history);
  memory.keep();
  history.close(clock.now());
}

function storedRows(): number {
  const database = new Database(historyPath(), { readonly: true });
  const row = database.prepare<[], { count: number }>('SELECT count(*) AS count FROM known_name').get();
  database.close();
  return row?.count ?? 0;
}

describe('names of addresses that were known before a restart', () => {
  it('name a connection right after it, with the evidence they had', () => {
    const clock = new DrivenClock(start);
    run(clock, (names) => names.see(answer('www.example.org', remote, start), null));
    run(new DrivenClock(start + hour), (names) => {
      const name = names.nameOf({ flow: flowId(1), remoteAddress: remote, app: null, now: epochMs(start + hour) });
      assert.deepEqual(name && [name.name, name.source], ['www.example.org', 'dns']);
    });
  });

  it('are gone when they are too old, from memory and from the file', () => {
    run(new DrivenClock(start), (names) => names.see(answer('www.example.org', remote, start), null));
    const later = start + namingLimits.keepAtLeastMilliseconds + hour;
    run(new DrivenClock(later), (names) => assert.equal(nameAt(names, remote, later), null));
    run(new DrivenClock(start + namingLimits.keepAtMostMilliseconds + hour), () => undefined);
    assert.equal(storedRows(), 0);
  });

  it('do not displace what was heard since', () => {
    run(new DrivenClock(start), (names) => names.see(answer('old.example.org', remote, start), null));
    run(new DrivenClock(start + hour), (names) => {
      names.see(answer('new.example.org', remote, start + hour), null);
      assert.equal(nameAt(names, remote, start + hour + 1), 'new.example.org');
    });
    run(new DrivenClock(start + 2 * hour), (names) => assert.equal(nameAt(names, remote, start + 2 * hour), 'new.example.org'));
  });

  it('are at most so many, the newest', () => {
    const { maximumStored } = namingLimits;
    const addressOf = (index: number): string => `198.51.${Math.floor(index / 256)}.${index % 256}`;
    for (const [round, offset] of [0, 200].entries()) {
      run(new DrivenClock(start + round * hour), (names) => {
        for (let index = 0; index < maximumStored; index += 1) {
          names.see(answer('www.example.org', addressOf(index + offset), start + round * hour), null);
        }
      });
    }
    assert.equal(storedRows(), maximumStored);
    run(new DrivenClock(start + 2 * hour), (names) => {
      assert.equal(nameAt(names, addressOf(0), start + 2 * hour), null);
      assert.equal(nameAt(names, addressOf(maximumStored + 199), start + 2 * hour), 'www.example.org');
    });
  });

  it('are each checked when they come back', () => {
    run(new DrivenClock(start), (names) => names.see(answer('www.example.org', remote, start), null));
    const database = new Database(historyPath());
    const insert = database.prepare('INSERT INTO known_name VALUES (?, ?, ?, ?, ?, ?, ?)');
    insert.run(remote, 'a.example', 'tls-sni', '', start, start, 60);
    insert.run(remote, '', 'dns', '', start, start, 60);
    insert.run(remote, 'b.example', 'dns', '', start, start + 1000 * hour, 60);
    insert.run(remote, 'c.example', 'dns', '', start, start, -1);
    database.close();
    run(new DrivenClock(start + 1000), (names) => {
      assert.deepEqual(names.exportAddresses().map(({ name }) => name), ['www.example.org']);
    });
  });

  it('are forgotten with their domain, host, app or time, in memory and in the file', () => {
    const claims = [
      answer('www.example.org', '192.0.2.1', start),
      answer('example.org', '192.0.2.2', start),
      answer('www.notexample.org', '192.0.2.3', start),
      answer('www.example.net', '192.0.2.4', start + 2000),
    ];
    run(new DrivenClock(start + 3000), (names) => {
      for (const claim of claims) names.see(claim, null);
    });
    const left = (): string[] => {
      let found: string[] = [];
      run(new DrivenClock(start + 4000), (names) => {
        found = names.exportAddresses().map(({ name }) => name).toSorted();
      });
      return found;
    };
    const forget = (forgotten: Parameters<Naming['forget']>[0]): void =>
      run(new DrivenClock(start + 3000), (names, history) => {
        names.forget(forgotten);
        history.forgetNames(forgotten);
      });
    forget({ what: 'domain', key: 'example.org' });
    assert.deepEqual(left(), ['www.example.net', 'www.notexample.org']);
    forget({ what: 'host', key: '192.0.2.3' });
    assert.deepEqual(left(), ['www.example.net']);
    forget({ what: 'between', from: epochMs(start), to: epochMs(start + 2000) });
    assert.deepEqual(left(), ['www.example.net']);
    forget({ what: 'between', from: epochMs(start), to: epochMs(start + 2001) });
    assert.deepEqual(left(), []);
  });

  it('are stored once a minute, so that a kill costs no more', () => {
    const clock = new DrivenClock(start);
    const kept: number[] = [];
    const names = createNaming();
    const history = { knownNames: () => [], keepNames: (claims: readonly unknown[]) => kept.push(claims.length) > 0 };
    const memory = new NameMemory({ clock, log: createLog('silent'), history, names });
    names.see(answer('www.example.org', remote, start), null);
    for (const step of [30_000, 29_999, 1]) {
      void clock.advance(step);
      memory.keepIfDue();
    }
    assert.deepEqual(kept, [1]);
  });
});

describe('a service that is started again', () => {
  let service: Service | null = null;
  let helper: ReplayHelper | null = null;
  afterEach(async () => {
    await service?.stop();
    await helper?.[Symbol.asyncDispose]();
  });

  async function serve(clock: DrivenClock): Promise<Service> {
    const helperPath = path.join(folder, 'helper.sock');
    helper ??= await ReplayHelper.listen(helperPath);
    const source: HelperSource = {
      connect: async () => {
        const link = await openHelperLink(helperPath);
        if (link === null) throw new ServiceError('helper-failed', 'the helper did not start');
        return link;
      },
      [Symbol.asyncDispose]: async () => undefined,
    };
    service = await createService({
      clock,
      log: createLog('silent'),
      helper: source,
      history: openHistory(clock.now()),
      modes: new PrivacyFile(privacyPathOf(historyPath())),
      scopeOf: createScopes([]),
      home: { kind: 'none' },
      configuration: { interfaces: 'edges', filter: '', promiscuous: false, loopback: false },
      socketPath: path.join(folder, 'service.sock'),
      historyPath: historyPath(),
      pid: process.pid,
    });
    return service;
  }

  async function domainsOfASecond(clock: DrivenClock, names: readonly NameSeen[]): Promise<readonly (string | null)[]> {
    const running = await serve(clock);
    const events = running.client.live()[Symbol.asyncIterator]();
    helper?.say({ kind: 'interfaces', interfaces: [statusOf('eth0', 'physical')] });
    helper?.say({ kind: 'processes', processes: [processOf(curl, '/usr/bin/curl')] });
    if (names.length > 0) helper?.say({ kind: 'names', names: [...names] });
    helper?.say(...second(clock.now() + 1000, [{ flow: 1, rx: 10, tx: 10, owner: exactly(curl), opened: true, remote }]));
    let next = await events.next();
    // An app that is new is told at once.
    while (next.done !== true && next.value.kind !== 'snapshot') next = await events.next();
    await running.stop();
    assert.ok(next.done !== true && next.value.kind === 'snapshot');
    return next.value.snapshot.domains.map(({ domain }) => domain);
  }

  it('names a connection to an address that the one before it knew', async () => {
    assert.deepEqual(await domainsOfASecond(new DrivenClock(start), [answer('www.example.org', remote, start)]), ['www.example.org']);
    assert.deepEqual(await domainsOfASecond(new DrivenClock(start + hour), []), ['www.example.org']);
  });
});

describe('what leaves the history', () => {
  it('takes the names of addresses with it, from every page of the file', async () => {
    run(new DrivenClock(start), (names) => {
      names.see(answer('www.secret.example', '192.0.2.1', start), null);
      names.see(answer('www.example.net', '192.0.2.2', start), null);
    });
    const history = openHistory(start + 1000);
    await history.forget({ kind: 'domain', domain: 'secret.example' }, epochMs(start + 1000));
    history.close(epochMs(start + 1000));
    run(new DrivenClock(start + 2000), (names) => assert.deepEqual(names.exportAddresses().map(({ name }) => name), ['www.example.net']));
    assert.equal(readFileSync(historyPath()).includes('secret.example'), false);
  });
});
