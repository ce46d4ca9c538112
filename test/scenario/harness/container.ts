import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { Namespace, clientAddresses, linkName } from './namespace.ts';
import type { Network } from './namespace.ts';
import { startProgram } from './program.ts';
import type { Outcome } from './program.ts';

/**
 * What a container engine makes, made by hand: network namespaces behind a bridge of the client's, control groups named as Docker
 * names them, and address translation where their packets leave.
 */

const bridge = 'docker0';
const gateway = '192.0.2.1';

export interface Container {
  /** As Docker writes it: 64 hexadecimal digits. */
  readonly id: string;
  readonly address: string;
  /** Runs a program in the container: in its control group and its network namespace. */
  run(command: string, words: readonly string[]): Promise<Outcome>;
}

export interface Containers extends Disposable {
  add(digit: string): Container;
}

function execute(...words: readonly [string, ...string[]]): void {
  const [command, ...rest] = words;
  const { status, stderr } = spawnSync(command, rest, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr.trim()}`);
}

/** Where version 2 of the control groups is mounted; null where it is not. */
function controlGroups(): string | null {
  return /^\S+ (\S+) cgroup2 /mu.exec(readFileSync('/proc/self/mounts', 'utf8'))?.[1] ?? null;
}

/** Why containers cannot be made here, or null. */
export function whyNoContainers(): string | null {
  return controlGroups() === null ? 'pending: version 2 of the control groups is not mounted: mount -t cgroup2 none /sys/fs/cgroup/unified' : null;
}

/** Makes the bridge and the translation in the client's namespace. */
export function createContainers({ client }: Network): Containers {
  const removals: (() => void)[] = [];
  const parent = path.join(controlGroups() ?? '', 'docker');
  // An engine that runs here has made it already, and keeps it.
  if (mkdirSync(parent, { recursive: true }) !== undefined) removals.push(() => rmdirSync(parent));
  execute('ip', '-netns', client.name, 'link', 'add', bridge, 'type', 'bridge');
  execute('ip', '-netns', client.name, 'address', 'add', `${gateway}/24`, 'dev', bridge);
  execute('ip', '-netns', client.name, 'link', 'set', bridge, 'up');
  client.setKernel('ipv4/ip_forward', '1');
  const rules = `table ip engine { chain leaving { type nat hook postrouting priority 100; ip saddr 192.0.2.0/24 oifname "${linkName}" snat to ${clientAddresses.one}; }; }`;
  execute('ip', 'netns', 'exec', client.name, 'nft', rules);
  let added = 0;
  return {
    add: (digit) => {
      added += 1;
      const id = digit.repeat(64);
      const address = `192.0.2.${1 + added}`;
      const link = `veth${added}`;
      const box = new Namespace(client.name.replace(/client$/u, `box${added}`));
      const group = path.join(parent, id);
      // One that a killed run has left is as empty as a new one.
      mkdirSync(group, { recursive: true });
      removals.push(() => {
        box.remove();
        rmdirSync(group);
      });
      execute('ip', 'link', 'add', 'name', link, 'netns', client.name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', box.name);
      execute('ip', '-netns', client.name, 'link', 'set', link, 'up', 'master', bridge);
      execute('ip', '-netns', box.name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
      execute('ip', '-netns', box.name, 'link', 'set', 'eth0', 'up');
      execute('ip', '-netns', box.name, 'route', 'add', 'default', 'via', gateway);
      // The group is entered before the namespace, which hides where control groups are mounted.
      const enter = `echo $$ > ${group}/cgroup.procs; exec ip netns exec ${box.name} "$0" "$@"`;
      return { id, address, run: async (command, words) => await startProgram('sh', ['-c', enter, command, ...words]).ended };
    },
    [Symbol.dispose]: () => {
      for (const remove of removals.splice(0).toReversed()) remove();
    },
  };
}
