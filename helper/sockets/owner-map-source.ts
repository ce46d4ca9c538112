import type { FlowOwner, OwnerMap } from '../native/ebpf/index.ts';
import { unknownOwner } from './owner-source.ts';
import type { OwnerAnswer, OwnerQuestion, OwnerSource, SourceLimit } from './owner-source.ts';
import type { ProcessMemory } from './process-memory.ts';

/**
 * A question is about packets of this moment. The map's entry is of the same packets if its latest is about as young; the
 * grace is for a helper that was kept from running. An older entry is of an earlier flow with the same ends.
 */
const freshMs = 5000;

/**
 * Another process had the same ends so shortly before that the flow's bytes may be partly its own: as long as the capture
 * keeps a silent flow open (UDP: 60 s).
 */
const recentlyMs = 60_000;

/** What of the owner map this rung needs. */
export type OwnerLookup = Pick<OwnerMap, 'find' | 'counters'>;

/** The surest rung: the kernel has noted which process's socket each packet passed (helper/native/ebpf). */
export class OwnerMapSource implements OwnerSource {
  readonly name = 'eBPF owner map';
  readonly effort = 'glance';
  readonly #map: OwnerLookup;
  readonly #memory: ProcessMemory;
  #lastAdded = 0;
  #lastLost = 0;

  constructor(parts: { readonly map: OwnerLookup; readonly memory: ProcessMemory }) {
    this.#map = parts.map;
    this.#memory = parts.memory;
  }

  /** What went by unseen since the last call. */
  limit(): SourceLimit | null {
    const { flowsAdded, flowsBound, announcementsLost } = this.#map.counters();
    const added = flowsAdded - this.#lastAdded;
    const lost = announcementsLost - this.#lastLost;
    this.#lastAdded = flowsAdded;
    this.#lastLost = announcementsLost;
    if (added > flowsBound) {
      return {
        message: `${added} flows began at once, ${flowsBound} can be kept: some have no sure owner`,
        remedy: 'find out who opens so many connections; the others are named by the next sources',
      };
    }
    if (lost === 0) return null;
    return {
      message: `${lost} processes began at once and could not all be described: some have no owner`,
      remedy: 'none is needed: it ends when fewer processes begin',
    };
  }

  find(questions: readonly OwnerQuestion[]): readonly (OwnerAnswer | null)[] {
    return questions.map((question) => this.#answer(question));
  }

  #answer({ ends }: OwnerQuestion): OwnerAnswer | null {
    const { localAddress, localPort, remoteAddress, remotePort } = ends;
    const owner = this.#map.find(ends.protocol, localAddress, localPort ?? 0, remoteAddress, remotePort ?? 0);
    return owner === null ? null : answerFrom(owner, this.#memory);
  }
}

/** What an entry of the map says of the packets of this moment; null where it says nothing of them. */
export function answerFrom(owner: FlowOwner, memory: ProcessMemory): OwnerAnswer | null {
  if (owner.evidence === 'nobody' || owner.silentMilliseconds > freshMs) return null;
  const process = memory.describe(owner.pid, owner.since);
  if (process === 'kernel') return unknownOwner('kernel');
  if (process === null) return unknownOwner('process-ended');
  const reason = doubtAbout(owner);
  return reason === null ? { certainty: 'exact', process } : { certainty: 'inferred', process, reason };
}

/** Why the process may not be the only one behind the flow; null where it is. */
function doubtAbout(owner: FlowOwner): 'shared-socket' | 'shared-port' | null {
  if (owner.shared) return 'shared-socket';
  // Nobody has moved data yet: the socket may still be passed on, or was made for somebody else to accept on.
  if (owner.evidence !== 'used') return 'shared-socket';
  return owner.previousPid !== 0 && owner.previousMilliseconds < recentlyMs ? 'shared-port' : null;
}
