import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { ContainerNames, nameInDocker, nameInPodman } from '../../../helper/sockets/container-names.ts';

const id = '0123456789ab'.padEnd(64, 'c');
const group = `/system.slice/docker-${id}.scope`;

describe('The name that a user gave to a container', () => {
  let root: string;
  let now: number;
  let names: ContainerNames;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'tidewatch-engines-'));
    now = 0;
    names = new ContainerNames({ monotonic: () => now, root });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function write(file: string, text: string): void {
    const whole = path.join(root, file);
    mkdirSync(path.dirname(whole), { recursive: true });
    writeFileSync(whole, text);
  }

  const docker = `var/lib/docker/containers/${id}/config.v2.json`;
  const podman = (storage: string): string => `${storage}/overlay-containers/containers.json`;

  it("is in Docker's own file, with a slash before it", () => {
    write(docker, JSON.stringify({ ID: id, Name: '/web-1', Config: { Image: 'nginx' } }));
    assert.equal(names.nameOf(group), 'web-1');
    assert.equal(names.nameOf(`/docker/${id}/init`), 'web-1', 'also of what is in it');
  });

  it("is in Podman's list of containers", () => {
    write(podman('var/lib/containers/storage'), JSON.stringify([{ id: 'f'.repeat(64), names: ['other'] }, { id, names: ['db', 'database'] }]));
    assert.equal(names.nameOf(`/machine.slice/libpod-${id}.scope/container`), 'db');
  });

  it("is below the home of the user whose engine runs without root, and not in another's", () => {
    write('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nmia:x:1000:1000:Mia,,,:/home/mia:/bin/sh\nben:x:1001:1001::/home/ben:/bin/sh\n');
    write(podman('home/mia/.local/share/containers/storage'), JSON.stringify([{ id, names: ['toolbox'] }]));
    const ofUser = (uid: number): string => `/user.slice/user-${uid}.slice/user@${uid}.service/user.slice/libpod-${id}.scope`;
    assert.equal(names.nameOf(ofUser(1000)), 'toolbox');
    now = 61_000;
    assert.equal(names.nameOf(ofUser(1001)), null);
  });

  it('is none where no engine has it, where the group is of no container, and where there is no group', () => {
    assert.deepEqual([group, '/user.slice/app.scope', `/docker/${id.slice(1)}`, `/docker/${id}0`, null].map((one) => names.nameOf(one)), [null, null, null, null, null]);
  });

  it('is read again after a minute, because a container may be renamed', () => {
    write(docker, JSON.stringify({ Name: '/before' }));
    assert.equal(names.nameOf(group), 'before');
    write(docker, JSON.stringify({ Name: '/after' }));
    assert.equal(names.nameOf(group), 'before');
    now = 61_000;
    assert.equal(names.nameOf(group), 'after');
  });

  it('is not read through a link, from a pipe that nobody writes to, or from a file without end', () => {
    write('secret.json', JSON.stringify({ Name: '/linked' }));
    mkdirSync(path.join(root, path.dirname(docker)), { recursive: true });
    symlinkSync(path.join(root, 'secret.json'), path.join(root, docker));
    assert.equal(names.nameOf(group), null);
    rmSync(path.join(root, docker));
    spawnSync('mkfifo', [path.join(root, docker)]);
    now = 61_000;
    assert.equal(names.nameOf(group), null);
    rmSync(path.join(root, docker));
    write(docker, JSON.stringify({ Name: '/large', filler: 'x'.repeat(5_000_000) }));
    now = 122_000;
    assert.equal(names.nameOf(group), null);
  });

  it('has no control characters and is cut to what the protocol takes', () => {
    write(docker, JSON.stringify({ Name: `/a\u001b[31m\u202e${'b'.repeat(200)}` }));
    const name = names.nameOf(group) ?? '';
    assert.ok(name.length === 128 && name.startsWith('a\\u{1b}[31m\\u{202e}b'), name);
  });

  it('is none, and nothing is thrown, whatever stands in the files', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const name of [nameInDocker(text), nameInPodman(text, id)]) assert.ok(name === null || name.length <= 128);
    }));
    for (const text of ['null', '[]', '{}', '[null]', '{"Name":7}', '{"Name":"/"}', `[{"id":"${id}"}]`, `[{"id":"${id}","names":[]}]`, '{"__proto__":{"Name":"x"}']) {
      assert.deepEqual([nameInDocker(text), nameInPodman(text, id)], [null, null], text);
    }
  });
});
