import { AgedMap } from '../../core/flow/aged-map.ts';
import type { FlowEnds } from '../../core/packet/clue.ts';
import type { FlowId, NameSeen } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** Flows whose name is remembered. Beyond it all are forgotten, and told again when they occur. */
const maximumFlows = 131_072;

/** Addresses whose latest name is remembered; the one whose name is oldest makes room. As many as are known downstream. */
const maximumAddresses = 262_144;

/** The same name of an address is told again after this much packet time, so that it stays fresh. In milliseconds. */
const refreshMs = 600_000;

type CarriedName = Extract<NameSeen, { kind: 'flow' }>;
type AddressName = Extract<NameSeen, { kind: 'address' }>;

/** The latest name of an address. */
interface Latest {
  /** As it was heard first since there was another. */
  readonly seen: AddressName;
  /** When it was heard last, and the time before that. */
  heardAt: EpochMs;
  heardBefore: EpochMs;
  /** The instant of what was told of it; null where it has to be told again. */
  toldAt: EpochMs | null;
  /** The name before it, and when that was heard last: packets may be a little out of order. */
  readonly before: Pick<Latest, 'seen' | 'heardAt' | 'heardBefore'> | null;
}

/** Whether what was told of a name still does for this instant. */
function isFresh({ toldAt }: Latest, time: EpochMs): boolean {
  return toldAt !== null && toldAt <= time && time - toldAt < refreshMs;
}

/** When a name was heard last up to an instant, as far as that is remembered. */
function lastHearing({ seen, heardAt, heardBefore }: Pick<Latest, 'seen' | 'heardAt' | 'heardBefore'>, time: EpochMs): EpochMs {
  return [heardAt, heardBefore].find((heard) => heard <= time) ?? seen.time;
}

/**
 * Tells of a file's names those that may name one of its flows: what flows carried, and of the names of an address the one
 * that was the latest when a flow with it began. Programs ask for the same names again and again, and for many that they
 * never use. What is left out changes no flow's name.
 */
export class ToldNames {
  readonly #tell: (name: NameSeen) => void;
  readonly #flows = new Map<FlowId, CarriedName>();
  readonly #addresses = new AgedMap<string, Latest>();
  /** Time of the latest packet so far: what is heard of an earlier instant may name a flow that has begun already. */
  #now = 0;

  constructor(tell: (name: NameSeen) => void) {
    this.#tell = tell;
  }

  /** Takes a name, in the order of the file. */
  hear(seen: NameSeen): void {
    if (seen.kind === 'flow') this.#hearCarried(seen);
    // What hosts of a LAN say of themselves names nothing in a file (core/naming/limits.ts).
    else if (seen.source === 'dns') this.#hearAddress(seen);
  }

  /** A flow began: what its ends are called now may name it. */
  begin({ a, b }: FlowEnds, time: EpochMs): void {
    this.#tellLatest(b, time);
    this.#tellLatest(a, time);
  }

  /** All that the packet of this instant told has been heard. */
  passed(time: EpochMs): void {
    if (time > this.#now) this.#now = time;
  }

  #hearCarried(seen: CarriedName): void {
    const last = this.#flows.get(seen.flow);
    if (last?.name === seen.name && last.source === seen.source) return;
    if (this.#flows.size >= maximumFlows) this.#flows.clear();
    this.#flows.set(seen.flow, seen);
    this.#tell(seen);
  }

  #hearAddress(seen: AddressName): void {
    const known = this.#addresses.get(seen.address);
    const latest = known === undefined || (known.seen.name !== seen.name && seen.time > known.heardAt) ? this.#add(seen, known ?? null) : known;
    const isSame = latest.seen.name === seen.name;
    if (!isSame) latest.toldAt = null;
    else if (seen.time > latest.heardAt) {
      latest.heardBefore = latest.heardAt;
      latest.heardAt = seen.time;
    }
    if (seen.time >= this.#now || (isSame && isFresh(latest, seen.time))) return;
    if (isSame && seen.time === latest.heardAt) latest.toldAt = seen.time;
    this.#tell(seen);
  }

  #add(seen: AddressName, known: Latest | null): Latest {
    // Without what was before that: names of names would be kept forever.
    const before = known === null ? null : { seen: known.seen, heardAt: known.heardAt, heardBefore: known.heardBefore };
    const latest: Latest = { seen, heardAt: seen.time, heardBefore: seen.time, toldAt: null, before };
    this.#addresses.put(seen.address, latest);
    if (this.#addresses.size > maximumAddresses) this.#addresses.shift();
    return latest;
  }

  #tellLatest(address: string, time: EpochMs): void {
    const latest = this.#addresses.get(address);
    if (latest === undefined) return;
    const { seen, heardAt, before } = latest;
    if (!isFresh(latest, heardAt)) {
      latest.toldAt = heardAt;
      this.#tell({ ...seen, time: heardAt });
    }
    if (heardAt <= time) return;
    const earlier = seen.time <= time ? latest : before;
    if (earlier !== null) this.#tell({ ...earlier.seen, time: lastHearing(earlier, time) });
  }
}
