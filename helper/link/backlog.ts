import { flowId } from '../../protocol/flow.ts';
import type { FlowDelta, FlowId, NameSeen, ProcessDescription, ProcessKey } from '../../protocol/flow.ts';
import type { InterfaceInterval } from '../../protocol/helper.ts';
import { HttpCounts } from '../../core/packet/index.ts';
import type { HttpSeen } from '../../core/packet/index.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import { foldKey, foldedDelta, mergedDelta } from './fold.ts';
import type { FoldDepth } from './fold.ts';

/** A delta with the description of the process that its owner names; null where it names none. */
export interface OwnedDelta {
  readonly delta: FlowDelta;
  readonly process: ProcessDescription | null;
  /** Who started that process, the eldest first. */
  readonly ancestors?: readonly ProcessDescription[];
}

/** What one second brought. */
export interface Interval {
  readonly flows: Iterable<OwnedDelta>;
  readonly interfaces: readonly InterfaceInterval[];
  /** Flows that the capture itself had to add up to sums without addresses. */
  readonly foldedFlows: number;
  /** True length, from a clock that never jumps. */
  readonly seconds: number;
}

/** Everything since the last {@link Backlog.take} but what an outlet took, in the order in which it must be told. */
export interface Delivery {
  readonly processes: readonly ProcessDescription[];
  readonly names: readonly NameSeen[];
  readonly flows: readonly FlowDelta[];
  readonly http: readonly HttpHostSum[];
  readonly interfaces: readonly InterfaceInterval[];
  readonly seconds: number;
  readonly foldedFlows: number;
}

/** Flows with the processes that they name and those processes' ancestors. */
export type Piece = Pick<Delivery, 'processes' | 'flows'>;

/** Where flows may go at once instead of being kept: somebody reads, and has read all that came before. */
export interface Outlet {
  take(piece: Piece): void;
}

/** Flows handed to an outlet at one time: few enough to be forgotten again before they are moved to the old generation. */
const flowsPerPiece = 500;

/** Bounds of what is kept while nobody listens. */
export interface BacklogLimits {
  /** Flows kept apart from each other. Some 500 bytes each. */
  readonly flows: number;
  /** Rows by (interface, protocol, remote address) for the flows beyond that; the rest is one row for each interface. */
  readonly remotes: number;
  /** Names; the oldest is given up for the newest. */
  readonly names: number;
}

export const backlogLimits: BacklogLimits = { flows: 16_384, remotes: 4096, names: 8192 };

/**
 * Keeps what was measured until somebody takes it. Bytes are never lost: deltas of one flow are added up, and beyond the
 * bound the flows that come last are folded by remote address, then by interface, and counted.
 */
export class Backlog {
  readonly #limits: BacklogLimits;
  readonly #outlet: () => Outlet | null;
  #flows = new Map<FlowId, FlowDelta>();
  #folded = new Map<string, FlowDelta>();
  #remotes = 0;
  #processes = new Map<ProcessKey, ProcessDescription>();
  #names = new Map<string, NameSeen>();
  /** Bounded in itself: hosts beyond its bound are one row. */
  readonly #http = new HttpCounts();
  #interfaces = new Map<string, InterfaceInterval>();
  #seconds = 0;
  #foldedFlows = 0;
  /** Folded rows are numbered downwards from the greatest number, flows upwards from the least: they never meet. */
  #nextFolded = Number.MAX_SAFE_INTEGER;

  /** `outlet` is asked at each interval for somebody who takes its flows at once; null where they are to be kept. */
  constructor(limits: BacklogLimits = backlogLimits, outlet: () => Outlet | null = () => null) {
    this.#limits = limits;
    this.#outlet = outlet;
  }

  add(interval: Interval): void {
    const outlet = this.#flows.size + this.#folded.size === 0 ? this.#outlet() : null;
    if (outlet === null) for (const owned of interval.flows) this.#addFlow(owned);
    else pass(interval.flows, outlet);
    for (const one of interval.interfaces) {
      const known = this.#interfaces.get(one.name);
      this.#interfaces.set(one.name, known === undefined ? one : summed(known, one));
    }
    this.#seconds += interval.seconds;
    this.#foldedFlows += interval.foldedFlows;
  }

  /** Keeps a name until the next delivery; the same one twice is one. */
  addName(name: NameSeen): void {
    const key = name.kind === 'flow' ? `f${name.flow}|${name.source}|${name.name}` : `${name.address}|${name.flow}|${name.source}|${name.name}`;
    this.#names.delete(key);
    this.#names.set(key, name);
    if (this.#names.size > this.#limits.names) dropFirst(this.#names);
  }

  /** Counts what plain HTTP was asked for and answered. */
  addHttp(messages: readonly HttpSeen[]): void {
    for (const seen of messages) this.#http.see(seen);
  }

  /** Hands over everything and begins anew. */
  take(): Delivery {
    const delivery: Delivery = {
      processes: [...this.#processes.values()],
      names: [...this.#names.values()],
      flows: [...this.#flows.values(), ...this.#folded.values()],
      http: this.#http.take(),
      interfaces: [...this.#interfaces.values()],
      seconds: this.#seconds,
      foldedFlows: this.#foldedFlows,
    };
    this.#flows = new Map();
    this.#folded = new Map();
    this.#remotes = 0;
    this.#processes = new Map();
    this.#names = new Map();
    this.#interfaces = new Map();
    this.#seconds = 0;
    this.#foldedFlows = 0;
    return delivery;
  }

  #addFlow({ delta, process, ancestors = [] }: OwnedDelta): void {
    const known = this.#flows.get(delta.flow);
    if (known === undefined && this.#flows.size >= this.#limits.flows) {
      this.#fold(delta);
      return;
    }
    this.#flows.set(delta.flow, known === undefined ? delta : mergedDelta(known, delta));
    for (const ancestor of ancestors) this.#processes.set(ancestor.key, ancestor);
    if (process !== null) this.#processes.set(process.key, process);
  }

  #fold(delta: FlowDelta): void {
    this.#foldedFlows += 1;
    const depth: FoldDepth =
      this.#folded.has(foldKey(delta, 'remote')) || this.#remotes < this.#limits.remotes ? 'remote' : 'interface';
    const key = foldKey(delta, depth);
    const known = this.#folded.get(key);
    const flow = known?.flow ?? flowId(this.#nextFolded--);
    const folded = foldedDelta(delta, depth, flow);
    if (known === undefined && depth === 'remote') this.#remotes += 1;
    this.#folded.set(key, known === undefined ? folded : { ...mergedDelta(known, folded), key: known.key });
  }
}

/** Hands flows on piece by piece: ten thousand of them at once would be the most that the helper's memory ever holds. */
function pass(flows: Iterable<OwnedDelta>, outlet: Outlet): void {
  let deltas: FlowDelta[] = [];
  let processes = new Set<ProcessDescription>();
  for (const { delta, process, ancestors = [] } of flows) {
    deltas.push(delta);
    for (const ancestor of ancestors) processes.add(ancestor);
    if (process !== null) processes.add(process);
    if (deltas.length < flowsPerPiece) continue;
    outlet.take({ processes: [...processes], flows: deltas });
    deltas = [];
    processes = new Set();
  }
  if (deltas.length > 0) outlet.take({ processes: [...processes], flows: deltas });
}

function dropFirst<Key>(map: Map<Key, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}

function summed(one: InterfaceInterval, other: InterfaceInterval): InterfaceInterval {
  return {
    name: one.name,
    packets: one.packets + other.packets,
    bytes: one.bytes + other.bytes,
    droppedPackets: one.droppedPackets + other.droppedPackets,
    malformedPackets: one.malformedPackets + other.malformedPackets,
    otherFrames: one.otherFrames + other.otherFrames,
    evictedFlows: one.evictedFlows + other.evictedFlows,
    refusedClues: one.refusedClues + other.refusedClues,
    interfaceRxBytes: one.interfaceRxBytes + other.interfaceRxBytes,
    interfaceTxBytes: one.interfaceTxBytes + other.interfaceTxBytes,
  };
}
