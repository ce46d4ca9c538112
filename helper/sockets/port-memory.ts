import type { ProcessDescription } from '../../protocol/flow.ts';
import type { OrientedEnds } from '../../core/flow/orient.ts';
import type { OwnerAnswer } from './owner-source.ts';

/** How long the former user of a UDP port is remembered, in milliseconds: below the time in which a busy machine gives it to another. */
const rememberedMs = 10_000;
/** Ports remembered, most. */
const maximumPorts = 4096;
const udp = 17;

/**
 * Who used a UDP port a moment ago. A resolver's client asks two servers from one socket and closes it before the second
 * flow can be looked up: the port tells what the socket no longer can.
 */
export class PortMemory {
  readonly #ports = new Map<string, { readonly process: ProcessDescription; readonly at: number }>();

  /** The flow's owner is known for sure. */
  owned(ends: OrientedEnds, process: ProcessDescription, now: number): void {
    if (ends.protocol !== udp) return;
    const key = keyOf(ends);
    this.#ports.delete(key);
    this.#ports.set(key, { process, at: now });
    if (this.#ports.size > maximumPorts) this.#dropOldest();
  }

  /** The owner of an earlier flow of the same local address and port, never more than inferred; null where there was none lately. */
  recall(ends: OrientedEnds, now: number): OwnerAnswer | null {
    const known = ends.protocol === udp ? this.#ports.get(keyOf(ends)) : undefined;
    if (known === undefined || now - known.at > rememberedMs) return null;
    return { certainty: 'inferred', process: known.process, reason: 'remembered' };
  }

  #dropOldest(): void {
    for (const key of this.#ports.keys()) {
      this.#ports.delete(key);
      return;
    }
  }
}

function keyOf(ends: OrientedEnds): string {
  return `${ends.localPort}|${ends.localAddress}`;
}
