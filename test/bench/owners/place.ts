import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startCounters } from '../../scenario/harness/counters.ts';
import type { CounterRule, Counters } from '../../scenario/harness/counters.ts';
import { Namespace, clientAddresses, createNetwork, linkName } from '../../scenario/harness/namespace.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import { describeOutcome } from '../../scenario/harness/program.ts';
import type { Outcome } from '../../scenario/harness/program.ts';
import { until } from '../../scenario/harness/until.ts';
import type { Kind } from './kinds.ts';

/** How many copies of the generator stand for different apps; each has a port of the peer's own (FIRST_BRIEF_PORT). */
export const briefApps = 10;
const firstBriefPort = 6000;

const containerAddress = '192.0.2.2';
const containerGateway = '192.0.2.1';
const containerLink = 'tide9';

/** Exit code by which a generator says that the kernel lacks its kind of traffic. */
export const notOnThisKernel = 77;

/** Payload bytes as the generator counted them. */
export interface Moved {
  readonly sent: number;
  readonly received: number;
}

/** The two namespaces, the generators, their peer, and the independent counters. */
export interface Place extends Disposable {
  readonly network: Network;
  /** Path of the generator: the app whose bytes they are. */
  readonly generator: string;
  /** Paths of its copies for the short-lived processes, by number of their port. */
  readonly briefs: readonly string[];
  readonly counters: Counters<string>;
  /** IP bytes on the client's loopback since the last call. */
  takeLoopbackBytes(): number;
  /** Runs one kind to its end. */
  run(kind: Kind): Promise<Outcome>;
}

/** Rules by name: `all`, and `brief0` to `brief9` written in letters, as counters want it. */
export function briefRule(index: number): string {
  return `brief-${'abcdefghij'[index]}`;
}

function rules(): Record<string, CounterRule> {
  const brief = Array.from({ length: briefApps }, (_, index) => [
    briefRule(index),
    { sent: `tcp dport ${firstBriefPort + index}`, received: `tcp sport ${firstBriefPort + index}` },
  ]);
  return { all: {}, ...Object.fromEntries(brief) };
}

function execute(words: readonly [string, ...string[]], input = ''): string {
  const [command, ...rest] = words;
  const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', input });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  return stdout;
}

function inNamespace(name: string, ...words: readonly string[]): readonly [string, ...string[]] {
  return ['ip', 'netns', 'exec', name, ...words];
}

/** The link-layer address of the peer's end of the link. */
export function peerHardware(network: Network): string {
  const address = /link\/ether (?<mac>[0-9a-f:]+)/u.exec(execute(['ip', '-netns', network.peer.name, 'link', 'show', linkName]))?.groups?.['mac'];
  if (address === undefined) throw new Error('the link has no hardware address');
  return address;
}

/** Counts what loopback carries, in the client's own namespace: each packet once, where it arrives. */
function countLoopback(network: Network): () => number {
  const table = 'table inet owners { counter lo { }\nchain arriving { type filter hook prerouting priority -500; iifname "lo" counter name "lo"\n }\n }\n';
  execute(inNamespace(network.client.name, 'nft', '-f', '-'), table);
  return () => {
    const listed = execute(inNamespace(network.client.name, 'nft', 'reset', 'counter', 'inet', 'owners', 'lo'));
    return Number(/bytes (\d+)/u.exec(listed)?.[1]);
  };
}

/** A namespace behind the client, whose traffic leaves with the client's address. */
function addContainer(network: Network): Namespace {
  const { client } = network;
  const container = new Namespace(client.name.replace(/client$/u, 'box'));
  const ends = ['type', 'veth', 'peer', 'name', containerLink, 'netns', container.name];
  execute(['ip', 'link', 'add', 'name', containerLink, 'netns', client.name, ...ends]);
  execute(['ip', '-netns', client.name, 'address', 'add', `${containerGateway}/24`, 'dev', containerLink]);
  execute(['ip', '-netns', container.name, 'address', 'add', `${containerAddress}/24`, 'dev', containerLink]);
  for (const namespace of [client, container]) execute(['ip', '-netns', namespace.name, 'link', 'set', containerLink, 'up']);
  execute(['ip', '-netns', container.name, 'route', 'add', 'default', 'via', containerGateway]);
  client.setKernel('ipv4/ip_forward', '1');
  const nat = `table ip owners-nat { chain leaving { type nat hook postrouting priority 100; ip saddr ${containerAddress} oifname "${linkName}" snat to ${clientAddresses.one}\n }\n }\n`;
  execute(inNamespace(client.name, 'nft', '-f', '-'), nat);
  return container;
}

/** A control group of the container's own, where version 2 is mounted; null where it is not. */
function makeControlGroup(): string | null {
  const mount = /^\S+ (\S+) cgroup2 /mu.exec(readFileSync('/proc/self/mounts', 'utf8'))?.[1];
  if (mount === undefined) return null;
  const path = `${mount}/tidewatch-owners-${process.pid}.scope`;
  mkdirSync(path);
  return path;
}

/** Builds and starts everything. */
export async function makePlace(): Promise<Place> {
  const network = createNetwork();
  const folder = `${network.folder}/generators`;
  mkdirSync(folder);
  const sources = fileURLToPath(new URL('generators', import.meta.url));
  execute(['make', '--silent', '--directory', sources, `OUT=${folder}`]);
  const briefs = Array.from({ length: briefApps }, (_, index) => `${folder}/brief${index}`);
  for (const path of briefs) copyFileSync(`${folder}/generate`, path);
  const container = addContainer(network);
  const group = makeControlGroup();
  const peer = network.peer.start(`${folder}/peer`, []);
  await until('the peer to be ready', 5000, () => peer.stdout.includes('ready'));
  const counters = startCounters(network.peer, rules());
  const generator = `${folder}/generate`;
  const words = (kind: Kind): readonly [string, readonly string[]] =>
    kind.place === 'brief' ? [`${folder}/spawn`, [...kind.words, generator]] : [generator, kind.words];
  return {
    network,
    generator,
    briefs,
    counters,
    takeLoopbackBytes: countLoopback(network),
    run: async (kind) => {
      const [command, rest] = words(kind);
      if (kind.place !== 'container') return await network.client.run(command, rest);
      if (group === null) return await container.run(command, rest);
      const enter = `echo $$ > ${group}/cgroup.procs; exec ip netns exec ${container.name} "$0" "$@"`;
      // The group is entered before the namespace, which hides where control groups are mounted.
      const { status, stdout, stderr } = spawnSync('sh', ['-c', enter, command, ...rest], { encoding: 'utf8' });
      return { code: status, signal: null, stdout, stderr };
    },
    [Symbol.dispose]: () => {
      container.remove();
      if (group !== null) rmdirSync(group);
      network[Symbol.dispose]();
    },
  };
}

/** What the generators printed of themselves, one a line, together; throws with what they said where one failed. */
export function movedBy(outcome: Outcome): Moved {
  if (outcome.code !== 0) throw new Error(describeOutcome(outcome));
  const parts = outcome.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Partial<Moved> => JSON.parse(line));
  const sum = (of: (part: Partial<Moved>) => number | undefined): number => parts.reduce((total, part) => total + (of(part) ?? 0), 0);
  return { sent: sum(({ sent }) => sent), received: sum(({ received }) => received) };
}
