import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge, judgeListeners } from '../../../helper/sockets/judge.ts';
import type { HeldCandidate, Holder } from '../../../helper/sockets/judge.ts';
import { described, socketRecord } from '../support/records.ts';

const serviceManager = '/usr/lib/systemd/systemd';

function holder(pid: number, executable?: string): Holder {
  return { process: described(pid, executable), startTicks: pid };
}

function held(part: Partial<HeldCandidate> & { readonly holders: readonly Holder[] }): HeldCandidate {
  return { socket: socketRecord(), fit: 'wildcard', search: 'whole', ...part };
}

function verdict(...candidates: readonly HeldCandidate[]): unknown {
  const answer = judge(candidates, serviceManager);
  return answer.certainty === 'unknown' ? [answer.certainty, answer.reason] : [answer.certainty, answer.process.pid, 'reason' in answer ? answer.reason : null];
}

describe('the owner of a flow', () => {
  it('is exact where one process holds the one socket, however it is bound', () => {
    assert.deepEqual(verdict(held({ holders: [holder(10)], fit: 'connected' })), ['exact', 10, null]);
    assert.deepEqual(verdict(held({ holders: [holder(10)], fit: 'wildcard' })), ['exact', 10, null]);
    assert.deepEqual(verdict(held({ holders: [holder(10)], fit: 'dual-stack' })), ['exact', 10, null]);
  });

  it('is exact where one process holds several sockets of the port', () => {
    assert.deepEqual(verdict(held({ holders: [holder(10)] }), held({ holders: [holder(10)] })), ['exact', 10, null]);
  });

  it('is inferred where the kernel does not say whether the only socket takes IPv4', () => {
    assert.deepEqual(verdict(held({ holders: [holder(10)], fit: 'dual-stack-unsure' })), ['inferred', 10, 'wildcard-socket']);
  });

  it('is inferred to be the better bound of two processes that share a port', () => {
    const two = [held({ holders: [holder(10, '/usr/bin/resolver')], fit: 'bound' }), held({ holders: [holder(11)] })];
    assert.deepEqual(verdict(...two), ['inferred', 10, 'shared-port']);
  });

  it('is inferred to be the oldest of several processes of one program on one port', () => {
    assert.deepEqual(verdict(held({ holders: [holder(12)] }), held({ holders: [holder(11)] })), ['inferred', 11, 'shared-port']);
  });

  it('is unknown where several programs share a port alike', () => {
    const two = [held({ holders: [holder(10, '/usr/bin/a')] }), held({ holders: [holder(11, '/usr/bin/b')] })];
    assert.deepEqual(verdict(...two), ['unknown', 'shared-port']);
  });

  it('is inferred to be the oldest of those that share one socket', () => {
    assert.deepEqual(verdict(held({ holders: [holder(12, '/usr/bin/cat'), holder(11, '/usr/bin/bash')] })), ['inferred', 11, 'shared-socket']);
  });

  it('is inferred to be the parent of two that were born within one tick', () => {
    const [parent, child] = [described(32_000, '/usr/bin/bash', 5), { ...described(300, '/usr/bin/sleep', 5), parentPid: 32_000 }];
    const both = [child, parent].map((process) => ({ process, startTicks: 5 }));
    assert.deepEqual(verdict(held({ holders: both })), ['inferred', 32_000, 'shared-socket']);
  });

  it('is not the service manager where it shares the socket that it made for a service', () => {
    const shared = held({ holders: [holder(1, serviceManager), holder(300, '/usr/sbin/cupsd')] });
    assert.deepEqual(verdict(shared), ['inferred', 300, 'shared-socket']);
  });

  it('is not exact where the search could not be finished', () => {
    assert.deepEqual(verdict(held({ holders: [holder(10)], search: 'cut' })), ['inferred', 10, 'not-looked-up']);
    assert.deepEqual(verdict(held({ holders: [holder(10)], search: 'impeded' })), ['inferred', 10, 'no-rights']);
  });

  it('is unknown, with the reason, where nobody is found', () => {
    assert.deepEqual(verdict(), ['unknown', 'no-socket']);
    assert.deepEqual(verdict(held({ holders: [], socket: socketRecord({ inode: 0 }) })), ['unknown', 'process-ended']);
    assert.deepEqual(verdict(held({ holders: [], search: 'cut' })), ['unknown', 'not-looked-up']);
    assert.deepEqual(verdict(held({ holders: [], search: 'impeded' })), ['unknown', 'no-rights']);
    assert.deepEqual(verdict(held({ holders: [] })), ['unknown', 'kernel']);
  });

  it('is never exact where only a listening socket is left', () => {
    const answer = judgeListeners([held({ holders: [holder(10)] })], serviceManager);
    assert.deepEqual(answer.certainty === 'inferred' && answer.reason, 'wildcard-socket');
  });
});
