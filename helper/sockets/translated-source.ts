import { readFileSync } from 'node:fs';
import type { OwnerMap } from '../native/ebpf/index.ts';
import type { AddressTranslation, TranslatedEnds } from '../native/process-events/index.ts';
import { answerFrom } from './owner-map-source.ts';
import { unknownOwner } from './owner-source.ts';
import type { Budget, OwnerAnswer, OwnerQuestion, OwnerSource } from './owner-source.ts';
import type { ProcessMemory } from './process-memory.ts';

/** How long it is believed whether this machine forwards, in milliseconds: containers come with the first one. */
const believedMs = 5000;

/** Whether this machine hands on packets of others: only then are there translated flows. */
function readForwarding(): boolean {
  return ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'].some((setting) => {
    try {
      return readFileSync(`/proc/sys/net/${setting}`, 'utf8').trim() === '1';
    } catch {
      return false;
    }
  });
}

/** A flow as whoever is behind the translation knows it. */
export interface FlowBehind extends TranslatedEnds {
  readonly protocol: number;
  /** Monotonic time by which it had begun; absent where that is not known. */
  readonly since?: number;
}

/** Whoever knows the sockets of other network namespaces. */
export interface SocketsElsewhere {
  readonly name: string;
  readonly effort: 'glance' | 'search';
  /** Answers for each flow, in their order; null where no socket has these ends. */
  ownersOf(flows: readonly FlowBehind[], budget: Budget): readonly (OwnerAnswer | null)[];
}

/** What this rung asks. */
export interface TranslatedParts {
  readonly translation: Pick<AddressTranslation, 'behind'>;
  readonly sockets: SocketsElsewhere;
  readonly forwards?: () => boolean;
  readonly monotonic?: () => number;
}

/** The sockets of other network namespaces as the owner map knows them. */
export function elsewhereByMap(map: Pick<OwnerMap, 'findElsewhere'>, memory: ProcessMemory): SocketsElsewhere {
  return {
    name: 'address translation',
    effort: 'glance',
    ownersOf: (flows) =>
      flows.map(({ protocol, localAddress, localPort, remoteAddress, remotePort }) => {
        const owner = map.findElsewhere(protocol, localAddress, localPort, remoteAddress, remotePort);
        return owner === null ? null : answerFrom(owner, memory);
      }),
  };
}

/**
 * The rung of containers behind address translation: their packets leave with our address, but from no socket of ours. The
 * kernel tells what the flow was before (conntrack); whose socket that is, in whatever network namespace, `sockets` knows.
 */
export class TranslatedSource implements OwnerSource {
  readonly name: string;
  readonly effort: 'glance' | 'search';
  readonly #parts: TranslatedParts;
  readonly #forwardsNow: () => boolean;
  readonly #monotonic: () => number;
  #forwards = false;
  #askAgainAt = -Infinity;

  constructor(parts: TranslatedParts) {
    this.name = parts.sockets.name;
    this.effort = parts.sockets.effort;
    this.#parts = parts;
    this.#forwardsNow = parts.forwards ?? readForwarding;
    this.#monotonic = parts.monotonic ?? (() => performance.now());
  }

  find(questions: readonly OwnerQuestion[], budget: Budget): readonly (OwnerAnswer | null)[] {
    if (!this.#isForwarding()) return questions.map(() => null);
    const behind = questions.map((question) => this.#behind(question));
    const translated = behind.filter((flow) => flow !== null);
    const owners = translated.length === 0 ? [] : this.#parts.sockets.ownersOf(translated, budget);
    const answers = new Map(translated.map((flow, index) => [flow, owners[index] ?? unknownOwner('not-this-host')]));
    return behind.map((flow) => (flow === null ? null : (answers.get(flow) ?? null)));
  }

  #isForwarding(): boolean {
    const now = this.#monotonic();
    if (now >= this.#askAgainAt) {
      this.#forwards = this.#forwardsNow();
      this.#askAgainAt = now + believedMs;
    }
    return this.#forwards;
  }

  /** What the flow was before it was translated; null where it was not. */
  #behind({ ends, since }: OwnerQuestion): FlowBehind | null {
    const { protocol, localAddress, localPort, remoteAddress, remotePort, position } = ends;
    if (position !== 'this-host' || localPort === null || remotePort === null) return null;
    const behind = this.#parts.translation.behind(protocol, localAddress, localPort, remoteAddress, remotePort);
    return behind === null ? null : { ...behind, protocol, ...(since === undefined ? {} : { since }) };
  }
}
