import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { startProgram } from './program.ts';
import type { Outcome, Program, ProgramOptions } from './program.ts';

/**
 * Two network namespaces joined by a veth pair: in `client` run Tidewatch and the clients, in `peer` the servers.
 * The machine's own network is not touched: the pair is born inside the two. All addresses are of the ranges kept for
 * documentation (RFC 5737, RFC 3849), which Tidewatch takes for the internet.
 */

/** The first link's interface, called alike on both sides. */
export const linkName = 'tide0';

/** A second link, for the scenario in which one goes away. */
export const secondLinkName = 'tide1';

export const clientAddresses = { one: '198.51.100.2', two: '198.51.100.3', six: '2001:db8::2' } as const;

/** One address for each name, so that the independent counters tell domains apart by address. */
export const peerAddresses = {
  com: '198.51.100.11',
  net: '198.51.100.12',
  org: '198.51.100.13',
  comSix: '2001:db8::11',
  netSix: '2001:db8::12',
  orgSix: '2001:db8::13',
  resolver: '198.51.100.53',
} as const;

export const secondLink = { client: '203.0.113.2', peer: '203.0.113.11' } as const;

function prefixLength(address: string): number {
  return address.includes(':') ? 64 : 24;
}

/** Runs `ip` and throws with what it said where it fails. */
function ip(...words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('ip', words, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

/** What is to be undone if this process ends before it got to it. Newest first. */
const pendingRemovals: (() => void)[] = [];

function removeAll(): void {
  for (const remove of pendingRemovals.splice(0).toReversed()) remove();
}

process.on('exit', removeAll);
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]] as const) {
  process.on(signal, () => process.exit(128 + number));
}

/** One namespace: a name for `ip netns` and a way to run programs in it. */
export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
    ip('netns', 'add', name);
    ip('-netns', name, 'link', 'set', 'lo', 'up');
  }

  /** `ip netns exec` becomes the program: its pid and the signals sent to it are the program's own. */
  start(command: string, words: readonly string[], options: ProgramOptions = {}): Program {
    return startProgram('ip', ['netns', 'exec', this.name, command, ...words], options);
  }

  async run(command: string, words: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
    return await this.start(command, words, options).ended;
  }

  /** Pids of everything that runs in this namespace now. */
  processes(): readonly number[] {
    return ip('netns', 'pids', this.name).split('\n').filter((line) => line !== '').map(Number);
  }

  /** Kernel settings below /proc/sys/net are those of the namespace of who writes them. */
  setKernel(setting: string, value: string): void {
    spawnSync('ip', ['netns', 'exec', this.name, 'sh', '-c', `echo ${value} > /proc/sys/net/${setting}`]);
  }

  /** Membership reports of multicast groups (RFC 3376, RFC 3810) leave it no more. May be said again. */
  silenceGroupReports(): void {
    const { status, stderr } = spawnSync('ip', ['netns', 'exec', this.name, 'nft', '-f', '-'], { encoding: 'utf8', input: groupReports });
    if (status !== 0) throw new Error(`nft: ${stderr.trim()}`);
  }

  /** Names served by the resolver at `address` for the programs in this namespace (ip-netns(8), /etc/netns). */
  useResolver(address: string): void {
    const folder = `/etc/netns/${this.name}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/resolv.conf`, `nameserver ${address}\noptions timeout:2 attempts:2\n`);
  }

  remove(): void {
    for (const pid of this.processes()) killQuietly(pid);
    ip('netns', 'delete', this.name);
    removeResolverFolder(this.name);
  }
}

/** The process may have ended since it was listed: that is what is wanted. */
function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function removeResolverFolder(name: string): void {
  rmSync(`/etc/netns/${name}`, { recursive: true, force: true });
  if (existsSync('/etc/netns') && readdirSync('/etc/netns').length === 0) rmdirSync('/etc/netns');
}

/** Removes what a run that was killed outright left: our namespaces whose maker is no longer alive. */
function removeStale(): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const [name = ''] = line.split(' ');
    const maker = /^tw-(?<pid>\d+)-/u.exec(name)?.groups?.['pid'];
    if (maker === undefined || existsSync(`/proc/${maker}`)) continue;
    for (const pid of ip('netns', 'pids', name).split('\n').filter((text) => text !== '')) killQuietly(Number(pid));
    spawnSync('ip', ['netns', 'delete', name]);
    removeResolverFolder(name);
  }
}

/** The two namespaces, and a folder for what the programs in them write. */
export interface Network extends Disposable {
  readonly client: Namespace;
  readonly peer: Namespace;
  /** A folder of this network's own, removed with it. */
  readonly folder: string;
  addSecondLink(): void;
  removeSecondLink(): void;
}

let made = 0;

/** Fixed, so that each side can be told the other's: of the range that everyone may give (IEEE 802c). */
function hardwareAddress(link: string, side: 'client' | 'peer'): string {
  return `02:00:00:00:0${link.slice(-1)}:0${side === 'client' ? 1 : 2}`;
}

/** What a kernel sends by itself, each twice, in the first seconds of a link: for nftables, as often as it is said. */
const groupReports = `table inet silence
delete table inet silence
table inet silence {
  chain leaving { type filter hook output priority 0;
    icmpv6 type { mld-listener-report, mld-listener-done, mld2-listener-report } counter drop
    meta l4proto igmp counter drop
  }
}
`;

/**
 * Joins the two by a link that carries nothing of its own: no router is asked for, no address is tried out, no neighbour is
 * looked for or watched, no group is reported. What crosses it, the programs sent; so whoever counts on either side counts the
 * same, whenever it begins.
 */
function joinWith(client: Namespace, peer: Namespace, link: string, addresses: { client: readonly string[]; peer: readonly string[] }): void {
  const hardware = { client: hardwareAddress(link, 'client'), peer: hardwareAddress(link, 'peer') };
  const clientSide = ['name', link, 'address', hardware.client, 'netns', client.name];
  ip('link', 'add', ...clientSide, 'type', 'veth', 'peer', 'name', link, 'address', hardware.peer, 'netns', peer.name);
  for (const [namespace, list] of [[client, addresses.client], [peer, addresses.peer]] as const) {
    namespace.silenceGroupReports();
    namespace.setKernel(`ipv6/conf/${link}/router_solicitations`, '0');
    namespace.setKernel(`ipv6/conf/${link}/accept_dad`, '0');
    for (const address of list) {
      const noDetection = address.includes(':') ? ['nodad'] : [];
      ip('-netns', namespace.name, 'address', 'add', `${address}/${prefixLength(address)}`, 'dev', link, ...noDetection);
    }
    ip('-netns', namespace.name, 'link', 'set', link, 'up');
  }
  for (const [namespace, others, at] of [[client, addresses.peer, hardware.peer], [peer, addresses.client, hardware.client]] as const) {
    for (const address of others) ip('-netns', namespace.name, 'neighbour', 'add', address, 'lladdr', at, 'dev', link, 'nud', 'permanent');
  }
}

/** Makes the two namespaces and the link between them. They are gone when this process is, whatever ends it but SIGKILL. */
export function createNetwork(): Network {
  removeStale();
  made += 1;
  const prefix = `tw-${process.pid}-${made}`;
  const folder = mkdtempSync(path.join(tmpdir(), `${prefix}-`));
  const removals: (() => void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const removeThis = (): void => {
    for (const remove of removals.splice(0).toReversed()) remove();
  };
  pendingRemovals.push(removeThis);
  const addNamespace = (role: string): Namespace => {
    const namespace = new Namespace(`${prefix}-${role}`);
    removals.push(() => namespace.remove());
    return namespace;
  };
  const peer = addNamespace('peer');
  const client = addNamespace('client');
  joinWith(client, peer, linkName, { client: Object.values(clientAddresses), peer: Object.values(peerAddresses) });
  client.useResolver(peerAddresses.resolver);
  return {
    client,
    peer,
    folder,
    addSecondLink: () => joinWith(client, peer, secondLinkName, { client: [secondLink.client], peer: [secondLink.peer] }),
    removeSecondLink: () => void ip('-netns', client.name, 'link', 'delete', secondLinkName),
    [Symbol.dispose]: () => {
      pendingRemovals.splice(pendingRemovals.indexOf(removeThis), 1);
      removeThis();
    },
  };
}
