import type { AppId, Scope } from '../../protocol/app.ts';
import type { FlowDelta, FlowId, NameSeen, OwnerReason, ProcessDescription, ProcessKey } from '../../protocol/flow.ts';
import type { HelperMessage, InterfaceInterval, InterfaceStatus } from '../../protocol/helper.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { isGroupAddress } from '../flow/orient.ts';
import type { ScopeOf } from '../flow/scope.ts';
import type { Naming } from '../naming/index.ts';
import { HttpCounts } from '../packet/index.ts';
import { appOf } from './app.ts';
import type { DisplayNames } from './desktop-names.ts';
import type { KnownParent } from './helper-process.ts';
import { kernelApp } from './kernel-traffic.ts';
import type { AttributedFlow, MeasuredInterval, Placement, ResolvedOwner } from './attributed-flow.ts';
import type { ControlGroup } from './control-group.ts';
import { creditTunnels, noTunnelsYet } from './tunnels.ts';

export type Tick = Extract<HelperMessage, { kind: 'tick' }>;

/** What is asked of core/naming: to learn names, to say the name of a flow, and which flows are named otherwise now. */
export type FlowNames = Pick<Naming, 'see' | 'nameOf' | 'takeChanged' | 'end' | 'age'>;

export interface JoiningPorts {
  readonly names: FlowNames;
  readonly scopeOf: ScopeOf;
  /** The network that an interface belongs to now, at most 256 characters; absent: the interface's own name. */
  readonly networkOf?: (interfaceName: string) => string;
  /** The country of an address (ISO 3166-1 alpha-2), or null; absent where nobody can tell. */
  readonly countryOf?: (address: string) => string | null;
  /** The control group that Tidewatch itself lives in (see `appOf`). */
  readonly home: ControlGroup;
  /** What this machine's desktop calls apps; absent where there is none. */
  readonly displayNames?: DisplayNames;
}

/** Bounds of what the joining remembers; beyond them bytes are folded or owners forgotten, never lost. */
export interface JoiningLimits {
  readonly processes: number;
  readonly openFlows: number;
  readonly flowsPerInterval: number;
  readonly namesPerInterval: number;
  readonly interfaces: number;
}

/**
 * Four full flow tables of the helper fit in an interval; a machine runs at most 32 768 processes by default
 * (kernel.pid_max), and each is forgotten when four times as many have come after it.
 */
export const defaultJoiningLimits: JoiningLimits = {
  processes: 131_072,
  openFlows: 262_144,
  flowsPerInterval: 262_144,
  namesPerInterval: 65_536,
  interfaces: 4096,
};


/** Names live for hours: looking for old ones once a minute is often enough. */
const ageEveryMs = 60_000;

/** Reserved (IANA "Assigned Internet Protocol Numbers"): no packet carries it, so it can stand for "several". */
const severalProtocols = 255;

function unknownOwner(reason: OwnerReason): ResolvedOwner {
  return { certainty: 'unknown', app: null, pid: null, reason };
}

/** That no process holds the socket is an observation, not a proof: the kernel is inferred. */
function kernelsOwn({ key }: FlowDelta): ResolvedOwner {
  return { certainty: 'inferred', app: kernelApp(key), pid: null, reason: 'kernel' };
}

/**
 * Forgets the oldest keys of a map that has grown beyond its bound: a Map keeps the order in which keys were set. A
 * sixteenth at once, because each walk from the beginning passes over what was deleted there before.
 */
function forgetOldest<Key>(map: Map<Key, unknown>, bound: number): void {
  if (map.size <= bound) return;
  let surplus = map.size - bound + (bound >> 4);
  for (const key of map.keys()) {
    if (surplus <= 0) return;
    map.delete(key);
    surplus -= 1;
  }
}

/** The sum of two deltas of one interface under a key that says nothing of either. */
function folded(sum: FlowDelta | undefined, delta: FlowDelta): FlowDelta {
  return {
    flow: sum?.flow ?? delta.flow,
    key: {
      interface: delta.key.interface,
      protocol: severalProtocols,
      localAddress: '::',
      localPort: null,
      remoteAddress: '::',
      remotePort: null,
    },
    rxBytes: (sum?.rxBytes ?? 0) + delta.rxBytes,
    txBytes: (sum?.txBytes ?? 0) + delta.txBytes,
    rxPackets: (sum?.rxPackets ?? 0) + delta.rxPackets,
    txPackets: (sum?.txPackets ?? 0) + delta.txPackets,
    firstSeen: sum?.firstSeen ?? delta.firstSeen,
    lastSeen: delta.lastSeen,
    opened: false,
    closed: false,
    owner: { certainty: 'unknown', reason: 'folded' },
  };
}

/** The counters of an interface as its flows alone tell them. */
function withDelta(sum: InterfaceInterval | undefined, delta: FlowDelta): InterfaceInterval {
  return {
    name: delta.key.interface,
    packets: (sum?.packets ?? 0) + delta.rxPackets + delta.txPackets,
    bytes: (sum?.bytes ?? 0) + delta.rxBytes + delta.txBytes,
    droppedPackets: 0,
    malformedPackets: 0,
    otherFrames: 0,
    evictedFlows: 0,
    refusedClues: 0,
    interfaceRxBytes: 0,
    interfaceTxBytes: 0,
  };
}

/** Measured before it was told of: it counts (see `#placementOf`). */
function unannouncedStatus(name: string): InterfaceStatus {
  return { name, kind: 'virtual', state: 'capturing', edge: true, addresses: [] };
}

/**
 * Joins what the helper says in one interval: flows with the apps of their owners, their names, scope and network.
 * Messages are collected as they come and joined at the tick, because an answer's asking app is known only once the
 * flow that carried the answer has come. Bytes in equal bytes out. Names of closed flows are ended by the
 * {@link UsageWindow} that takes the interval, because a late name may still rename what they did.
 */
export class Joining {
  readonly #ports: JoiningPorts;
  readonly #limits: JoiningLimits;
  readonly #processes = new Map<ProcessKey, KnownParent>();
  readonly #interfaces = new Map<string, InterfaceStatus>();
  /** Names of the interfaces that exist now; the statuses of vanished ones are kept for their last deltas. */
  #present: ReadonlySet<string> = new Set();
  readonly #appOfFlow = new Map<FlowId, AppId | null>();
  #flows: FlowDelta[] = [];
  #overflow = new Map<string, FlowDelta>();
  #names: NameSeen[] = [];
  /** Bounded in itself. */
  readonly #http = new HttpCounts();
  #tunnels = noTunnelsYet;
  #agedAt = 0;

  constructor(ports: JoiningPorts, limits: JoiningLimits = defaultJoiningLimits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  interfaces(statuses: readonly InterfaceStatus[]): void {
    this.#present = new Set(statuses.map(({ name }) => name));
    for (const status of statuses) {
      this.#interfaces.delete(status.name);
      this.#interfaces.set(status.name, status);
    }
    forgetOldest(this.#interfaces, this.#limits.interfaces);
  }

  processes(described: readonly ProcessDescription[]): void {
    for (const process of described) {
      const parent = (process.parent === undefined ? undefined : this.#processes.get(process.parent)) ?? null;
      const found = appOf(process, { home: this.#ports.home, parent });
      const app = { ...found, displayName: this.#ports.displayNames?.nameOf(found) ?? found.displayName };
      this.#processes.set(process.key, { app, pid: process.pid, executable: process.executable });
    }
    forgetOldest(this.#processes, this.#limits.processes);
  }

  names(seen: readonly NameSeen[]): void {
    for (const name of seen) {
      if (name.kind === 'flow' || name.flow === null || this.#names.length >= this.#limits.namesPerInterval) {
        this.#ports.names.see(name, null);
      } else this.#names.push(name);
    }
  }

  flows(deltas: readonly FlowDelta[]): void {
    for (const delta of deltas) {
      if (this.#flows.length < this.#limits.flowsPerInterval) this.#flows.push(delta);
      else this.#overflow.set(delta.key.interface, folded(this.#overflow.get(delta.key.interface), delta));
    }
  }

  http(sums: readonly HttpHostSum[]): void {
    for (const sum of sums) this.#http.add(sum);
  }

  /** Closes the interval: everything collected since the last tick, joined. */
  close(tick: Tick): MeasuredInterval {
    const deltas = [...this.#flows, ...this.#overflow.values()];
    const owners = deltas.map((delta) => this.#ownerOf(delta));
    this.#renewProcesses(deltas);
    this.#rememberApps(deltas, owners);
    this.#seeNames();
    const flows = deltas.map((delta, index) => this.#join(delta, owners[index] ?? unknownOwner('not-looked-up'), tick.time));
    for (const delta of deltas) if (delta.closed) this.#appOfFlow.delete(delta.flow);
    this.#ageNames(tick.time);
    this.#flows = [];
    this.#overflow = new Map();
    const told = creditTunnels(this.#tunnels, { flows, interfaces: this.#interfaces.values() });
    this.#tunnels = told.state;
    const { time, intervalSeconds, paused } = tick;
    return { time, intervalSeconds, paused, flows: told.flows, http: this.#http.take(), interfaces: this.#measured(tick) };
  }

  /**
   * Closes an interval that the helper began to tell of and did not finish: what it has told is measured, and is lost
   * with the connection if it is not taken here. Null where there is nothing. `from` is the end of the interval before.
   */
  closeUnfinished(from: EpochMs): MeasuredInterval | null {
    const deltas = [...this.#flows, ...this.#overflow.values()];
    const [first] = deltas;
    if (first === undefined) {
      // Without an interval of its own it would be told in a later one, which may not be private as this one was.
      this.#http.take();
      return null;
    }
    const time = deltas.reduce((latest, { lastSeen }) => (lastSeen > latest ? lastSeen : latest), first.lastSeen);
    const interfaces = new Map<string, InterfaceInterval>();
    for (const delta of deltas) interfaces.set(delta.key.interface, withDelta(interfaces.get(delta.key.interface), delta));
    const intervalSeconds = Math.max(0, time - from) / 1000;
    return this.close({ kind: 'tick', time, intervalSeconds, interfaces: [...interfaces.values()], foldedFlows: 0, paused: false });
  }

  /** Another helper speaks from now on: flow numbers begin again, so what hung on them ends. */
  restart(): void {
    for (const flow of this.#appOfFlow.keys()) this.#ports.names.end(flow);
    this.#appOfFlow.clear();
    this.#flows = [];
    this.#overflow = new Map();
    this.#names = [];
    this.#http.take();
    this.#tunnels = noTunnelsYet;
  }

  /** The interfaces as last told, for a snapshot without an interval. */
  presentInterfaces(): readonly InterfaceStatus[] {
    return [...this.#interfaces.values()].filter(({ name }) => this.#present.has(name));
  }

  #ownerOf(delta: FlowDelta): ResolvedOwner {
    const { owner } = delta;
    if (owner.certainty === 'unknown') return owner.reason === 'kernel' ? kernelsOwn(delta) : unknownOwner(owner.reason);
    const known = this.#processes.get(owner.process);
    if (known === undefined) return unknownOwner('process-ended');
    return owner.certainty === 'exact'
      ? { certainty: 'exact', app: known.app, pid: known.pid, reason: null }
      : { certainty: 'inferred', app: known.app, pid: known.pid, reason: owner.reason };
  }

  /** Processes that are met now are the last to be forgotten. */
  #renewProcesses(deltas: readonly FlowDelta[]): void {
    const met = new Set(deltas.map(({ owner }) => (owner.certainty === 'unknown' ? null : owner.process)));
    for (const key of met) {
      const known = key === null ? undefined : this.#processes.get(key);
      if (key === null || known === undefined) continue;
      this.#processes.delete(key);
      this.#processes.set(key, known);
    }
  }

  #rememberApps(deltas: readonly FlowDelta[], owners: readonly ResolvedOwner[]): void {
    for (const [index, delta] of deltas.entries()) this.#appOfFlow.set(delta.flow, owners[index]?.app?.app ?? null);
    forgetOldest(this.#appOfFlow, this.#limits.openFlows);
  }

  #seeNames(): void {
    for (const name of this.#names) {
      const asking = name.kind === 'address' && name.flow !== null ? this.#appOfFlow.get(name.flow) : null;
      this.#ports.names.see(name, asking ?? null);
    }
    this.#names = [];
  }

  #join(delta: FlowDelta, owner: ResolvedOwner, now: EpochMs): AttributedFlow {
    const { remoteAddress, interface: interfaceName } = delta.key;
    const placement = this.#placementOf(interfaceName);
    const network = this.#ports.networkOf?.(interfaceName) ?? interfaceName;
    const app = owner.app?.app ?? null;
    const name = this.#ports.names.nameOf({ flow: delta.flow, remoteAddress, app, openedAt: delta.firstSeen, now });
    const scope = this.#scopeOf(delta, placement);
    const country = scope === 'internet' ? (this.#ports.countryOf?.(remoteAddress) ?? null) : null;
    return { delta, owner, name, scope, placement, network, country };
  }

  /** What came to a group has the group at its local end, and is no less multicast than what was sent to one. */
  #scopeOf(delta: FlowDelta, placement: Placement): Scope {
    if (placement === 'loopback') return 'loopback';
    return isGroupAddress(delta.key.localAddress) ? 'multicast' : this.#ports.scopeOf(delta.key.remoteAddress);
  }

  /** An interface that was never told of counts: bytes that crossed the machine's edge unannounced are still bytes. */
  #placementOf(name: string): Placement {
    const status = this.#interfaces.get(name);
    if (status === undefined || status.edge) return 'edge';
    return status.kind === 'loopback' ? 'loopback' : 'inside';
  }

  #ageNames(now: EpochMs): void {
    if (Math.abs(now - this.#agedAt) < ageEveryMs) return;
    this.#agedAt = now;
    this.#ports.names.age(now);
  }

  #measured(tick: Tick): MeasuredInterval['interfaces'] {
    const intervals = new Map(tick.interfaces.map((interval) => [interval.name, interval]));
    const known = [...this.#interfaces.values()].filter(({ name }) => this.#present.has(name) || intervals.has(name));
    const unannounced = [...intervals.keys()].filter((name) => !this.#interfaces.has(name)).map(unannouncedStatus);
    return [...known, ...unannounced].map((status) => ({ status, interval: intervals.get(status.name) ?? null }));
  }
}

