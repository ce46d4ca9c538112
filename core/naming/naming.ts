import type { AppId } from '../../protocol/app.ts';
import type { FlowId, NameSeen, NameSource } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { AgedMap } from '../flow/aged-map.ts';
import { AddressClaims } from './address-claims.ts';
import { Claim } from './claim.ts';
import { isForgotten, isForgottenName } from './forgetting.ts';
import type { ForgottenNames } from './forgetting.ts';
import { namingLimits } from './limits.ts';
import type { NamingLimits } from './limits.ts';
import { bestClaim, better, rankOf } from './precedence.ts';
import type { Rank } from './precedence.ts';

/** The flow whose name is wanted. */
export interface NameQuestion {
  readonly flow: FlowId;
  /** Canonical text of the remote end's address. */
  readonly remoteAddress: string;
  readonly app: AppId | null;
  readonly now: EpochMs;
  /** When the flow's first packet was seen; without it, the first time it is asked for. */
  readonly openedAt?: EpochMs;
}

/** The name of a flow, and how it is known. */
export interface FlowName {
  readonly name: string;
  readonly source: NameSource;
  /** Where the ClientHello carried ECH, `name` may be only the outer name that many sites share (RFC 9849). */
  readonly encryptedClientHello: boolean;
  /** What DNS says of the address, where `encryptedClientHello` leaves a doubt; null where it says nothing else. */
  readonly otherName: string | null;
}

/** Knows the names of flows. All time comes from the caller. */
export interface Naming {
  /** Takes a name. `askingApp` is the owner of the flow that carried the answer, for names of addresses. */
  see(name: NameSeen, askingApp: AppId | null): void;
  /** The best name that is known. A flow that has a name keeps it unless better evidence comes. */
  nameOf(question: NameQuestion): FlowName | null;
  /** Flows that were asked for and may be named otherwise now; each is given once. For the live window: history stays. */
  takeChanged(): readonly FlowId[];
  end(flow: FlowId): void;
  /** Forgets what is too old; once a minute is often enough. */
  age(now: EpochMs): void;
  /** The names of addresses, to be stored; the newest last. */
  exportAddresses(): readonly Claim[];
  /** Takes stored names of addresses back, each checked. Returns how many were refused. Fresher ones are not displaced. */
  importAddresses(stored: readonly unknown[], now: EpochMs): number;
  /** Forgets names of addresses, and what flows are named by a host or domain: from then on they have no name, or another. */
  forget(forgotten: ForgottenNames): void;
}

interface KnownFlow {
  /** What the flow itself carried. */
  carried: FlowName | null;
  /** What was answered last, and on what grounds. */
  answer: { readonly name: FlowName; readonly rank: Rank } | null;
  openedAt: EpochMs | null;
  remoteAddress: string | null;
}

class NameTable implements Naming {
  readonly #limits: NamingLimits;
  readonly #dns: AddressClaims;
  readonly #lan: AddressClaims;
  readonly #reverse: AddressClaims;
  readonly #flows = new AgedMap<FlowId, KnownFlow>();
  /** Flows young enough for a late answer, by their remote address. */
  readonly #waiting = new Map<string, Set<FlowId>>();
  #changed = new Set<FlowId>();

  constructor(limits: NamingLimits) {
    this.#limits = limits;
    this.#dns = new AddressClaims(limits);
    this.#lan = new AddressClaims({ ...limits, maximumAddresses: limits.maximumLanAddresses });
    this.#reverse = new AddressClaims({ ...limits, maximumAddresses: limits.maximumReverseAddresses });
  }

  see(seen: NameSeen, askingApp: AppId | null): void {
    if (seen.kind === 'flow') {
      this.#seeFlowName(seen);
      return;
    }
    const { address, name, source, ttlSeconds, time } = seen;
    this.#claimsOf(source).add({ address, name, source, app: askingApp, firstSeen: time, lastSeen: time, ttlSeconds });
    for (const flow of this.#waiting.get(address) ?? []) this.#changed.add(flow);
  }

  nameOf(question: NameQuestion): FlowName | null {
    const known = this.#known(question.flow);
    known.openedAt ??= question.openedAt ?? question.now;
    known.remoteAddress ??= question.remoteAddress;
    const isYoung = question.now - known.openedAt <= Math.max(this.#limits.lateMilliseconds, this.#limits.skewMilliseconds);
    if (isYoung) this.#wait(question.flow, question.remoteAddress);
    else this.#stopWaiting(question.flow, known);
    if (known.carried !== null) return this.#withOtherName(known.carried, question, known.openedAt);
    const connection = { app: question.app, openedAt: known.openedAt };
    const best = this.#best(question.remoteAddress, connection);
    const answered = known.answer;
    if (best !== null && (answered === null || best.rank > answered.rank || (best.rank === answered.rank && isYoung))) {
      const { name, source } = best.claim;
      known.answer = { rank: best.rank, name: { name, source, encryptedClientHello: false, otherName: null } };
    }
    return known.answer?.name ?? null;
  }

  takeChanged(): readonly FlowId[] {
    const changed = [...this.#changed];
    this.#changed = new Set();
    return changed;
  }

  end(flow: FlowId): void {
    const known = this.#flows.get(flow);
    if (known === undefined) return;
    this.#flows.delete(flow);
    this.#endKnown(flow, known);
  }

  age(now: EpochMs): void {
    for (const claims of [this.#dns, this.#lan, this.#reverse]) claims.age(now);
  }

  exportAddresses(): readonly Claim[] {
    return [...this.#lan.all(), ...this.#dns.all()].slice(-this.#limits.maximumStored);
  }

  importAddresses(stored: readonly unknown[], now: EpochMs): number {
    const isPast = ({ firstSeen, lastSeen }: Claim): boolean => firstSeen <= lastSeen && lastSeen <= now;
    const claims = stored.slice(-this.#limits.maximumStored).flatMap((value) => {
      const parsed = Claim.safeParse(value);
      return parsed.success && isPast(parsed.data) ? [parsed.data] : [];
    });
    for (const table of [this.#dns, this.#lan, this.#reverse]) table.addOlder(claims.filter(({ source }) => this.#claimsOf(source) === table));
    return stored.length - claims.length;
  }

  forget(forgotten: ForgottenNames): void {
    for (const claims of [this.#dns, this.#lan, this.#reverse]) claims.forget((claim) => isForgotten(claim, forgotten));
    for (const [flow, known] of this.#flows.entries()) {
      if (known.carried !== null && isForgottenName(known.carried.name, forgotten)) known.carried = null;
      else if (known.answer === null || !isForgottenName(known.answer.name.name, forgotten)) continue;
      known.answer = null;
      this.#changed.add(flow);
    }
  }

  #endKnown(flow: FlowId, known: KnownFlow): void {
    this.#stopWaiting(flow, known);
    this.#changed.delete(flow);
  }

  #claimsOf(source: Claim['source']): AddressClaims {
    if (source === 'resolver' || source === 'dns') return this.#dns;
    return source === 'reverse-dns' ? this.#reverse : this.#lan;
  }

  #best(address: string, connection: { readonly app: AppId | null; readonly openedAt: EpochMs }): ReturnType<typeof bestClaim> {
    const best = (claims: AddressClaims): ReturnType<typeof bestClaim> =>
      bestClaim(claims.of(address, connection.openedAt), connection, this.#limits);
    return better(best(this.#dns), better(best(this.#lan), best(this.#reverse)));
  }

  #known(flow: FlowId): KnownFlow {
    const known = this.#flows.get(flow);
    if (known !== undefined) return known;
    const begun: KnownFlow = { carried: null, answer: null, openedAt: null, remoteAddress: null };
    const oldest = this.#flows.size < this.#limits.maximumFlows ? null : this.#flows.shift();
    if (oldest !== null) this.#endKnown(...oldest);
    this.#flows.put(flow, begun);
    return begun;
  }

  /** The first name wins for the life of a connection; the same name by better evidence improves its source. */
  #seeFlowName({ flow, name, source, encryptedClientHello }: Extract<NameSeen, { kind: 'flow' }>): void {
    const known = this.#known(flow);
    const isSecond = known.carried !== null && (known.carried.name !== name || source === 'http-host');
    if (isSecond) return;
    known.carried = { name, source, encryptedClientHello, otherName: null };
    if (known.openedAt !== null) this.#changed.add(flow);
  }

  #withOtherName(carried: FlowName, question: NameQuestion, openedAt: EpochMs): FlowName {
    if (!carried.encryptedClientHello) return carried;
    const best = this.#best(question.remoteAddress, { app: question.app, openedAt });
    if (best === null || best.rank < rankOf.asked || best.claim.name === carried.name) return carried;
    return { ...carried, otherName: best.claim.name };
  }

  #wait(flow: FlowId, address: string): void {
    const waiting = this.#waiting.get(address) ?? new Set();
    if (waiting.size < this.#limits.maximumWaitingPerAddress) waiting.add(flow);
    this.#waiting.set(address, waiting);
  }

  #stopWaiting(flow: FlowId, { remoteAddress }: KnownFlow): void {
    if (remoteAddress === null) return;
    const waiting = this.#waiting.get(remoteAddress);
    if (waiting?.delete(flow) === true && waiting.size === 0) this.#waiting.delete(remoteAddress);
  }
}

/** Names with nothing known yet. */
export function createNaming(limits: Partial<NamingLimits> = {}): Naming {
  return new NameTable({ ...namingLimits, ...limits });
}
