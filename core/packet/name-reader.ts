import type { FlowId, NameSeen } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { AgedMap } from '../flow/aged-map.ts';
import type { Clue } from './clue.ts';
import { DnsReading } from './dns-reading.ts';
import type { HttpSeen } from './http-seen.ts';
import { nameReaderLimits } from './limits.ts';
import type { NameReaderLimits } from './limits.ts';
import { LanReading, lanSourceOf } from './lan-reading.ts';
import type { LanSource } from './lan-reading.ts';
import type { QuicCrypto } from './quic-crypto.ts';
import { isQuicCandidate } from './quic-packet.ts';
import { QuicReading } from './quic-reading.ts';
import { nothing } from './reading.ts';
import type { BelievedAnswers, PayloadClue, Reading } from './reading.ts';
import { SecondBudget } from './second-budget.ts';
import { TcpReading } from './tcp-reading.ts';

export interface NameReaderOptions {
  readonly quicCrypto: QuicCrypto;
  readonly limits?: Partial<NameReaderLimits>;
  /**
   * `asked` (the default) believes a DNS answer only where its question was seen on the same flow: right for live
   * capture, where anybody may send answers. `all` is for files, which may begin between the two.
   */
  readonly believedAnswers?: BelievedAnswers;
}

/** Finds names in clues. It holds a bounded state for each flow, and any bytes are safe to give it. */
export interface NameReader {
  /** What this clue told, together with what the flow had told before. The same name may come again. */
  read(clue: Clue): readonly NameSeen[];
  /** Takes the HTTP/1 messages that were seen since the last call. */
  takeHttp(): readonly HttpSeen[];
  /** The flow has ended: forgets it. */
  end(flow: FlowId): void;
  /** Forgets flows that have been silent for long. */
  age(now: EpochMs): void;
  /** Payload bytes held now, over all flows: at most `maximumHeldBytes`. */
  readonly heldBytes: number;
  /** Flows remembered now: at most `maximumFlows`. */
  readonly flows: number;
}

const protocolTcp = 6;
const protocolUdp = 17;
const portDns = 53;

interface FlowState {
  /** Null once the flow can tell nothing more: its further clues are passed over. */
  reading: Reading | null;
  heldBytes: number;
  lastTime: EpochMs;
}

class ClueReader implements NameReader {
  readonly #limits: NameReaderLimits;
  readonly #crypto: QuicCrypto;
  readonly #believed: BelievedAnswers;
  readonly #states = new AgedMap<FlowId, FlowState>();
  /** Of these, the flows whose reading holds bytes. */
  readonly #holders = new AgedMap<FlowId, FlowState>();
  /** Readings that remember nothing, one for all flows: a capture file may hold millions of questions, each a flow. */
  readonly #dns: Reading | null;
  readonly #lan: Readonly<Record<LanSource, Reading>> = { mdns: new LanReading('mdns'), llmnr: new LanReading('llmnr'), netbios: new LanReading('netbios') };
  readonly #quicBudget: SecondBudget;
  #heldBytes = 0;
  #http: HttpSeen[] = [];

  constructor({ quicCrypto, limits, believedAnswers }: NameReaderOptions) {
    this.#crypto = quicCrypto;
    this.#limits = { ...nameReaderLimits, ...limits };
    this.#quicBudget = new SecondBudget(this.#limits.maximumQuicDatagramsPerSecond);
    this.#believed = believedAnswers ?? 'asked';
    this.#dns = this.#believed === 'all' ? new DnsReading('all') : null;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get flows(): number {
    return this.#states.size;
  }

  read(clue: Clue): readonly NameSeen[] {
    if (clue.kind === 'opened' || clue.payload.length === 0) return [];
    const shared = this.#sharedReading(clue);
    if (shared !== null) return shared.read(clue).names;
    const state = this.#states.get(clue.flow) ?? this.#begin(clue);
    if (state?.reading === undefined || state.reading === null) return [];
    if (state.reading instanceof QuicReading && !this.#quicBudget.spend(clue.time)) return [];
    state.lastTime = clue.time;
    const { names, http } = state.reading.read(clue);
    for (const seen of http) if (this.#http.length < this.#limits.maximumHttpSeen) this.#http.push(seen);
    this.#account(clue.flow, state, state.reading);
    return names;
  }

  takeHttp(): readonly HttpSeen[] {
    // Asked after every clue, and almost always for nothing.
    if (this.#http.length === 0) return nothing.http;
    const taken = this.#http;
    this.#http = [];
    return taken;
  }

  end(flow: FlowId): void {
    const state = this.#states.get(flow);
    if (state === undefined) return;
    this.#hold(flow, state, 0);
    this.#states.delete(flow);
  }

  age(now: EpochMs): void {
    for (const [flow, state] of this.#states.entries()) {
      if (now - state.lastTime > this.#limits.forgetAfterMilliseconds) this.end(flow);
    }
  }

  #begin(clue: PayloadClue): FlowState | null {
    const reading = this.#readingFor(clue);
    if (reading === null) return null;
    const state: FlowState = { reading, heldBytes: 0, lastTime: clue.time };
    if (this.#states.size >= this.#limits.maximumFlows) this.#endOldest();
    this.#states.put(clue.flow, state);
    return state;
  }

  #sharedReading({ ends: { protocol, aPort, bPort } }: PayloadClue): Reading | null {
    if (protocol !== protocolUdp) return null;
    if (aPort === portDns || bPort === portDns) return this.#dns;
    const lanSource = lanSourceOf(aPort) ?? lanSourceOf(bPort);
    return lanSource === null ? null : this.#lan[lanSource];
  }

  #readingFor(clue: PayloadClue): Reading | null {
    const { protocol, aPort, bPort } = clue.ends;
    if (protocol === protocolTcp) return new TcpReading(clue, this.#believed);
    if (protocol !== protocolUdp) return null;
    if (aPort === portDns || bPort === portDns) return new DnsReading(this.#believed);
    return isQuicCandidate(clue.payload) ? new QuicReading(this.#crypto) : null;
  }

  #account(flow: FlowId, state: FlowState, reading: Reading): void {
    if (reading.isDone) state.reading = null;
    this.#hold(flow, state, reading.isDone ? 0 : reading.heldBytes);
    while (this.#heldBytes > this.#limits.maximumHeldBytes && this.#giveUpOldestHolder());
  }

  /** Notes how many bytes a flow holds now. */
  #hold(flow: FlowId, state: FlowState, bytes: number): void {
    this.#heldBytes += bytes - state.heldBytes;
    if (bytes === 0 && state.heldBytes > 0) this.#holders.delete(flow);
    else if (bytes > 0 && state.heldBytes === 0) this.#holders.put(flow, state);
    state.heldBytes = bytes;
  }

  #endOldest(): void {
    const oldest = this.#states.shift();
    if (oldest !== null) this.#hold(...oldest, 0);
  }

  /** Ends the reading of the flow that has held bytes for longest: what is not whole by now will hardly become so. */
  #giveUpOldestHolder(): boolean {
    const oldest = this.#holders.shift();
    if (oldest === null) return false;
    const [, state] = oldest;
    this.#heldBytes -= state.heldBytes;
    state.heldBytes = 0;
    state.reading = null;
    return true;
  }
}

/** A reader of names with no flows yet. */
export function createNameReader(options: NameReaderOptions): NameReader {
  return new ClueReader(options);
}
