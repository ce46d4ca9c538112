import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { addressText } from '../../core/flow/address.ts';
import type { TunnelCarrier } from '../../protocol/helper.ts';
import { processKey, readIdentity } from '../sockets/process-description.ts';
import type { SeenInterface } from './interfaces.ts';

/** Tunnels that have a carrier at one time, most; a machine has one or two. */
const maximumTunnels = 8;
const maximumHolders = 64;

/** The device of which each tun or tap interface is one side (tun(4)). */
const tunDevice = '/dev/net/tun';

/** Milliseconds between two searches for the holders of a device that has none: all descriptors are looked at, some 50 ms. */
const firstSearchMs = 1000;
const longestSearchMs = 60_000;

/** linux/if_arp.h: what crosses the other interfaces as IP protocols of its own. */
const protocolsOfType: ReadonlyMap<number, readonly number[]> = new Map([
  [768, [4]],
  [769, [4, 41]],
  [776, [4, 41]],
  [778, [47]],
  [823, [47]],
]);

/** One descriptor that holds a device. */
interface Holder {
  readonly pid: number;
  readonly startTicks: string;
  readonly descriptor: string;
}

interface Known {
  readonly index: number;
  readonly kind: 'tun' | 'other';
  /** Found once, for what does not change while the interface lives. */
  readonly fixed: TunnelCarrier | null;
  holders: readonly Holder[];
  searchAt: number;
  searchMs: number;
}

/** A text of sysfs or /proc; empty where it is not there (any more). */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A tunnel over IP shows its other end as its "broadcast address"; all zeroes for any. Null where it is no IPv4 address. */
function remoteOf(folder: string): string | null {
  const bytes = textOf(join(folder, 'broadcast')).split(':').map((hex) => Number.parseInt(hex, 16));
  const isAddress = bytes.length === 4 && bytes.every((byte) => byte >= 0 && byte <= 255) && bytes.some((byte) => byte !== 0);
  return isAddress ? addressText(Uint8Array.from(bytes), 0, 4) : null;
}

/** Finds out what carries the tunnels of this machine. Call {@link of} once a second for each. */
export class TunnelCarriers {
  readonly #classNet: string;
  readonly #proc: string;
  readonly #known = new Map<string, Known>();

  constructor(places: { readonly classNet?: string; readonly proc?: string } = {}) {
    this.#classNet = places.classNet ?? '/sys/class/net';
    this.#proc = places.proc ?? '/proc';
  }

  /**
   * What carries this interface; null where it is no tunnel, or that cannot be told. One that is a member of a bridge carries
   * a machine's packets, which cross the edge as they are. `now` is monotonic, in milliseconds.
   */
  of(one: SeenInterface, now: number): TunnelCarrier | null {
    if (one.kind !== 'tunnel' || one.edge || one.master !== null || !one.up) return null;
    const known = this.#knownOf(one, now);
    return known?.kind === 'tun' ? this.#holdersOf(one.name, known, now) : (known?.fixed ?? null);
  }

  /** Forgets what is not among these interfaces any more. */
  keep(interfaces: readonly SeenInterface[]): void {
    const names = new Set(interfaces.map(({ name }) => name));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
  }

  #knownOf({ name, index }: SeenInterface, now: number): Known | null {
    const before = this.#known.get(name);
    if (before?.index === index) return before;
    if (before === undefined && this.#known.size >= maximumTunnels) return null;
    const folder = join(this.#classNet, name);
    const isTun = listed(folder).includes('tun_flags');
    const known: Known = {
      index,
      kind: isTun ? 'tun' : 'other',
      fixed: isTun ? null : this.#fixedCarrier(folder),
      holders: [],
      searchAt: now,
      searchMs: firstSearchMs,
    };
    this.#known.set(name, known);
    return known;
  }

  #fixedCarrier(folder: string): TunnelCarrier | null {
    if (/^DEVTYPE=wireguard$/mu.test(textOf(join(folder, 'uevent')))) return { kind: 'wireguard' };
    const protocols = protocolsOfType.get(Number(textOf(join(folder, 'type'))));
    return protocols === undefined ? null : { kind: 'protocol', protocols: [...protocols], remoteAddress: remoteOf(folder) };
  }

  #holdersOf(name: string, known: Known, now: number): TunnelCarrier | null {
    known.holders = known.holders.filter((holder) => this.#stillHolds(holder, name));
    if (known.holders.length === 0 && now >= known.searchAt) this.#search(name, known, now);
    const processes = new Set(known.holders.map(({ pid, startTicks }) => processKey({ pid, startTicks, parentPid: 0, processGroup: 0 })));
    return processes.size === 0 ? null : { kind: 'processes', processes: [...processes] };
  }

  #search(name: string, known: Known, now: number): void {
    known.holders = this.#findHolders(name);
    known.searchMs = known.holders.length > 0 ? firstSearchMs : Math.min(longestSearchMs, known.searchMs * 2);
    known.searchAt = now + known.searchMs;
  }

  #findHolders(name: string): readonly Holder[] {
    const found: Holder[] = [];
    for (const entry of listed(this.#proc)) {
      if (!/^\d{1,10}$/u.test(entry) || found.length >= maximumHolders) continue;
      for (const descriptor of listed(`${this.#proc}/${entry}/fd`)) {
        if (!this.#isAt(entry, descriptor, name)) continue;
        const startTicks = readIdentity(this.#proc, Number(entry))?.startTicks;
        if (startTicks !== undefined) found.push({ pid: Number(entry), startTicks, descriptor });
      }
    }
    return found.slice(0, maximumHolders);
  }

  /** A descriptor of the device says to which interface it is attached (`iff:`, since Linux 2.6.39). */
  #isAt(pid: string, descriptor: string, name: string): boolean {
    try {
      if (readlinkSync(`${this.#proc}/${pid}/fd/${descriptor}`) !== tunDevice) return false;
    } catch {
      return false;
    }
    return this.#isAttached(pid, descriptor, name);
  }

  #isAttached(pid: string, descriptor: string, name: string): boolean {
    return textOf(`${this.#proc}/${pid}/fdinfo/${descriptor}`).split('\n').includes(`iff:\t${name}`);
  }

  #stillHolds({ pid, startTicks, descriptor }: Holder, name: string): boolean {
    return this.#isAttached(String(pid), descriptor, name) && readIdentity(this.#proc, pid)?.startTicks === startTicks;
  }
}
