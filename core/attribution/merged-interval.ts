import type { InterfaceInterval } from '../../protocol/helper.ts';
import { mergedHttp } from '../packet/index.ts';
import type { AttributedFlow, MeasuredInterface, MeasuredInterval } from './attributed-flow.ts';

function sumOfFlows(earlier: AttributedFlow, later: AttributedFlow): AttributedFlow {
  const [a, b] = [earlier.delta, later.delta];
  const delta = {
    ...b,
    rxBytes: a.rxBytes + b.rxBytes,
    txBytes: a.txBytes + b.txBytes,
    rxPackets: a.rxPackets + b.rxPackets,
    txPackets: a.txPackets + b.txPackets,
    opened: a.opened || b.opened,
  };
  return { ...later, delta };
}

/** Flows that were folded together stand under the number of one of them, and are not that one. */
function keyOf({ delta, placement }: AttributedFlow): string {
  return `${delta.flow} ${delta.key.protocol} ${placement}`;
}

function mergedFlows(flows: readonly AttributedFlow[]): readonly AttributedFlow[] {
  const merged = new Map<string, AttributedFlow>();
  for (const flow of flows) {
    const before = merged.get(keyOf(flow));
    merged.set(keyOf(flow), before === undefined ? flow : sumOfFlows(before, flow));
  }
  return [...merged.values()];
}

function sumOfCounters(a: InterfaceInterval, b: InterfaceInterval): InterfaceInterval {
  return {
    name: b.name,
    packets: a.packets + b.packets,
    bytes: a.bytes + b.bytes,
    droppedPackets: a.droppedPackets + b.droppedPackets,
    malformedPackets: a.malformedPackets + b.malformedPackets,
    otherFrames: a.otherFrames + b.otherFrames,
    evictedFlows: a.evictedFlows + b.evictedFlows,
    refusedClues: a.refusedClues + b.refusedClues,
    interfaceRxBytes: a.interfaceRxBytes + b.interfaceRxBytes,
    interfaceTxBytes: a.interfaceTxBytes + b.interfaceTxBytes,
  };
}

function mergedInterfaces(earlier: readonly MeasuredInterface[], later: readonly MeasuredInterface[]): readonly MeasuredInterface[] {
  const byName = new Map(earlier.map((each) => [each.status.name, each]));
  for (const { status, interval } of later) {
    const before = byName.get(status.name)?.interval ?? null;
    const sum = before === null || interval === null ? (interval ?? before) : sumOfCounters(before, interval);
    byName.set(status.name, { status, interval: sum });
  }
  return [...byName.values()];
}

/** Two intervals, one after the other, as one: bytes in equal bytes out. What is told of a flow is what the later one says. */
export function mergedIntervals(earlier: MeasuredInterval, later: MeasuredInterval): MeasuredInterval {
  return {
    time: later.time,
    intervalSeconds: earlier.intervalSeconds + later.intervalSeconds,
    paused: later.paused,
    flows: mergedFlows([...earlier.flows, ...later.flows]),
    http: mergedHttp([earlier.http, later.http]),
    interfaces: mergedInterfaces(earlier.interfaces, later.interfaces),
  };
}
