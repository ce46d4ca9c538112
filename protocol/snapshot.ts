import { z } from 'zod';
import { Alert } from './alert.ts';
import { NameSource, OwnerReason } from './flow.ts';
import { InterfaceInterval, InterfaceStatus, Trouble } from './helper.ts';
import { HttpHostSum } from './http.ts';
import { Address, ByteCounts, Count, EpochMs, HostName, InterfaceName, Port } from './units.ts';

/** What every live face shows. */

/** Where the remote end is: decided from its address and the configured local networks. */
export const Scope = z.enum(['internet', 'lan', 'loopback', 'multicast']);
export type Scope = z.infer<typeof Scope>;

/** An app's stable identity: executable path, or a container's, package's or script's id with its prefix. */
export const AppId = z.string().min(1).max(4200).brand<'AppId'>();
export type AppId = z.infer<typeof AppId>;

export { ByteCounts };

/** One app in one interval. `app` is null in the rows of unknown owners: one row for each `reason`. */
export const AppRow = z.object({
  app: z.string().max(4200).nullable(),
  /** What a person calls the app; null in the rows of unknown owners. */
  displayName: z.string().max(128).nullable(),
  exe: z.string().max(4096).nullable(),
  pids: z.array(z.number().int().min(1)).max(1024),
  rxBytes: Count,
  txBytes: Count,
  /** The part of the row whose owner is exact. */
  exact: ByteCounts,
  /** Why the rest is not exact; null where all of it is. */
  reason: OwnerReason.nullable(),
});
export type AppRow = z.infer<typeof AppRow>;

/** One domain in one interval. `domain` is null where no name is known, or had no row of its own, or is private: one row per `reason`. */
export const DomainRow = z.object({
  domain: HostName.nullable(),
  rxBytes: Count,
  txBytes: Count,
  /** The best evidence for the name among the row's connections. */
  source: NameSource.nullable(),
  reason: z.enum(['no-name', 'folded', 'private']).nullable(),
});
export type DomainRow = z.infer<typeof DomainRow>;

export const ConnectionRow = z.object({
  app: z.string().max(4200).nullable(),
  pid: z.number().int().min(1).nullable(),
  interface: InterfaceName,
  /** Lower-case name of the IP protocol, or its number where it has none. */
  protocol: z.string().max(16),
  localAddress: Address,
  localPort: Port,
  remoteAddress: Address,
  remotePort: Port,
  host: HostName.nullable(),
  source: NameSource.nullable(),
  scope: Scope,
  /** Where the remote address lies, as a packaged database says: ISO 3166-1 alpha-2; null where nobody knows, or in no country. */
  country: z.string().regex(/^[A-Z]{2}$/u).nullable().default(null),
  /** The registered name of the port that says what the connection is for (`https`): a hint; null where it has none. */
  service: z.string().max(64).nullable().default(null),
  rxBytes: Count,
  txBytes: Count,
  roundTripMicroseconds: z.number().int().min(0).nullable(),
  /** TCP segments of this interval whose data had been sent before, in either direction. */
  retransmits: Count.default(0),
  /** TCP segments that this end may have under way; null where unknown. */
  congestionWindow: Count.nullable().default(null),
});
export type ConnectionRow = z.infer<typeof ConnectionRow>;

/** What did not fit into the rows: so that the rows and this together are all there was. */
export const RestOfConnections = ByteCounts.extend({ connections: Count });
export type RestOfConnections = z.infer<typeof RestOfConnections>;

/** Traffic that is shown but not part of the totals: loopback, bridges, the inner side of tunnels. */
export const InsideTraffic = z.object({
  totals: ByteCounts,
  apps: z.array(AppRow),
  connections: z.array(ConnectionRow),
  otherConnections: RestOfConnections,
});
export type InsideTraffic = z.infer<typeof InsideTraffic>;

/** How much of what crossed the interfaces is accounted for, and how surely. */
export const Coverage = z.object({
  capturedBytes: Count,
  capturedPackets: Count,
  droppedPackets: Count,
  malformedPackets: Count,
  /** The kernel's own counters over the same interval: link-layer bytes, so a little more than captured. */
  interfaceBytes: Count,
  exactBytes: Count,
  inferredBytes: Count,
  unknownBytes: Count,
});
export type Coverage = z.infer<typeof Coverage>;

/** What an interface is connected to, as the system's own network service tells it. */
export const Network = z.object({
  /** The connection's name, which a person gave it or knows it by: what usage is kept under. */
  name: z.string().min(1).max(256),
  /** The connection's type in the words of NetworkManager: `802-3-ethernet`, `802-11-wireless`, `gsm`, `wireguard`, `tun`, …. */
  type: z.string().max(64),
  /** Of a wireless network; null where there is none, or it is hidden. */
  ssid: z.string().max(128).nullable(),
  /** Whether what goes through it costs; null where nobody knows. */
  metered: z.boolean().nullable(),
});
export type Network = z.infer<typeof Network>;

/** Bytes by where their remote ends are. */
export const BytesByScope = z.object({ internet: ByteCounts, lan: ByteCounts, loopback: ByteCounts, multicast: ByteCounts });
export type BytesByScope = z.infer<typeof BytesByScope>;

/** One interface: what it is, what its capture did, and what it is connected to (absent where that is not known). */
export const InterfaceRow = InterfaceStatus.extend({ interval: InterfaceInterval.nullable(), network: Network.optional() });
export type InterfaceRow = z.infer<typeof InterfaceRow>;

/** What every live face shows, once a second. Byte counts are for this interval. */
export const Snapshot = z.object({
  time: EpochMs,
  intervalSeconds: z.number().min(0),
  state: z.enum(['measuring', 'paused', 'not-measuring']),
  /** What crossed the edge of this machine: loopback is not part of it. */
  totals: ByteCounts,
  /** The totals parted by scope, of every flow, not only of those that have a row; absent where a service does not tell it. */
  scopes: BytesByScope.optional(),
  apps: z.array(AppRow),
  domains: z.array(DomainRow),
  /** The largest; with `otherConnections` they sum up to `totals`. */
  connections: z.array(ConnectionRow),
  otherConnections: RestOfConnections,
  /** Plain HTTP by host, the most asked first; the rest is one row whose host is null. Empty in the private mode. */
  http: z.array(HttpHostSum).default([]),
  coverage: Coverage,
  inside: InsideTraffic,
  interfaces: z.array(InterfaceRow),
  troubles: z.array(Trouble),
  /** Alerts that are not over, the oldest first. */
  openAlerts: z.array(Alert).max(256).default([]),
});
export type Snapshot = z.infer<typeof Snapshot>;
