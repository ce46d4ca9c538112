import { readFileSync } from 'node:fs';
import type { OwnerMap } from '../native/ebpf/index.ts';
import type { AddressTranslation } from '../native/process-events/index.ts';
import { answerFrom } from './owner-map-source.ts';
import { unknownOwner } from './owner-source.ts';
import type { OwnerAnswer, OwnerQuestion, OwnerSource, SourceLimit } from './owner-source.ts';
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

/** What this rung asks. */
export interface TranslatedParts {
  readonly map: Pick<OwnerMap, 'findElsewhere'>;
  readonly memory: ProcessMemory;
  readonly translation: Pick<AddressTranslation, 'behind'>;
  readonly forwards?: () => boolean;
  readonly monotonic?: () => number;
}

/**
 * The rung of containers behind address translation: their packets leave with our address, but from no socket of ours. The
 * kernel tells what the flow was before (conntrack), and the owner map whose socket that is, in whatever network namespace.
 */
export class TranslatedSource implements OwnerSource {
  readonly name = 'address translation';
  readonly effort = 'glance';
  readonly #parts: TranslatedParts;
  readonly #forwardsNow: () => boolean;
  readonly #monotonic: () => number;
  #forwards = false;
  #askAgainAt = -Infinity;

  constructor(parts: TranslatedParts) {
    this.#parts = parts;
    this.#forwardsNow = parts.forwards ?? readForwarding;
    this.#monotonic = parts.monotonic ?? (() => performance.now());
  }

  limit(): SourceLimit | null {
    return null;
  }

  find(questions: readonly OwnerQuestion[]): readonly (OwnerAnswer | null)[] {
    if (!this.#isForwarding()) return questions.map(() => null);
    return questions.map((question) => this.#answer(question));
  }

  #isForwarding(): boolean {
    const now = this.#monotonic();
    if (now >= this.#askAgainAt) {
      this.#forwards = this.#forwardsNow();
      this.#askAgainAt = now + believedMs;
    }
    return this.#forwards;
  }

  #answer({ ends }: OwnerQuestion): OwnerAnswer | null {
    const { protocol, localAddress, localPort, remoteAddress, remotePort, position } = ends;
    if (position !== 'this-host' || localPort === null || remotePort === null) return null;
    const behind = this.#parts.translation.behind(protocol, localAddress, localPort, remoteAddress, remotePort);
    if (behind === null) return null;
    const { map, memory } = this.#parts;
    const owner = map.findElsewhere(protocol, behind.localAddress, behind.localPort, behind.remoteAddress, behind.remotePort);
    return (owner === null ? null : answerFrom(owner, memory)) ?? unknownOwner('not-this-host');
  }
}
