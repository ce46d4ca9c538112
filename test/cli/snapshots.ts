import { AppRow, ConnectionRow, DomainRow, Snapshot } from '../../protocol/app.ts';
import type { LiveEvent } from '../../protocol/app.ts';

/** Snapshots for tests of what shows them: parsed by the protocol's own schema, so that they cannot be ones that never come. */

/** 2026-11-20T14:03:22Z. */
export const exampleTime = Date.UTC(2026, 10, 20, 14, 3, 22);

export type RowPart = Readonly<Record<string, unknown>>;

export function appRow(part: RowPart): AppRow {
  const exact = { rxBytes: part['rxBytes'] ?? 0, txBytes: part['txBytes'] ?? 0 };
  return AppRow.parse({ app: '/usr/bin/curl', displayName: 'curl', exe: '/usr/bin/curl', pids: [42], rxBytes: 0, txBytes: 0, exact, reason: null, ...part });
}

export function domainRow(part: RowPart): DomainRow {
  return DomainRow.parse({ domain: 'example.com', rxBytes: 0, txBytes: 0, source: 'tls-sni', reason: null, ...part });
}

export function connectionRow(part: RowPart): ConnectionRow {
  return ConnectionRow.parse({
    app: '/usr/bin/curl', pid: 42, interface: 'eth0', protocol: 'tcp', localAddress: '192.0.2.1', localPort: 40_000,
    remoteAddress: '198.51.100.7', remotePort: 443, host: 'example.com', source: 'tls-sni', scope: 'internet',
    rxBytes: 0, txBytes: 0, roundTripMicroseconds: null, ...part,
  });
}

const nothing = { rxBytes: 0, txBytes: 0 };

/** A second of quiet, with what the test says instead. */
export function snapshot(part: RowPart = {}): Snapshot {
  return Snapshot.parse({
    time: exampleTime, intervalSeconds: 1, state: 'measuring', totals: nothing, apps: [], domains: [], connections: [],
    otherConnections: { ...nothing, connections: 0 },
    coverage: {
      capturedBytes: 0, capturedPackets: 0, droppedPackets: 0, malformedPackets: 0, interfaceBytes: 0, exactBytes: 0, inferredBytes: 0, unknownBytes: 0,
    },
    inside: { totals: nothing, apps: [], connections: [], otherConnections: { ...nothing, connections: 0 } },
    interfaces: [{ name: 'eth0', kind: 'physical', state: 'capturing', edge: true, addresses: ['192.0.2.1'], interval: null }],
    troubles: [],
    ...part,
  });
}

/** A busy second: curl and an unknown owner, two domains, a trouble. */
export function busySnapshot(part: RowPart = {}): Snapshot {
  return snapshot({
    totals: { rxBytes: 12_300_000, txBytes: 250_000 },
    apps: [
      appRow({ rxBytes: 12_000_000, txBytes: 240_000 }),
      appRow({ app: null, displayName: null, exe: null, pids: [], rxBytes: 300_000, txBytes: 10_000, exact: nothing, reason: 'no-socket' }),
    ],
    domains: [
      domainRow({ rxBytes: 12_000_000, txBytes: 240_000 }),
      domainRow({ domain: null, source: null, reason: 'no-name', rxBytes: 300_000, txBytes: 10_000 }),
    ],
    connections: [
      connectionRow({ rxBytes: 12_000_000, txBytes: 240_000 }),
      connectionRow({ app: null, pid: null, protocol: 'udp', remoteAddress: '2001:db8::7', remotePort: 53, host: null, source: null, rxBytes: 300_000, txBytes: 10_000 }),
    ],
    coverage: {
      capturedBytes: 12_550_000, capturedPackets: 9000, droppedPackets: 0, malformedPackets: 0, interfaceBytes: 12_700_000,
      exactBytes: 12_240_000, inferredBytes: 0, unknownBytes: 310_000,
    },
    ...part,
  });
}

/** Events with the sequence numbers and times that a service gives them. */
export function events(snapshots: readonly Snapshot[]): LiveEvent[] {
  const mode = { paused: null, private: null };
  return snapshots.map((each, index) => ({
    kind: 'snapshot',
    sequence: index + 1,
    snapshot: Snapshot.parse({ ...each, time: exampleTime + index * 1000 }),
    mode,
  }));
}
