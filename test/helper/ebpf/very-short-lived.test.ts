import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findControlGroups } from '../../../helper/native/ebpf/control-group.ts';
import { openOwnerMap } from '../../../helper/native/ebpf/index.ts';
import { whyOwnerMapPending } from './requirements.ts';
import { createTrafficNamespace, endsOf } from './short-lived.ts';

const udp = 17;
const nobodysPort = 9;

/** A shell that forks, execs and reaps 200 senders of one datagram, four at a time. */
const crowd = 'i=0; while [ $i -lt 50 ]; do "$0" $1 & "$0" $1 & "$0" $1 & "$0" $1; wait; i=$((i+1)); done';

/** A control group of the test's own, below the root of version 2. */
function makeControlGroup(): Disposable & { readonly path: string; readonly name: string } {
  const name = `/tidewatch-short-${process.pid}.scope`;
  const path = `${findControlGroups()}${name}`;
  mkdirSync(path);
  return { path, name, [Symbol.dispose]: () => rmdirSync(path) };
}

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

  it('each has the control group that it ran in: one in a container is never taken for a program of the host', (test) => {
    using traffic = createTrafficNamespace();
    using group = makeControlGroup();
    const address = traffic.address(2);
    const map = openOwnerMap();
    try {
      const script = `echo $$ > ${group.path}/cgroup.procs; exec ip netns exec ${traffic.namespace.name} sh -c '${crowd.replaceAll('$1', `udp ${address} ${nobodysPort}`)}' "$0"`;
      const ended = endsOf(spawnSync('sh', ['-c', script, traffic.program], { encoding: 'utf8' }).stdout);
      assert.equal(ended.length, 200);
      const owners = ended.flatMap((ends) => map.findElsewhere(udp, '127.0.0.1', ends.localPort, address, nobodysPort) ?? []);
      const groups = owners.map((owner) => map.describe(owner.pid, owner.since)?.controlGroup ?? null);
      const found = groups.filter((path) => path === group.name).length;
      test.diagnostic(`${found} of ${groups.length} in ${group.name}`);
      if (map.groups().includes('executables')) assert.deepEqual([...new Set(groups)], [group.name]);
    } finally {
      map.close();
    }
  });
});
