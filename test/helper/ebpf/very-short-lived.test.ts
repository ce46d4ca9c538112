import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { openOwnerMap } from '../../../helper/native/ebpf/index.ts';
import { whyOwnerMapPending } from './requirements.ts';
import { createTrafficNamespace, endsOf } from './short-lived.ts';

const udp = 17;
const nobodysPort = 9;

/** A shell that forks, execs and reaps 200 senders of one datagram, four at a time. */
const crowd = 'i=0; while [ $i -lt 50 ]; do "$0" $1 & "$0" $1 & "$0" $1 & "$0" $1; wait; i=$((i+1)); done';

describe('Of processes that live about a millisecond', { skip: whyOwnerMapPending() ?? false }, () => {
  it('each has its own program, never that of the shell it was forked from', (test) => {
    using traffic = createTrafficNamespace();
    const address = traffic.address(1);
    const map = openOwnerMap();
    try {
      const script = crowd.replaceAll('$1', `udp ${address} ${nobodysPort}`);
      const words = ['netns', 'exec', traffic.namespace.name, 'sh', '-c', script, traffic.program];
      const ended = endsOf(spawnSync('ip', words, { encoding: 'utf8' }).stdout);
      assert.equal(ended.length, 200);
      // A port that two of them had is the later one's: the kernel chooses ports by chance.
      const owners = ended.flatMap((ends) => map.findElsewhere(udp, '127.0.0.1', ends.localPort, address, nobodysPort) ?? []);
      const programs = new Map(owners.map((owner) => [owner.pid, map.describe(owner.pid, owner.since)?.executable ?? null]));
      assert.ok(programs.size > 180);
      assert.deepEqual([...new Set(programs.values())].filter((path) => path !== null && path !== traffic.program), []);
      const named = [...programs.values()].filter((path) => path === traffic.program).length;
      test.diagnostic(`${named} of ${programs.size} described`);
      if (map.groups().includes('executables')) assert.equal(named, programs.size);
    } finally {
      map.close();
    }
  });
});
