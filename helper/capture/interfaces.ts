import { readdirSync } from 'node:fs';
import { readInterfaceFacts, refreshInterfaceFacts } from './interface-facts.ts';
import type { InterfaceFacts } from './interface-facts.ts';
import { edgeNames } from './edges.ts';
import type { AddressedInterface } from './edges.ts';
import type { LocalAddresses } from './local-addresses.ts';

/** One interface of this namespace as it is now. */
export interface SeenInterface extends AddressedInterface {
  /** It would count towards the totals if nothing else were said. */
  readonly edge: boolean;
}

/** Interfaces looked at, most: a machine with more has its further ones (in name order of the kernel) left out. */
export const maximumInterfaces = 4096;

/**
 * Refreshes between two full readings of an interface that is neither physical nor has an address (a container's veth): a
 * host has hundreds of these, and nothing about them changes the totals.
 */
const quietRefreshes = 16;

/** Follows the interfaces as they come and go: call {@link refresh} once a second. */
export class Interfaces {
  readonly #classNet: string;
  readonly #known = new Map<string, InterfaceFacts>();
  #refreshes = 0;

  /** `classNet` is where sysfs shows the interfaces of this network namespace. */
  constructor(classNet = '/sys/class/net') {
    this.#classNet = classNet;
  }

  /** Reads what is new or may have changed, and tells all interfaces in the kernel's order. */
  refresh(local: LocalAddresses): readonly SeenInterface[] {
    this.#refreshes += 1;
    const names = this.#names();
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
    for (const name of names) this.#refreshOne(name, local.byInterface.has(name));
    const addressed = [...this.#known.values()].map((facts) => ({
      ...facts,
      addresses: (local.byInterface.get(facts.name) ?? []).slice(0, 256),
    }));
    const edges = edgeNames(addressed);
    return addressed.map((one) => ({ ...one, edge: edges.has(one.name) }));
  }

  #names(): ReadonlySet<string> {
    try {
      return new Set(readdirSync(this.#classNet).slice(0, maximumInterfaces));
    } catch (cause) {
      throw Object.assign(new Error(`cannot list the interfaces in ${this.#classNet}`, { cause }), { code: 'no-sysfs' });
    }
  }

  #refreshOne(name: string, hasAddress: boolean): void {
    const known = this.#known.get(name);
    const quiet = known !== undefined && known.kind !== 'physical' && !known.bond && !hasAddress;
    if (quiet && this.#refreshes % quietRefreshes !== 0) return;
    const facts = known === undefined ? readInterfaceFacts(this.#classNet, name) : refreshInterfaceFacts(this.#classNet, known);
    if (facts === null) this.#known.delete(name);
    else this.#known.set(name, facts);
  }
}
