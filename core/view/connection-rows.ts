import type { ConnectionRow, RestOfConnections } from '../../protocol/app.ts';
import { isPrivate } from '../attribution/index.ts';
import type { AttributedFlow } from '../attribution/index.ts';
import { protocolName } from '../flow/protocol-name.ts';
import { flowService } from '../flow/service-name.ts';
import { addBytes, byBytes, emptySum } from './rows.ts';

function row({ delta, owner, name, scope, country }: AttributedFlow): ConnectionRow {
  const { key } = delta;
  return {
    app: owner.app?.app ?? null,
    pid: owner.pid,
    interface: key.interface,
    protocol: protocolName(key.protocol),
    localAddress: key.localAddress,
    localPort: key.localPort,
    remoteAddress: key.remoteAddress,
    remotePort: key.remotePort,
    host: name?.name ?? null,
    source: name?.source ?? null,
    scope,
    country,
    service: flowService(key),
    rxBytes: delta.rxBytes,
    txBytes: delta.txBytes,
    roundTripMicroseconds: delta.roundTripMicroseconds ?? null,
    retransmits: delta.retransmits ?? 0,
    congestionWindow: delta.congestionWindow ?? null,
  };
}

/** The rows and what did not fit into them: together they are all flows. */
export interface ConnectionRows {
  readonly connections: ConnectionRow[];
  readonly otherConnections: RestOfConnections;
}

/** The largest connections of the interval, at most `maximum`, and the sum of the others. Private ones have no row. */
export function connectionRows(flows: readonly AttributedFlow[], maximum: number): ConnectionRows {
  const order = byBytes<AttributedFlow['delta']>((delta) => String(delta.flow));
  const sorted = flows.filter((flow) => !isPrivate(flow)).toSorted((a, b) => order(a.delta, b.delta));
  const sum = emptySum();
  const rest = [...sorted.slice(maximum), ...flows.filter(isPrivate)];
  for (const { delta } of rest) addBytes(sum, delta);
  return {
    connections: sorted.slice(0, maximum).map(row),
    otherConnections: { connections: rest.length, ...sum },
  };
}
