import { Alert, Snapshot } from '../../protocol/app.ts';
import type { AppRow } from '../../protocol/app.ts';
import { initialStanding } from '../../electron/standing.ts';
import type { Standing } from '../../electron/standing.ts';

/** How things may stand, for the tests of what is made of it. */

export const si = { rates: 'bytes', prefixes: 'si' } as const;

/** An app's row: so many bytes down and up. */
export function appRow(displayName: string | null, [rxBytes, txBytes]: readonly [number, number]): AppRow {
  const app = displayName === null ? null : `/usr/bin/${displayName}`;
  return { app, displayName, exe: app, pids: [], rxBytes, txBytes, exact: { rxBytes, txBytes }, reason: app === null ? 'no-socket' : null };
}

/** A snapshot of one second with these apps, whose sum is the total. */
export function snapshotOf(apps: readonly AppRow[], more: Partial<Snapshot> = {}): Snapshot {
  const totals = { rxBytes: 0, txBytes: 0 };
  for (const { rxBytes, txBytes } of apps) {
    totals.rxBytes += rxBytes;
    totals.txBytes += txBytes;
  }
  const none = { rxBytes: 0, txBytes: 0, connections: 0 };
  return Snapshot.parse({
    time: 1_790_000_000_000,
    intervalSeconds: 1,
    state: 'measuring',
    totals,
    apps,
    domains: [],
    connections: [],
    otherConnections: none,
    coverage: { capturedBytes: 0, capturedPackets: 0, droppedPackets: 0, malformedPackets: 0, interfaceBytes: 0, exactBytes: 0, inferredBytes: 0, unknownBytes: 0 },
    inside: { totals, apps: [], connections: [], otherConnections: none },
    interfaces: [],
    troubles: [],
    ...more,
  });
}

/** Connected to a service that has said this. */
export function standingOf(snapshot: Snapshot | null, more: Partial<Standing> = {}): Standing {
  const heard = snapshot === null ? {} : { troubles: snapshot.troubles, openAlerts: snapshot.openAlerts };
  return { ...initialStanding, link: { kind: 'connected', own: true }, snapshot, ...heard, ...more };
}

export function alertOf(more: Partial<Alert> = {}): Alert {
  return Alert.parse({
    id: 1,
    kind: 'spike',
    situation: 'spike:/usr/bin/steam',
    state: 'open',
    severity: 'warning',
    since: 1_790_000_000_000,
    changedAt: 1_790_000_000_000,
    until: null,
    title: 'steam is downloading 45 MB/s',
    text: 'from steamcontent.com (92 % of the link)',
    cause: { app: '/usr/bin/steam', displayName: 'steam', domain: 'steamcontent.com', bytes: { rxBytes: 1, txBytes: 1 }, bytesPerSecond: 45e6, share: 0.92 },
    told: ['desktop'],
    quiet: null,
    ...more,
  });
}
