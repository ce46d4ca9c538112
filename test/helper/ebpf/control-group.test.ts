import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mountOfControlGroups } from '../../../helper/native/ebpf/control-group.ts';

describe('The control groups version 2', () => {
  it('are where a list of mounts has them, alone or beside version 1', () => {
    assert.equal(mountOfControlGroups('cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n'), '/sys/fs/cgroup');
    const hybrid = 'tmpfs /sys/fs/cgroup tmpfs ro 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n';
    assert.equal(mountOfControlGroups(hybrid), '/sys/fs/cgroup/unified');
  });

  it('may be mounted at a path with blanks, which the kernel writes in octal', () => {
    assert.equal(mountOfControlGroups('none /mnt/control\\040groups cgroup2 rw 0 0\n'), '/mnt/control groups');
  });

  it('are nowhere where only version 1 is mounted', () => {
    assert.equal(mountOfControlGroups('cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n'), null);
  });
});
