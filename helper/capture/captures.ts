import type { CaptureConfiguration, InterfaceStatus } from '../../protocol/helper.ts';
import type { Clue } from '../../core/packet/clue.ts';
import type { Capture, CaptureFailure, CaptureOptions, Drained, HeaderBounds, HeaderTap } from '../native/index.ts';
import type { SeenInterface } from './interfaces.ts';
import type { Troubles } from './troubles.ts';
import { troubleOfFailure, troubleOfOpening } from './capture-troubles.ts';

/** What of the native addon the captures need. */
export interface CaptureOpener {
  openCapture(options: CaptureOptions, events: { clues(): void; failed(failure: CaptureFailure): void }): Capture;
}

/** The bounds of each capture. */
export type CaptureBounds = Pick<CaptureOptions, 'snapLength' | 'ringBytes' | 'maximumFlows' | 'clueQueueBytes'>;

/** What one interface gave since the last drain. */
export interface InterfaceDrain extends Drained {
  readonly name: string;
  readonly index: number;
  /** Number of the capture, never used again: its flows are known by it. */
  readonly capture: number;
  /** The capture is over: this is the last of all its flows. */
  readonly ended: boolean;
}

/** Headers of one interface's packets. */
export interface InterfaceHeaders {
  readonly interface: string;
  readonly linkType: number;
  readonly records: Uint8Array;
  /** Packets whose headers gave way before they were taken. */
  readonly missed: number;
}

/** A clue with where it was seen. */
export interface PlacedClue {
  readonly interfaceIndex: number;
  readonly capture: number;
  readonly clue: Clue;
}

/**
 * Tunnels captured at one time, most, beside the edges that their bytes cross: they say whose those bytes are. Their rings are
 * smaller, because a tunnel's traffic is encrypted by somebody at the same time.
 */
const maximumTunnels = 8;
const tunnelRingShare = 4;

interface Running {
  readonly number: number;
  readonly native: Capture;
}

/** Milliseconds until a capture that could not be opened is tried again: doubled each time up to the last. */
const firstRetryMs = 1000;
const lastRetryMs = 30_000;

interface Target {
  readonly name: string;
  readonly index: number;
  readonly ringBytes: number;
  capture: Running | null;
  /** Monotonic time of the next attempt; Infinity where only another configuration can help. */
  retryAt: number;
  retryMs: number;
}

/** Opens and closes captures as the configuration and the interfaces say. */
export class Captures {
  readonly #opener: CaptureOpener;
  readonly #bounds: CaptureBounds;
  readonly #troubles: Troubles;
  readonly #cluesWait: () => void;
  readonly #targets = new Map<string, Target>();
  #leftover: InterfaceDrain[] = [];
  #configuration: CaptureConfiguration | null = null;
  #headerBounds: HeaderBounds | null = null;
  #paused = false;
  #opened = 0;

  /** `cluesWait` is called when a capture has clues to take, soon after they were seen. */
  constructor(parts: {
    readonly opener: CaptureOpener;
    readonly bounds: CaptureBounds;
    readonly troubles: Troubles;
    readonly cluesWait: () => void;
  }) {
    this.#opener = parts.opener;
    this.#bounds = parts.bounds;
    this.#troubles = parts.troubles;
    this.#cluesWait = parts.cluesWait;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** What to capture from the next {@link follow} on. The same configuration again leaves running captures alone. */
  configure(configuration: CaptureConfiguration): void {
    if (JSON.stringify(configuration) === JSON.stringify(this.#configuration)) return;
    const reopen = this.#configuration === null || !sameOptions(configuration, this.#configuration);
    this.#configuration = configuration;
    for (const target of this.#targets.values()) if (reopen || target.capture === null) this.#end(target);
    for (const code of ['bad-filter', 'unknown-interface', 'interface-vanished', 'no-capture-rights', 'capture-failed'] as const) {
      this.#troubles.endAll(code);
    }
  }

  /** Ends all captures until {@link resume}. What they had is in the next drain. */
  pause(): void {
    this.#paused = true;
    for (const target of this.#targets.values()) this.#end(target);
  }

  resume(): void {
    this.#paused = false;
  }

  /** Opens what is new, ends what is gone or not chosen any more, and tries again what failed. `now` is monotonic. */
  follow(interfaces: readonly SeenInterface[], now: number): void {
    if (this.#configuration === null || this.#paused) return;
    const byName = new Map(interfaces.map((one) => [one.name, one]));
    const chosen = this.#chosen(interfaces, this.#configuration);
    this.#noteMissing(byName, this.#configuration);
    for (const target of this.#targets.values()) {
      const index = byName.get(target.name)?.index;
      if (!chosen.has(target.name) || index !== target.index) this.#end(target);
    }
    const inner = new Set(this.#innerTunnels(interfaces, this.#configuration).map((one) => one.name));
    const { ringBytes } = this.#bounds;
    for (const name of chosen) {
      const index = byName.get(name)?.index;
      if (index !== undefined) this.#openIfDue({ name, index, ringBytes: inner.has(name) ? ringBytes / tunnelRingShare : ringBytes }, now);
    }
  }

  /** Takes the clues of all captures, in the order of the interfaces' opening. */
  takeClues(): readonly PlacedClue[] {
    return [...this.#targets.values()].flatMap(({ capture, index }) =>
      capture === null ? [] : capture.native.takeClues().map((clue) => ({ capture: capture.number, interfaceIndex: index, clue })),
    );
  }

  /** Takes what all captures counted since the last call; what ended in between is among it. */
  drain(): readonly InterfaceDrain[] {
    const ended = this.#leftover;
    this.#leftover = [];
    const running = [...this.#targets.values()].flatMap(({ capture, name, index }) =>
      capture === null ? [] : [{ name, index, capture: capture.number, ended: false, ...capture.native.drain() }],
    );
    return [...ended, ...running];
  }

  /** Keeps the headers of packets on every interface from now on, within these bounds each; null: none. */
  keepHeaders(bounds: HeaderBounds | null): void {
    this.#headerBounds = bounds;
    for (const { capture } of this.#targets.values()) capture?.native.headers?.keep(bounds);
  }

  /** All headers that are kept. */
  heldHeaders(): readonly InterfaceHeaders[] {
    return this.#headersBy((tap) => ({ records: tap.held(), missed: 0 }));
  }

  /** Those that no call before has given, or a first part of them. */
  freshHeaders(): readonly InterfaceHeaders[] {
    return this.#headersBy((tap) => tap.fresh());
  }

  /**
   * What the protocol says of each interface. One that was named counts as an edge, whatever it is; except loopback, and except
   * a tunnel that was named beside others, because its bytes cross one of those.
   */
  status(interfaces: readonly SeenInterface[]): readonly InterfaceStatus[] {
    const edges = this.#edgesAmong(interfaces);
    return interfaces.map((one) => ({
      name: one.name,
      kind: one.kind,
      state: this.#stateOf(one.name),
      edge: edges.has(one.name),
      addresses: [...one.addresses],
    }));
  }

  #headersBy(take: (tap: HeaderTap) => Pick<InterfaceHeaders, 'records' | 'missed'>): readonly InterfaceHeaders[] {
    return [...this.#targets.values()].flatMap(({ name, capture }) => {
      const tap = capture?.native.headers;
      return tap === undefined ? [] : [{ interface: name, linkType: tap.linkType, ...take(tap) }];
    });
  }

  #edgesAmong(interfaces: readonly SeenInterface[]): ReadonlySet<string> {
    const configured = this.#configuration?.interfaces ?? 'edges';
    if (configured === 'edges') return new Set(interfaces.filter((one) => one.edge).map((one) => one.name));
    const named = interfaces.filter((one) => configured.includes(one.name) && one.kind !== 'loopback');
    const carrying = named.filter((one) => one.kind !== 'tunnel');
    return new Set((carrying.length > 0 ? carrying : named).map((one) => one.name));
  }

  close(): void {
    for (const target of this.#targets.values()) this.#end(target);
  }

  #stateOf(name: string): InterfaceStatus['state'] {
    const target = this.#targets.get(name);
    if (target === undefined) return 'idle';
    return target.capture === null ? 'failed' : 'capturing';
  }

  #chosen(interfaces: readonly SeenInterface[], configuration: CaptureConfiguration): ReadonlySet<string> {
    const names =
      configuration.interfaces === 'edges'
        ? interfaces.filter((one) => one.edge && one.up).map((one) => one.name)
        : configuration.interfaces;
    const loopback = configuration.loopback ? interfaces.filter((one) => one.kind === 'loopback' && one.up) : [];
    return new Set([...names, ...[...loopback, ...this.#innerTunnels(interfaces, configuration)].map((one) => one.name)]);
  }

  /** Behind a filter, what is inside a tunnel and what carries it are not the same traffic any more: nothing could be said of it. */
  #innerTunnels(interfaces: readonly SeenInterface[], { filter }: CaptureConfiguration): readonly SeenInterface[] {
    if (filter !== '') return [];
    const edges = this.#edgesAmong(interfaces);
    return interfaces.filter((one) => one.kind === 'tunnel' && one.up && !edges.has(one.name)).slice(0, maximumTunnels);
  }

  /** Interfaces that were asked for by name and are not there, and a machine that has none to measure. */
  #noteMissing(byName: ReadonlyMap<string, SeenInterface>, configuration: CaptureConfiguration): void {
    if (configuration.interfaces === 'edges') {
      const any = [...byName.values()].some((one) => one.edge && one.up);
      const subject = 'all interfaces';
      if (any) this.#troubles.end({ code: 'interface-vanished', subject });
      else this.#troubles.begin(troubleOfFailure(subject, { code: 'interface-vanished', message: 'no interface is up' }));
      return;
    }
    for (const name of configuration.interfaces) {
      if (byName.has(name)) {
        this.#troubles.end({ code: 'unknown-interface', subject: name });
        if (this.#targets.get(name)?.capture !== null) this.#troubles.end({ code: 'interface-vanished', subject: name });
      } else if (this.#targets.has(name)) {
        this.#troubles.begin(troubleOfFailure(name, { code: 'interface-vanished', message: 'it is gone' }));
      } else if (!this.#isVanished(name)) {
        this.#troubles.begin(troubleOfOpening(name, { code: 'unknown-interface', message: `there is no interface ${name}` }));
      }
    }
  }

  #isVanished(name: string): boolean {
    return this.#troubles.current().some(({ code, subject }) => code === 'interface-vanished' && subject === name);
  }

  #openIfDue({ name, index, ringBytes }: Pick<Target, 'name' | 'index' | 'ringBytes'>, now: number): void {
    const target = this.#targets.get(name) ?? { name, index, ringBytes, capture: null, retryAt: now, retryMs: firstRetryMs };
    this.#targets.set(name, target);
    if (target.capture !== null || now < target.retryAt) return;
    try {
      target.capture = this.#open(target);
      target.retryMs = firstRetryMs;
      for (const code of ['capture-failed', 'interface-vanished', 'unknown-interface'] as const) this.#troubles.end({ code, subject: name });
      this.#troubles.endAll('no-capture-rights');
    } catch (error) {
      const trouble = troubleOfOpening(name, error);
      this.#troubles.begin(trouble);
      target.retryAt = trouble.code === 'bad-filter' ? Infinity : now + target.retryMs;
      target.retryMs = Math.min(lastRetryMs, target.retryMs * 2);
    }
  }

  #open(target: Target): Running {
    const { filter = '', promiscuous = false } = this.#configuration ?? {};
    const options = { interface: target.name, filter, promiscuous, ...this.#bounds, ringBytes: target.ringBytes };
    const native = this.#opener.openCapture(options, {
      clues: this.#cluesWait,
      failed: (failure) => this.#failed(target, failure),
    });
    if (this.#headerBounds !== null) native.headers?.keep(this.#headerBounds);
    this.#opened += 1;
    return { number: this.#opened, native };
  }

  /** A capture ended by itself. It is opened again as soon as its interface is there and up, with growing patience. */
  #failed(target: Target, failure: CaptureFailure): void {
    if (this.#targets.get(target.name) !== target || target.capture === null) return;
    this.#keepLast(target, target.capture);
    target.capture = null;
    target.retryAt = 0;
    const configured = this.#configuration?.interfaces ?? 'edges';
    const named = configured !== 'edges' && configured.includes(target.name);
    if (named || failure.code === 'capture-failed') this.#troubles.begin(troubleOfFailure(target.name, failure));
  }

  #end(target: Target): void {
    if (target.capture !== null) this.#keepLast(target, target.capture);
    target.capture = null;
    this.#targets.delete(target.name);
  }

  #keepLast({ name, index }: Target, { number, native }: Running): void {
    // Closed first: what is counted until the thread has ended is part of the drain.
    native.close();
    this.#leftover.push({ name, index, capture: number, ended: true, ...native.drain() });
  }
}

function sameOptions(one: CaptureConfiguration, other: CaptureConfiguration): boolean {
  return one.filter === other.filter && one.promiscuous === other.promiscuous;
}
