import { z } from 'zod';
import { NameSource, OwnerReason } from './flow.ts';
import { InterfaceInterval, InterfaceStatus, Trouble } from './helper.ts';
import { Address, Count, EpochMs, HostName, InterfaceName, Port } from './units.ts';

/**
 * The app API: what every face of Tidewatch (command line, tray, window, web page) may ask of the service.
 * `appContract` at the end is the contract itself; server and clients are derived from it.
 */

export const appProtocolVersion = 1;

/** Where the remote end is: decided from its address and the configured local networks. */
export const Scope = z.enum(['internet', 'lan', 'loopback', 'multicast']);
export type Scope = z.infer<typeof Scope>;

/** An app's stable identity: executable path, or a container's, package's or script's id with its prefix. */
export const AppId = z.string().min(1).max(4200).brand<'AppId'>();
export type AppId = z.infer<typeof AppId>;

export const ByteCounts = z.object({ rxBytes: Count, txBytes: Count });
export type ByteCounts = z.infer<typeof ByteCounts>;

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

/** One domain in one interval. `domain` is null where no name is known, or had no row of its own: one row per `reason`. */
export const DomainRow = z.object({
  domain: HostName.nullable(),
  rxBytes: Count,
  txBytes: Count,
  /** The best evidence for the name among the row's connections. */
  source: NameSource.nullable(),
  reason: z.enum(['no-name', 'folded']).nullable(),
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
  rxBytes: Count,
  txBytes: Count,
  roundTripMicroseconds: z.number().int().min(0).nullable(),
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

/** What every live face shows, once a second. Byte counts are for this interval. */
export const Snapshot = z.object({
  time: EpochMs,
  intervalSeconds: z.number().min(0),
  state: z.enum(['measuring', 'paused', 'not-measuring']),
  /** What crossed the edge of this machine: loopback is not part of it. */
  totals: ByteCounts,
  apps: z.array(AppRow),
  domains: z.array(DomainRow),
  /** The largest; with `otherConnections` they sum up to `totals`. */
  connections: z.array(ConnectionRow),
  otherConnections: RestOfConnections,
  coverage: Coverage,
  inside: InsideTraffic,
  interfaces: z.array(InterfaceStatus.extend({ interval: InterfaceInterval.nullable() })),
  troubles: z.array(Trouble),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** By what a report is grouped. */
export const ReportKey = z.enum(['app', 'domain', 'host', 'network', 'scope', 'day']);
export type ReportKey = z.infer<typeof ReportKey>;

export const ReportRequest = z.object({
  /** Beginning, inclusive; absent for all that is kept. */
  from: EpochMs.optional(),
  /** End, exclusive; absent for now. */
  to: EpochMs.optional(),
  by: ReportKey,
});
export type ReportRequest = z.infer<typeof ReportRequest>;

/** Usage of one key. `key` is null for what is unknown. `notMeasuredSeconds` says how much of the range is a gap. */
export const ReportRow = z.object({
  key: z.string().max(4200).nullable(),
  rxBytes: Count,
  txBytes: Count,
  rxPackets: Count,
  txPackets: Count,
  connections: Count,
});
export type ReportRow = z.infer<typeof ReportRow>;

/** A stretch in which nothing was measured, and why: so that zero and unknown differ. */
export const Gap = z.object({
  from: EpochMs,
  to: EpochMs,
  reason: z.enum(['helper-down', 'service-down', 'asleep', 'paused', 'clock-set']),
});
export type Gap = z.infer<typeof Gap>;

export const Report = z.object({
  from: EpochMs,
  to: EpochMs,
  by: ReportKey,
  rows: z.array(ReportRow),
  total: ReportRow.omit({ key: true }),
  gaps: z.array(Gap),
});
export type Report = z.infer<typeof Report>;

/** Who answers: shown by `doctor`, and compared by a client before it trusts the rest. */
export const ServiceIdentity = z.object({
  protocol: z.number().int(),
  version: z.string().max(64),
  pid: z.number().int().min(1),
  startedAt: EpochMs,
  historyPath: z.string().max(4096),
});
export type ServiceIdentity = z.infer<typeof ServiceIdentity>;

/**
 * The contract as one value. Each query has the schema of its parameters and of its result; the one subscription
 * sends whole snapshots with a sequence number that grows by one: a client that finds a gap has missed some.
 */
export const appContract = {
  queries: {
    identify: { parameters: z.object({}), result: ServiceIdentity },
    report: { parameters: ReportRequest, result: Report },
  },
  subscription: {
    name: 'live',
    parameters: z.object({}),
    event: z.object({ sequence: Count, snapshot: Snapshot }),
  },
} as const;

export type AppQueries = typeof appContract.queries;
export type AppQueryName = keyof AppQueries;
export type AppParameters<Name extends AppQueryName> = z.infer<AppQueries[Name]['parameters']>;
export type AppResult<Name extends AppQueryName> = z.infer<AppQueries[Name]['result']>;
export type LiveEvent = z.infer<typeof appContract.subscription.event>;

/** What a face holds: the contract, whatever carries it. */
export interface AppClient {
  query<Name extends AppQueryName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>>;
  /** Snapshots as they come, until the iterator is returned or the service goes away. */
  live(): AsyncIterable<LiveEvent>;
  close(): void;
}
