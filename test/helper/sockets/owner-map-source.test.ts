import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OrientedEnds } from '../../../core/flow/orient.ts';
import type { FlowOwner } from '../../../helper/native/ebpf/index.ts';
import type { ProcessFacts } from '../../../helper/native/process-events/facts.ts';
import { OwnerMapSource } from '../../../helper/sockets/owner-map-source.ts';
import { endlessBudget } from '../../../helper/sockets/owner-source.ts';
import type { OwnerAnswer } from '../../../helper/sockets/owner-source.ts';
import { ProcessMemory } from '../../../helper/sockets/process-memory.ts';
import { TranslatedSource, elsewhereByMap } from '../../../helper/sockets/translated-source.ts';

const ends: OrientedEnds = {
  protocol: 6,
  localAddress: '198.51.100.2',
  localPort: 40_000,
  remoteAddress: '198.51.100.11',
  remotePort: 443,
  local: 'a',
  position: 'this-host',
};
const question = { interfaceIndex: 2, ends };

const curl: ProcessFacts = {
  pid: 71,
  parentPid: 1,
  startTicks: 1234,
  uid: 1000,
  kernelThread: false,
  executable: '/usr/bin/curl',
  executableDeleted: false,
  arguments: ['curl', '-s', 'https://example.org/\u001B[31m'],
  controlGroup: null,
};

const owned: FlowOwner = {
  pid: 71,
  uid: 1000,
  cookie: '5',
  evidence: 'used',
  shared: false,
  since: 12_345,
  silentMilliseconds: 3,
  previousPid: 0,
  previousMilliseconds: 0,
};

const counters = { flowsAdded: 0, flowsBound: 100, announcements: 0, announcementsLost: 0, processes: 0, processesRefused: 0 };

/** The rung's answer where the map has this entry, and the only process known has these facts. */
function answer(owner: FlowOwner | null, facts: ProcessFacts | null = curl): OwnerAnswer | null {
  const memory = new ProcessMemory([{ describe: (pid, time) => (facts?.pid === pid && time >= 12_345 ? facts : null) }]);
  const source = new OwnerMapSource({ map: { find: () => owner, counters: () => counters }, memory });
  return source.find([question])[0] ?? null;
}

function reasonOf(answered: OwnerAnswer | null): string {
  return answered === null || answered.certainty === 'exact' ? String(answered?.certainty) : `${answered.certainty}: ${answered.reason}`;
}

describe('The rung of the owner map', () => {
  it('is exact where one process alone has moved data over the socket', () => {
    const answered = answer(owned);
    assert.equal(answered?.certainty, 'exact');
    assert.equal(answered.process.key, '71@1234');
    assert.equal(answered.process.executable, '/usr/bin/curl');
  });

  it('hands on no control character of a command line', () => {
    const answered = answer(owned);
    assert.ok(answered?.certainty === 'exact' && answered.process.commandLine.every((text) => !/\p{Cc}/u.test(text)));
  });

  it('only infers the latest of several users, a mere maker, and the holder of ends that were another\'s just before', () => {
    assert.equal(reasonOf(answer({ ...owned, shared: true })), 'inferred: shared-socket');
    assert.equal(reasonOf(answer({ ...owned, evidence: 'created' })), 'inferred: shared-socket');
    assert.equal(reasonOf(answer({ ...owned, evidence: 'accepted' })), 'inferred: shared-socket');
    assert.equal(reasonOf(answer({ ...owned, previousPid: 9, previousMilliseconds: 500 })), 'inferred: shared-port');
    assert.equal(reasonOf(answer({ ...owned, previousPid: 9, previousMilliseconds: 90_000 })), 'exact');
  });

  it('says nothing of sockets that it did not see used, nor of ends whose socket has long been silent', () => {
    assert.equal(answer(null), null);
    assert.equal(answer({ ...owned, pid: 0, evidence: 'nobody' }), null);
    assert.equal(answer({ ...owned, silentMilliseconds: 60_000 }), null);
  });

  it('names no program for a process that nobody could describe, and none for the kernel', () => {
    assert.equal(reasonOf(answer(owned, null)), 'unknown: process-ended');
    assert.equal(reasonOf(answer(owned, { ...curl, executable: null })), 'unknown: process-ended');
    assert.equal(reasonOf(answer(owned, { ...curl, executable: null, kernelThread: true })), 'unknown: kernel');
  });

  it('tells when more flows began than the map can hold, and when it is over', () => {
    let flowsAdded = 150;
    const memory = new ProcessMemory([]);
    const source = new OwnerMapSource({ map: { find: () => null, counters: () => ({ ...counters, flowsAdded }) }, memory });
    assert.match(source.limit()?.message ?? '', /150 flows/u);
    flowsAdded += 20;
    assert.equal(source.limit(), null);
  });
});

describe('The rung of address translation', () => {
  const behind = { localAddress: '192.0.2.2', localPort: 555, remoteAddress: ends.remoteAddress, remotePort: 443 };
  const memory = new ProcessMemory([{ describe: () => curl }]);

  function translated(parts: { readonly forwards: boolean; readonly behind: typeof behind | null; readonly owner: FlowOwner | null }): OwnerAnswer | null {
    const source = new TranslatedSource({
      sockets: elsewhereByMap({ findElsewhere: (_protocol, address) => (address === behind.localAddress ? parts.owner : null) }, memory),
      translation: { behind: () => parts.behind },
      forwards: () => parts.forwards,
      monotonic: () => 0,
    });
    return source.find([question], endlessBudget)[0] ?? null;
  }

  it('names the process whose socket had the ends before translation', () => {
    assert.equal(reasonOf(translated({ forwards: true, behind, owner: owned })), 'exact');
  });

  it('knows that a translated flow without such a socket is not this machine\'s own', () => {
    assert.equal(reasonOf(translated({ forwards: true, behind, owner: null })), 'unknown: not-this-host');
  });

  it('asks nothing where the machine does not forward, and says nothing where the flow is not translated', () => {
    assert.equal(translated({ forwards: false, behind, owner: owned }), null);
    assert.equal(translated({ forwards: true, behind: null, owner: owned }), null);
  });
});
