import type { InterfaceStatus, TunnelCarrier } from '../../protocol/helper.ts';
import type { AttributedFlow, ResolvedOwner } from './attributed-flow.ts';
import { identity } from './identity.ts';
import type { App } from './identity.ts';
import { isMachineMonitor } from './machine.ts';

/**
 * Traffic of a VPN is met twice: inside the tunnel, where its owner and name can be seen, and outside, encrypted, where it
 * crosses the machine's edge and counts. Here the bytes outside are credited to the flows inside; what is left of them is the
 * VPN's own: its headers, its handshakes.
 *
 * 1. The sum over the edge, in each direction, by network and by scope, is the same before and after: nothing is added or lost.
 * 2. No flow is credited more than crossed the tunnel in it. What crossed it and has not crossed the edge yet (or was met there a
 *    moment earlier) waits for the next intervals, at most {@link TunnelLimits.waitingIntervals}; then it is forgotten.
 * 3. Where it cannot be told which flow outside carries a tunnel, everything stays as it was measured.
 */

/** Bounds of what waits to be credited. */
export interface TunnelLimits {
  /** Parts of flows that wait, most, for each carrier; the oldest is forgotten for the newest. */
  readonly waitingFlows: number;
  /** Intervals that a part waits: as long as the history's finest bucket. */
  readonly waitingIntervals: number;
}

export const defaultTunnelLimits: TunnelLimits = { waitingFlows: 16_384, waitingIntervals: 10 };

const counters = ['rxBytes', 'txBytes', 'rxPackets', 'txPackets'] as const;
type Counts = Record<(typeof counters)[number], number>;

/** What a flow inside is yet to be credited. */
interface Waiting {
  readonly flow: AttributedFlow;
  readonly rest: Readonly<Counts>;
  /** Intervals since it was met. */
  readonly age: number;
  /** Whether its connection has been counted. */
  readonly told: boolean;
}

/** What waits, by carrier. Plain and immutable: a new helper begins with {@link noTunnelsYet}. */
export type TunnelState = ReadonlyMap<string, readonly Waiting[]>;

export const noTunnelsYet: TunnelState = new Map();

/** Tunnels that are carried by the same, and what carries them. */
interface Group {
  readonly key: string;
  readonly carrier: TunnelCarrier;
  readonly interfaces: Set<string>;
}

function keyOf(carrier: TunnelCarrier): string {
  switch (carrier.kind) {
    case 'processes':
      return carrier.processes.toSorted().join(' ');
    case 'wireguard':
      return 'wireguard';
    case 'protocol':
      return `${carrier.protocols.join(',')} ${carrier.remoteAddress}`;
  }
}

/** The tunnels whose inside is captured and whose carrier is known. */
function groupsOf(interfaces: Iterable<InterfaceStatus>): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { name, edge, state, carrier } of interfaces) {
    if (edge || state !== 'capturing' || carrier === undefined) continue;
    const key = keyOf(carrier);
    const group = groups.get(key) ?? { key, carrier, interfaces: new Set() };
    groups.set(key, group);
    group.interfaces.add(name);
  }
  return [...groups.values()];
}

const udp = 17;

/** Kernel sockets that no port tells to be something else's than WireGuard's. */
const perhapsWireGuard: ReadonlySet<string> = new Set(['kernel', 'kernel:wireguard']);

/** Whether a flow at the edge carries packets of this carrier's tunnels. A machine monitor's own flows never do. */
function carries(carrier: TunnelCarrier, { delta, owner, placement, scope }: AttributedFlow): boolean {
  if (placement !== 'edge' || scope === 'multicast') return false;
  switch (carrier.kind) {
    case 'processes':
      return delta.owner.certainty !== 'unknown' && carrier.processes.includes(delta.owner.process) && !isMachineMonitor(owner.app?.exe ?? '');
    case 'wireguard':
      return delta.key.protocol === udp && owner.reason === 'kernel' && perhapsWireGuard.has(owner.app?.app ?? '');
    case 'protocol':
      return (
        carrier.protocols.includes(delta.key.protocol) &&
        owner.certainty !== 'exact' &&
        (carrier.remoteAddress === null || carrier.remoteAddress === delta.key.remoteAddress)
      );
  }
}

function countsOf({ delta }: AttributedFlow): Counts {
  const { rxBytes, txBytes, rxPackets, txPackets } = delta;
  return { rxBytes, txBytes, rxPackets, txPackets };
}

function isNothing(counts: Readonly<Counts>): boolean {
  return counters.every((counter) => counts[counter] === 0);
}

function difference(one: Readonly<Counts>, other: Readonly<Counts>): Counts {
  const rest = { ...one };
  for (const counter of counters) rest[counter] -= other[counter];
  return rest;
}

/** As much of each count as both have. */
function common(one: Readonly<Counts>, other: Readonly<Counts>): Counts {
  const part = { ...one };
  for (const counter of counters) part[counter] = Math.min(one[counter], other[counter]);
  return part;
}

function sumOf(flows: readonly AttributedFlow[]): Counts {
  const sum: Counts = { rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0 };
  for (const { delta } of flows) for (const counter of counters) sum[counter] += delta[counter];
  return sum;
}

/** Flows outside that take the same way: what is credited from them went there, too. */
function waysOf(outer: readonly AttributedFlow[]): readonly (readonly AttributedFlow[])[] {
  return [...Map.groupBy(outer, ({ network, scope }) => `${scope} ${network}`).values()];
}

/** What was credited to a flow inside, as a flow at the edge: whose and to whom as inside, where and when as outside. */
function credited({ flow, age, told }: Waiting, part: Readonly<Counts>, way: readonly AttributedFlow[]): AttributedFlow {
  const [outer = flow] = way;
  const lastSeen = age === 0 ? flow.delta.lastSeen : way.reduce((latest, { delta }) => (delta.lastSeen > latest ? delta.lastSeen : latest), outer.delta.lastSeen);
  const delta = { ...flow.delta, ...part, lastSeen, opened: flow.delta.opened && !told, closed: false };
  return { ...flow, delta, placement: 'edge', scope: outer.scope, network: outer.network };
}

/** The app of what a VPN adds to the traffic inside it. One for each program that carries tunnels. */
function overheadApp(app: App): App {
  return { ...identity(`vpn-overhead:${app.app}`, 'VPN overhead'), exe: app.exe };
}

const nobody: App = { ...identity('kernel', 'kernel'), exe: null };

function overheadOwner(owner: ResolvedOwner): ResolvedOwner {
  const app = overheadApp(owner.app ?? nobody);
  return owner.certainty === 'exact' ? { ...owner, app } : { certainty: 'inferred', app, pid: owner.pid, reason: owner.reason };
}

/** Takes what was credited from the flows outside, in their order; what is left of them is overhead. */
function overheadOf(way: readonly AttributedFlow[], total: Readonly<Counts>): readonly AttributedFlow[] {
  let taken = total;
  return way.map((outer) => {
    const part = common(countsOf(outer), taken);
    taken = difference(taken, part);
    return { ...outer, delta: { ...outer.delta, ...difference(countsOf(outer), part) }, owner: overheadOwner(outer.owner) };
  });
}

interface Crediting {
  readonly flows: readonly AttributedFlow[];
  readonly waiting: readonly Waiting[];
}

/** Credits the bytes of one way to what waits, the oldest first. */
function creditWay(way: readonly AttributedFlow[], waiting: readonly Waiting[]): Crediting {
  const supply = sumOf(way);
  let left: Counts = supply;
  const flows: AttributedFlow[] = [];
  const after = waiting.map((one) => {
    const part = common(one.rest, left);
    if (isNothing(part)) return one;
    left = difference(left, part);
    flows.push(credited(one, part, way));
    return { ...one, rest: difference(one.rest, part), told: true };
  });
  return { flows: [...flows, ...overheadOf(way, difference(supply, left))], waiting: after.filter(({ rest }) => !isNothing(rest)) };
}

/** Credits the flows outside that carry a group to what crossed the group's tunnels now and a little before. */
function creditGroup(
  flows: { readonly outer: readonly AttributedFlow[]; readonly inner: readonly AttributedFlow[] },
  before: readonly Waiting[],
  limits: TunnelLimits,
): Crediting {
  const older = before.map((one) => ({ ...one, age: one.age + 1 })).filter(({ age }) => age <= limits.waitingIntervals);
  // Without a carrier in this interval there is no knowing that these packets left at all.
  if (flows.outer.length === 0) return { flows: [], waiting: older };
  const met = flows.inner.map((flow) => ({ flow, rest: countsOf(flow), age: 0, told: false })).filter(({ rest }) => !isNothing(rest));
  let waiting: readonly Waiting[] = [...older, ...met];
  const told: AttributedFlow[] = [];
  for (const way of waysOf(flows.outer)) {
    const done = creditWay(way, waiting);
    told.push(...done.flows);
    waiting = done.waiting;
  }
  return { flows: told, waiting: waiting.slice(-limits.waitingFlows) };
}

/**
 * One interval: the flows with those at the edge that carry tunnels replaced by what they carried and the rest as "VPN overhead".
 * The flows inside stay, as what they are: shown, and not counted.
 */
export function creditTunnels(
  state: TunnelState,
  measured: { readonly flows: readonly AttributedFlow[]; readonly interfaces: Iterable<InterfaceStatus> },
  limits: TunnelLimits = defaultTunnelLimits,
): { readonly state: TunnelState; readonly flows: readonly AttributedFlow[] } {
  const groups = groupsOf(measured.interfaces);
  if (groups.length === 0) return { state: noTunnelsYet, flows: measured.flows };
  const after = new Map<string, readonly Waiting[]>();
  const told: AttributedFlow[] = [];
  let rest = measured.flows;
  for (const { key, carrier, interfaces } of groups) {
    const outer = rest.filter((flow) => carries(carrier, flow));
    const inner = measured.flows.filter(({ placement, delta }) => placement === 'inside' && interfaces.has(delta.key.interface));
    const done = creditGroup({ outer, inner }, state.get(key) ?? [], limits);
    after.set(key, done.waiting);
    told.push(...done.flows);
    const replaced = new Set(outer);
    if (replaced.size > 0) rest = rest.filter((flow) => !replaced.has(flow));
  }
  return { state: after, flows: [...rest, ...told] };
}
