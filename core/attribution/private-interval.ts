import { FlowId } from '../../protocol/flow.ts';
import type { FlowDelta } from '../../protocol/flow.ts';
import type { Countable } from '../history/accumulator.ts';
import type { Usage } from '../history/usage.ts';
import type { AttributedFlow, MeasuredInterval } from './attributed-flow.ts';

/** Reserved (IANA "Assigned Internet Protocol Numbers"): no packet carries it, so it says nothing. */
const noProtocol = 255;

/** A number that no helper gives to a flow, so that nothing that is known of the flow is found by it. */
function anonymous(flow: FlowId): FlowId {
  return FlowId.parse(Number.MAX_SAFE_INTEGER - flow);
}

function privateDelta({ roundTripMicroseconds: _roundTrip, retransmits: _retransmits, congestionWindow: _window, ...delta }: FlowDelta): FlowDelta {
  return {
    ...delta,
    flow: anonymous(delta.flow),
    key: {
      interface: delta.key.interface,
      protocol: noProtocol,
      localAddress: '::',
      localPort: null,
      remoteAddress: '::',
      remotePort: null,
    },
    owner: { certainty: 'unknown', reason: 'private' },
  };
}

/**
 * The interval with nothing but its amounts: bytes, packets, connections, scope and network stay; app, process, name and
 * addresses are gone, and so is what plain HTTP was asked for. Bytes in equal bytes out.
 */
export function privateInterval(interval: MeasuredInterval): MeasuredInterval {
  const flows = interval.flows.map(
    (flow): AttributedFlow => ({
      ...flow,
      delta: privateDelta(flow.delta),
      owner: { certainty: 'unknown', app: null, pid: null, reason: 'private' },
      name: null,
      country: null,
    }),
  );
  return { ...interval, flows, http: [] };
}

/** Whether a flow or a usage is of the private mode. */
export function isPrivate({ owner }: { readonly owner: { readonly certainty: string; readonly reason?: string | null } }): boolean {
  return owner.certainty === 'unknown' && owner.reason === 'private';
}

/** The interval of a pause: nothing of what it may hold is kept or shown. */
export function pausedInterval(interval: MeasuredInterval): MeasuredInterval {
  const interfaces = interval.interfaces.map(({ status }) => ({ status, interval: null }));
  return { ...interval, paused: true, flows: [], http: [], interfaces };
}

/** A usage as it is kept: of the private mode without even the address that stands for none. */
export function keptUsage(usage: Usage): Countable {
  return isPrivate(usage) ? { ...usage, host: { kind: 'other-addresses' }, service: null, quality: null } : usage;
}
