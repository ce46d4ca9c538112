import type { FlowEnds } from '../../core/packet/clue.ts';
import type { FlowId, NameSeen } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** Flows whose name is remembered. Beyond it all are forgotten, and told again when they occur. */
const maximumFlows = 131_072;

/** Addresses whose latest name is remembered; the one that was met first makes room. As many as are known downstream. */
const maximumAddresses = 262_144;

/** The same name of an address is told again after this much packet time, so that it stays fresh. In milliseconds. */
const refreshMs = 600_000;

type CarriedName = Extract<NameSeen, { kind: 'flow' }>;
type AddressName = Extract<NameSeen, { kind: 'address' }>;

/** The latest name of an address. */
interface Latest {
  /** As it was heard last. */
  seen: AddressName;
  /** The instant of what was told of it; null where it has to be told again. */
  toldAt: EpochMs | null;
  /** What was heard before: packets may be a little out of order. */
  before: AddressName | null;
}

function isFresh({ toldAt }: Latest, seen: AddressName): boolean {
  return toldAt !== null && toldAt <= seen.time && seen.time - toldAt < refreshMs;
}

function replace(latest: Latest, seen: AddressName): void {
  const isOther = latest.seen.name !== seen.name;
  if (isOther || latest.toldAt === null) latest.before = latest.seen;
  if (isOther) latest.toldAt = null;
  latest.seen = seen;
}

/**
 * Tells of a file's names those that may name one of its flows: what flows carried, and of the names of an address the one
 * that was the latest when a flow with it began. Programs ask for the same names again and again, and for many that they
 * never use. What is left out changes no flow's name.
 */
export class ToldNames {
  readonly #tell: (name: NameSeen) => void;
  readonly #flows = new Map<FlowId, CarriedName>();
  readonly #addresses = new Map<string, Latest>();
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
    const latest = this.#addresses.get(seen.address) ?? this.#add(seen);
    if (seen.time > latest.seen.time) replace(latest, seen);
    else if (seen.name !== latest.seen.name) latest.toldAt = null;
    if (seen.time > this.#now || (seen.name === latest.seen.name && isFresh(latest, seen))) return;
    if (latest.seen === seen) latest.toldAt = seen.time;
    this.#tell(seen);
  }

  #add(seen: AddressName): Latest {
    const [first] = this.#addresses.size < maximumAddresses ? [] : this.#addresses.keys();
    if (first !== undefined) this.#addresses.delete(first);
    const latest: Latest = { seen, toldAt: null, before: null };
    this.#addresses.set(seen.address, latest);
    return latest;
  }

  #tellLatest(address: string, time: EpochMs): void {
    const latest = this.#addresses.get(address);
    if (latest === undefined) return;
    if (!isFresh(latest, latest.seen)) {
      latest.toldAt = latest.seen.time;
      this.#tell(latest.seen);
    }
    if (latest.before === null || latest.seen.time <= time) return;
    this.#tell(latest.before);
    latest.before = null;
  }
}
