import type { FlowId, NameSeen } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** Flows and addresses whose last name is remembered, each. Beyond it all are forgotten, and told again when they occur. */
const maximumRemembered = 131_072;

/** The same name of an address is told again after this much packet time, so that it stays fresh. In milliseconds. */
const refreshMs = 600_000;

interface Told {
  readonly name: string;
  readonly source: NameSeen['source'];
  readonly time: EpochMs;
}

function remember<Key>(map: Map<Key, Told>, key: Key, { name, source, time }: NameSeen): void {
  if (map.size >= maximumRemembered) map.clear();
  map.set(key, { name, source, time });
}

/**
 * Which names of a file were told already: programs ask for the same names again and again. What is left out changes no
 * flow's name, since between it and what was told before no other name came for that flow or address.
 */
export class ToldNames {
  readonly #flows = new Map<FlowId, Told>();
  readonly #addresses = new Map<string, Told>();

  /** Whether the name has to be told; it is then taken as told. */
  isNews(seen: NameSeen): boolean {
    const last = seen.kind === 'flow' ? this.#flows.get(seen.flow) : this.#addresses.get(seen.address);
    const isSame = last?.name === seen.name && last.source === seen.source;
    if (isSame && (seen.kind === 'flow' || Math.abs(seen.time - last.time) < refreshMs)) return false;
    if (seen.kind === 'flow') remember(this.#flows, seen.flow, seen);
    else remember(this.#addresses, seen.address, seen);
    return true;
  }
}
