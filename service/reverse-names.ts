import { lookupService } from 'node:dns/promises';
import type { MeasuredInterval } from '../core/attribution/index.ts';
import { addressBytes } from '../core/flow/address.ts';
import { createScopes } from '../core/flow/scope.ts';
import { hostNameOf } from '../core/packet/index.ts';
import type { NameSeen } from '../protocol/flow.ts';
import type { Clock } from './clock.ts';

/** Asks the system's resolver for the name of an address; null where it has none. Never throws. */
export type ReverseLookUp = (address: string) => Promise<string | null>;

export interface ReverseNamesPorts {
  readonly clock: Clock;
  readonly lookUp: ReverseLookUp;
  readonly seen: (name: NameSeen) => void;
  /** Whether they are wanted now; absent: as long as it runs. */
  readonly isWanted?: () => boolean;
}

/** Addresses that are remembered, whether they have a name or not; the one asked longest ago makes room. */
const maximumRemembered = 8192;
/** Addresses that may wait for their turn; a further one is asked for in a later interval. */
const maximumWaiting = 256;
/** A look-up occupies a thread that files need too (libuv has four), for as long as the resolver likes. */
const maximumAtOnce = 2;
/** Look-ups begun in one interval, so in one second. */
const maximumPerInterval = 5;
const hourMs = 3_600_000;
/** How long an address is not asked for again. */
const rememberMs = { named: 24 * hourMs, nameless: 6 * hourMs } as const;

const scopeOf = createScopes([]);

/** Whether the name of an address may be asked for: nobody outside has to know which private addresses are in use here. */
function isPublic(address: string): boolean {
  return addressBytes(address) !== null && scopeOf(address) === 'internet';
}

/**
 * Names of addresses by reverse DNS, for connections that have no other name. Off unless a person switches it on, because
 * each question tells the resolver which address was talked to. Only for display: the history keeps the address.
 */
export class ReverseNames {
  readonly #ports: ReverseNamesPorts;
  /** Until when an address need not be asked for, on the monotonic clock. */
  readonly #remembered = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #running = 0;
  #begun = 0;

  constructor(ports: ReverseNamesPorts) {
    this.#ports = ports;
  }

  /** Asks for the addresses of this interval's connections that have no name. Once a second. */
  consider(interval: MeasuredInterval): void {
    this.#begun = 0;
    if (this.#ports.isWanted?.() === false) return this.#waiting.clear();
    for (const { name, scope, placement, delta } of interval.flows) {
      if (name === null && scope === 'internet' && placement === 'edge') this.#want(delta.key.remoteAddress);
    }
    this.#go();
  }

  #want(address: string): void {
    const until = this.#remembered.get(address) ?? 0;
    if (this.#ports.clock.monotonic() < until || this.#waiting.size >= maximumWaiting || !isPublic(address)) return;
    this.#waiting.add(address);
  }

  #go(): void {
    for (const address of this.#waiting) {
      if (this.#running >= maximumAtOnce || this.#begun >= maximumPerInterval) return;
      this.#waiting.delete(address);
      this.#running += 1;
      this.#begun += 1;
      // Remembered from the beginning, so that it is asked for once however long the answer takes.
      this.#remember(address, 'nameless');
      void this.#ask(address);
    }
  }

  async #ask(address: string): Promise<void> {
    const name = hostNameOf((await this.#ports.lookUp(address)) ?? '');
    this.#running -= 1;
    if (name !== null) {
      this.#remember(address, 'named');
      const ttlSeconds = rememberMs.named / 1000;
      this.#ports.seen({ kind: 'address', source: 'reverse-dns', name, address, ttlSeconds, time: this.#ports.clock.now(), flow: null });
    }
    this.#go();
  }

  #remember(address: string, what: keyof typeof rememberMs): void {
    this.#remembered.delete(address);
    this.#remembered.set(address, this.#ports.clock.monotonic() + rememberMs[what]);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > maximumRemembered && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** Through the system's resolver, as nsswitch.conf(5) has it set up: getnameinfo(3) with NI_NAMEREQD. */
export const systemReverseLookUp: ReverseLookUp = async (address) => {
  try {
    return (await lookupService(address, 0)).hostname;
  } catch {
    // No name, no answer, no resolver: the address stays what is shown.
    return null;
  }
};
