import type { FlowDelta, FlowKey, OwnerReason } from '../protocol/flow.ts';
import type { CaptureConfiguration, HelperMessage, InterfaceInterval, InterfaceStatus } from '../protocol/helper.ts';
import type { FlowId } from '../protocol/flow.ts';
import type { EpochMs } from '../protocol/units.ts';
import { orient } from '../core/flow/orient.ts';
import type { OrientedEnds } from '../core/flow/orient.ts';
import type { FlowEnds, NameReader } from '../core/packet/index.ts';
import type { Captures, InterfaceDrain } from './capture/captures.ts';
import type { InterfaceCounters } from './capture/interface-counters.ts';
import type { Interfaces, SeenInterface } from './capture/interfaces.ts';
import type { LocalAddresses } from './capture/local-addresses.ts';
import type { Troubles } from './capture/troubles.ts';
import type { TunnelCarriers } from './capture/tunnel-carriers.ts';
import { RecurringTrouble, flowsFolded, packetsDropped } from './capture/recurring-trouble.ts';
import type { Backlog, OwnedDelta } from './link/backlog.ts';
import type { FlowRecord } from './native/index.ts';
import type { ConnectionQuality, MovedFlow } from './sockets/connection-quality.ts';
import type { Owned, Owners } from './sockets/owners.ts';

/** The parts that a measurement brings together. */
export interface MeasurementParts {
  readonly interfaces: Interfaces;
  readonly readAddresses: () => LocalAddresses;
  readonly captures: Captures;
  readonly counters: InterfaceCounters;
  /** Absent where it is not asked what carries tunnels. */
  readonly carriers?: TunnelCarriers;
  readonly names: NameReader;
  readonly owners: Owners;
  /** Absent where the handshake alone tells of a connection's round-trip time. */
  readonly quality?: ConnectionQuality;
  /** Why a sum of many flows has no owner; absent where it is that there was no room for each. */
  readonly unattributed?: OwnerReason;
  readonly troubles: Troubles;
  readonly backlog: Backlog;
  /** Tells what is part of the state. */
  readonly tell: (message: HelperMessage) => void;
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
}

/** Flows whose orientation is remembered, most: two full tables; a flow beyond is oriented anew each second. */
const maximumFlows = 131_072;

interface MetFlow {
  readonly ends: OrientedEnds;
  readonly capture: number;
  /** Made when its first delta is. */
  key?: FlowKey;
}

/** What happens at each clue and each second: packets become deltas with owners, and names, in the backlog. */
export class Measurement {
  readonly #parts: MeasurementParts;
  readonly #drops: RecurringTrouble;
  readonly #folds: RecurringTrouble;
  readonly #flows = new Map<FlowId, MetFlow>();
  /** The owner of a sum of many flows. */
  readonly #nobody: Owned;
  #local: LocalAddresses;
  #interfaces: readonly SeenInterface[] = [];
  #status: readonly InterfaceStatus[] = [];
  #statusText = '';
  #lastSecond: number;

  constructor(parts: MeasurementParts) {
    this.#parts = parts;
    this.#nobody = { owner: { certainty: 'unknown', reason: parts.unattributed ?? 'folded' }, process: null };
    this.#drops = new RecurringTrouble(parts.troubles, packetsDropped);
    this.#folds = new RecurringTrouble(parts.troubles, flowsFolded);
    this.#local = parts.readAddresses();
    this.#lastSecond = parts.monotonic();
    this.#follow();
  }

  configure(configuration: CaptureConfiguration): void {
    this.#parts.captures.configure(configuration);
    this.#follow();
  }

  pause(): void {
    this.takeClues();
    this.#parts.captures.pause();
    this.#follow();
  }

  resume(): void {
    this.#parts.captures.resume();
    this.#follow();
  }

  /** What a service that has just come must know. */
  state(): readonly HelperMessage[] {
    const troubles = this.#parts.troubles.current().map((trouble): HelperMessage => ({ kind: 'trouble', trouble }));
    return [{ kind: 'interfaces', interfaces: [...this.#status] }, ...troubles];
  }

  /** Reads the clues that wait: names for the backlog, new flows for the owners. */
  takeClues(): void {
    const { captures, names, owners, backlog } = this.#parts;
    for (const { clue, interfaceIndex, capture } of captures.takeClues()) {
      const ends = clue.kind === 'opened' ? this.#orientEarly(clue.ends) : null;
      if (ends !== null) {
        this.#remember(clue.flow, { ends, capture });
        owners.opened(clue.flow, { interfaceIndex, ends });
      }
      for (const name of names.read(clue)) backlog.addName(name);
      // After each clue, because the reader's list is short.
      backlog.addHttp(names.takeHttp());
    }
  }

  /** Closes the interval: everything that was counted goes to the backlog. */
  second(now: EpochMs): void {
    const { captures, owners, backlog, names } = this.#parts;
    this.#follow();
    const drained = captures.drain();
    // In this order the beginning of each flow that was drained is known, and no clue comes for one that is forgotten below.
    this.takeClues();
    for (const drain of drained) this.#meet(drain);
    this.#measureQuality(drained);
    if (owners.dueIn() === 0) owners.ask();
    const monotonic = this.#parts.monotonic();
    backlog.add({
      flows: this.#owned(drained),
      interfaces: this.#intervals(drained),
      foldedFlows: drained.reduce((sum, { counters }) => sum + counters.foldedFlows, 0),
      seconds: (monotonic - this.#lastSecond) / 1000,
    });
    this.#lastSecond = monotonic;
    names.age(now);
    this.#noteOwnerLimits();
  }

  /** Follows the interfaces and tells of them if anything changed. */
  #follow(): void {
    const { interfaces, readAddresses, captures, monotonic, tell } = this.#parts;
    this.#local = readAddresses();
    this.#interfaces = interfaces.refresh(this.#local);
    captures.follow(this.#interfaces, monotonic());
    this.#status = this.#withCarriers(captures.status(this.#interfaces));
    const text = JSON.stringify(this.#status);
    if (text === this.#statusText) return;
    this.#statusText = text;
    this.#followCounters();
    tell({ kind: 'interfaces', interfaces: [...this.#status] });
  }

  #withCarriers(statuses: readonly InterfaceStatus[]): readonly InterfaceStatus[] {
    const { carriers, monotonic } = this.#parts;
    if (carriers === undefined) return statuses;
    carriers.keep(this.#interfaces);
    const byName = new Map(this.#interfaces.map((one) => [one.name, one]));
    return statuses.map((status) => {
      const seen = byName.get(status.name);
      const carrier = seen === undefined || status.edge ? null : carriers.of(seen, monotonic());
      return carrier === null ? status : { ...status, carrier };
    });
  }

  #followCounters(): void {
    this.#parts.counters.follow(this.#status.filter(({ state }) => state === 'capturing').map(({ name }) => name));
  }

  /**
   * Orientation at a flow's first packet. An address that the machine got within this second is not known yet, so "not ours"
   * is only decided at the end of the second.
   */
  #orientEarly(ends: FlowEnds): OrientedEnds | null {
    const oriented = this.#orient(ends);
    return oriented.position === 'not-this-host' ? null : oriented;
  }

  #orient(ends: FlowEnds): OrientedEnds {
    return orient(ends, (address) => this.#local.isLocal(address));
  }

  #remember(flow: FlowId, met: MetFlow): void {
    if (this.#flows.size < maximumFlows) this.#flows.set(flow, met);
  }

  /** Makes the owners look for flows whose beginning no clue told. */
  #meet(drain: InterfaceDrain): void {
    for (const record of drain.flows) {
      if (record.folded || this.#flows.has(record.flow)) continue;
      const ends = this.#orient(record.ends);
      this.#remember(record.flow, { ends, capture: drain.capture });
      this.#parts.owners.opened(record.flow, { interfaceIndex: drain.index, ends });
    }
  }

  /** Asks how far away the other ends are of whatever moved something. */
  #measureQuality(drained: readonly InterfaceDrain[]): void {
    const { quality } = this.#parts;
    if (quality === undefined) return;
    const moved: MovedFlow[] = [];
    for (const { flow, opened, closed, bytesAb, bytesBa } of drained.flatMap(({ flows }) => flows)) {
      const ends = !closed && bytesAb + bytesBa === 0 ? undefined : this.#flows.get(flow)?.ends;
      if (ends !== undefined) moved.push({ flow, ends, opened, closed });
    }
    quality.measure(moved);
  }

  *#owned(drained: readonly InterfaceDrain[]): Generator<OwnedDelta> {
    for (const drain of drained) {
      for (const record of drain.flows) {
        const { owner, process, ancestors } = record.folded ? this.#nobody : this.#parts.owners.ownerOf(record.flow);
        const closed = record.closed || drain.ended;
        const delta = deltaOf(record, this.#sideOf(record, drain.name), { closed, owner, ...this.#qualityOf(record) });
        yield ancestors === undefined ? { delta, process } : { delta, process, ancestors };
        if (closed) this.#forget(record.flow);
      }
      if (drain.ended) this.#forgetCapture(drain.capture);
    }
  }

  /** What its own socket says, where there is one; else what the packets show. */
  #qualityOf({ flow, roundTripMicroseconds, retransmits, packetsAb, packetsBa }: FlowRecord): TransportQuality {
    const { quality } = this.#parts;
    return {
      roundTripMicroseconds: quality?.roundTripOf(flow) ?? roundTripMicroseconds,
      retransmits: quality?.retransmitsOf(flow, retransmits, packetsAb + packetsBa) ?? retransmits,
      congestionWindow: quality?.congestionWindowOf(flow) ?? 0,
    };
  }

  /** Which end of a record is ours, and the key it is told by: the same value every second. */
  #sideOf(record: FlowRecord, interfaceName: string): Side {
    const met = this.#flows.get(record.flow) ?? { ends: this.#orient(record.ends), capture: 0 };
    met.key ??= keyOf(met.ends, interfaceName);
    return { local: met.ends.local, key: met.key };
  }

  /** Flows that were silent when their capture ended have no record that says so. */
  #forgetCapture(capture: number): void {
    for (const [flow, met] of this.#flows) if (met.capture === capture) this.#forget(flow);
  }

  #forget(flow: FlowId): void {
    this.#flows.delete(flow);
    this.#parts.owners.ended(flow);
    this.#parts.quality?.ended(flow);
    this.#parts.names.end(flow);
  }

  #intervals(drained: readonly InterfaceDrain[]): readonly InterfaceInterval[] {
    return drained.map(({ name, counters }) => {
      this.#drops.note(name, counters.droppedPackets);
      this.#folds.note(name, counters.foldedFlows);
      const counted = this.#parts.counters.since(name);
      return {
        name,
        packets: counters.packets,
        bytes: counters.bytes,
        droppedPackets: counters.droppedPackets,
        malformedPackets: counters.malformedPackets,
        otherFrames: counters.otherFrames,
        evictedFlows: counters.evictedFlows,
        refusedClues: counters.refusedClues,
        interfaceRxBytes: counted.rxBytes,
        interfaceTxBytes: counted.txBytes,
      };
    });
  }

  #noteOwnerLimits(): void {
    const limits = this.#parts.owners.limits();
    for (const { source, message, remedy } of limits) {
      this.#parts.troubles.begin({ code: 'owner-source-limited', subject: source, message, remedy });
    }
    if (limits.length === 0) this.#parts.troubles.endAll('owner-source-limited');
  }
}

/** How a connection goes; 0 where it is not known. */
interface TransportQuality {
  readonly roundTripMicroseconds: number;
  readonly retransmits: number;
  readonly congestionWindow: number;
}

interface Side {
  readonly local: OrientedEnds['local'];
  readonly key: FlowKey;
}

function keyOf(ends: OrientedEnds, interfaceName: string): FlowKey {
  return {
    interface: interfaceName,
    protocol: ends.protocol,
    localAddress: ends.localAddress,
    localPort: ends.localPort,
    remoteAddress: ends.remoteAddress,
    remotePort: ends.remotePort,
  };
}

function deltaOf(
  record: FlowRecord,
  { local, key }: Side,
  { closed, owner, roundTripMicroseconds, retransmits, congestionWindow }: Pick<FlowDelta, 'closed' | 'owner'> & TransportQuality,
): FlowDelta {
  const localIsA = local === 'a';
  return {
    flow: record.flow,
    key,
    rxBytes: localIsA ? record.bytesBa : record.bytesAb,
    txBytes: localIsA ? record.bytesAb : record.bytesBa,
    rxPackets: localIsA ? record.packetsBa : record.packetsAb,
    txPackets: localIsA ? record.packetsAb : record.packetsBa,
    firstSeen: record.firstSeen,
    lastSeen: record.lastSeen,
    opened: record.opened,
    closed,
    owner,
    ...(roundTripMicroseconds > 0 ? { roundTripMicroseconds } : {}),
    ...(retransmits > 0 ? { retransmits } : {}),
    ...(congestionWindow > 0 ? { congestionWindow } : {}),
  };
}
