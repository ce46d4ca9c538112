import type { InterfaceFacts } from './interface-facts.ts';

/** An interface with its addresses (canonical text). */
export interface AddressedInterface extends InterfaceFacts {
  readonly addresses: readonly string[];
}

/** Link-local and loopback addresses say nothing about a way out of the machine. */
function isRoutable(address: string): boolean {
  return !/^(?:fe[89ab]|127\.|169\.254\.|::1$)/u.test(address);
}

function standsAlone(one: AddressedInterface): boolean {
  return one.up && one.master === null && !one.stacked && one.addresses.some(isRoutable);
}

/**
 * Physical interfaces, each byte once: a member of a bond does not count but the bond does (the two directions of one
 * connection may use different members); nor does the member of another physical interface (a virtual function below its
 * synthetic device). A member of a bridge counts, because the bridge itself never sees what passes between its ports.
 */
function physicalEdges(interfaces: readonly AddressedInterface[]): readonly AddressedInterface[] {
  const byName = new Map(interfaces.map((one) => [one.name, one]));
  const physical = interfaces.filter((one) => one.kind === 'physical');
  const bonds = new Set<AddressedInterface>();
  const single = physical.filter((one) => {
    const master = one.master === null ? undefined : byName.get(one.master);
    if (master?.bond === true) bonds.add(master);
    return master?.bond !== true && master?.kind !== 'physical';
  });
  return [...single, ...bonds];
}

/**
 * The interfaces whose bytes are the machine's totals, by name. Where no physical interface is up (a container), the next
 * best stand in: veth and other virtual interfaces with an address that stand on nothing else here; where there is none of
 * these either, tunnels of the same sort (a modem's PPP link, the tap of a rootless container).
 */
export function edgeNames(interfaces: readonly AddressedInterface[]): ReadonlySet<string> {
  const physical = physicalEdges(interfaces);
  const alone = interfaces.filter(standsAlone);
  const virtual = alone.filter((one) => one.kind === 'veth' || one.kind === 'virtual');
  const tunnels = alone.filter((one) => one.kind === 'tunnel');
  const standIn = virtual.length > 0 ? virtual : tunnels;
  const edges = physical.some((one) => one.up) ? physical : [...physical, ...standIn];
  return new Set(edges.map((one) => one.name));
}
