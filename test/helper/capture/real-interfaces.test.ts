import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Interface as LineReader } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Namespace } from '../../scenario/harness/namespace.ts';
import { missingPrograms } from '../../scenario/harness/requirements.ts';

const Seen = z.array(z.object({ name: z.string(), kind: z.string(), edge: z.boolean(), up: z.boolean(), master: z.string().nullable(), stacked: z.boolean() }));
type Seen = z.infer<typeof Seen>;

const program = fileURLToPath(new URL('../support/print-interfaces.ts', import.meta.url));
const whyPending = process.getuid?.() === 0 ? missingPrograms(['ip']) : 'pending: network namespaces need root';

describe("the kernel's own interfaces", { skip: whyPending ?? false }, () => {
  let namespace: Namespace;
  let child: ChildProcessWithoutNullStreams;
  let lines: LineReader;

  before(() => {
    namespace = new Namespace(`tw-${process.pid}-interfaces`);
    child = spawn('ip', ['netns', 'exec', namespace.name, process.execPath, program]);
    lines = createInterface({ input: child.stdout });
  });
  after(() => {
    child.stdin.end();
    namespace.remove();
  });

  /** Runs `ip`; false where this kernel lacks the kind of device. */
  function ip(...words: readonly string[]): boolean {
    const { status, stderr } = spawnSync('ip', ['-netns', namespace.name, ...words], { encoding: 'utf8' });
    if (status !== 0 && !/Unknown device type|not supported/u.test(stderr)) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
    return status === 0;
  }

  async function look(): Promise<Seen> {
    const answer = once(lines, 'line');
    child.stdin.write('\n');
    const [line] = await answer;
    return Seen.parse(JSON.parse(String(line)));
  }

  async function edges(): Promise<readonly string[]> {
    return (await look()).filter((one) => one.edge).map((one) => one.name).toSorted();
  }

  async function kindOf(name: string): Promise<string | undefined> {
    return (await look()).find((one) => one.name === name)?.kind;
  }

  it('are loopback alone in a new namespace, and no edge', async () => {
    const seen = await look();
    assert.deepEqual(seen.filter((one) => one.up).map((one) => [one.name, one.kind, one.edge]), [['lo', 'loopback', false]]);
  });

  it('make a veth with an address the edge where there is no physical interface', async () => {
    ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far0');
    ip('link', 'set', 'eth0', 'up');
    ip('link', 'set', 'far0', 'up');
    assert.deepEqual(await edges(), []);
    ip('address', 'add', '198.51.100.2/24', 'dev', 'eth0');
    assert.deepEqual([await edges(), await kindOf('eth0')], [['eth0'], 'veth']);
  });

  it('count nothing twice behind a bridge with veth ports', async () => {
    ip('link', 'add', 'br0', 'type', 'bridge');
    ip('address', 'add', '203.0.113.1/24', 'dev', 'br0');
    ip('link', 'set', 'br0', 'up');
    ip('link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'guest0');
    ip('link', 'set', 'port0', 'master', 'br0');
    ip('address', 'add', '203.0.113.9/24', 'dev', 'port0');
    ip('link', 'set', 'port0', 'up');
    ip('link', 'set', 'guest0', 'up');
    assert.deepEqual([await edges(), await kindOf('br0')], [['eth0'], 'bridge']);
    assert.equal((await look()).find((one) => one.name === 'port0')?.master, 'br0');
  });

  it('do not take a tunnel for an edge while its outside is one', async () => {
    assert.ok(ip('tuntap', 'add', 'tun0', 'mode', 'tun'));
    ip('address', 'add', '203.0.113.77/32', 'dev', 'tun0');
    ip('link', 'set', 'tun0', 'up');
    assert.deepEqual([await edges(), await kindOf('tun0')], [['eth0'], 'tunnel']);
  });

  it('do not take what stands on an edge for another one', async (test) => {
    const made = ip('link', 'add', 'link', 'eth0', 'name', 'vlan5', 'type', 'vlan', 'id', '5') || ip('link', 'add', 'vlan5', 'link', 'eth0', 'type', 'macvlan');
    if (!made) {
      test.skip('pending: this kernel has neither VLANs nor macvlan');
      return;
    }
    ip('address', 'add', '203.0.113.5/24', 'dev', 'vlan5');
    ip('link', 'set', 'vlan5', 'up');
    assert.deepEqual([await edges(), await kindOf('vlan5')], [['eth0'], 'virtual']);
    assert.equal((await look()).find((one) => one.name === 'vlan5')?.stacked, true);
  });

  it('call VXLAN, WireGuard and GRE tunnels, as far as this kernel has them', async (test) => {
    const kinds = [['vxlan', 'id', '7', 'dstport', '4789'], ['wireguard'], ['gre', 'local', '198.51.100.2', 'remote', '198.51.100.9']] as const;
    for (const [type, ...rest] of kinds) {
      const made = ip('link', 'add', `t-${type}`, 'type', type, ...rest);
      if (made) assert.equal(await kindOf(`t-${type}`), 'tunnel');
      else test.diagnostic(`pending: this kernel has no ${type}`);
    }
  });

  it('are seen when they come, change and go', async () => {
    ip('link', 'set', 'eth0', 'down');
    assert.ok(!(await edges()).includes('eth0'));
    ip('link', 'set', 'eth0', 'up');
    assert.ok((await edges()).includes('eth0'));
    ip('link', 'delete', 'eth0');
    assert.equal(await kindOf('eth0'), undefined);
    ip('tuntap', 'add', 'eth0', 'mode', 'tun');
    assert.equal(await kindOf('eth0'), 'tunnel');
  });
});
