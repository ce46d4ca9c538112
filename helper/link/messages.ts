import { maximumFlowsPerMessage } from '../../protocol/helper.ts';
import type { FlowAgain, HelperLine } from '../../protocol/helper.ts';
import { maximumHttpHostsPerMessage } from '../../protocol/http.ts';
import type { FlowDelta, ProcessDescription, ProcessKey } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { ToldFlows } from '../../core/flow/told-flows.ts';
import type { Delivery, Piece } from './backlog.ts';

/** Processes that one connection has been told of, most; beyond it all are forgotten, and told again when they occur. */
const maximumTold = 16_384;

/** Which processes one connection has been told of, so that each is described once, and before it is named. */
export class ToldProcesses {
  readonly #told = new Map<ProcessKey, ProcessDescription>();

  /** Those of `processes` that this connection does not know, or knows otherwise. */
  untold(processes: readonly ProcessDescription[]): readonly ProcessDescription[] {
    const fresh = processes.filter((process) => this.#told.get(process.key) !== process);
    if (this.#told.size + fresh.length > maximumTold) this.#told.clear();
    for (const process of fresh) this.#told.set(process.key, process);
    return fresh;
  }
}

/** A description's length varies by a factor of a hundred; this many of the longest stay below the longest line. */
const maximumProcessesPerMessage = 30;

/** A flow takes up to 600 bytes: this many stay below half of the longest line. */
const flowsPerMessage = 800;

function* pieces<Item>(items: readonly Item[], size = maximumFlowsPerMessage): Generator<Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** What one connection has been told of. */
export interface Told {
  readonly processes: ToldProcesses;
  readonly flows: ToldFlows;
}

/** Nothing yet. */
export function nothingTold(): Told {
  return { processes: new ToldProcesses(), flows: new ToldFlows() };
}

/** Flows as messages: described where they are new to the connection, after those processes that are; else by their numbers. */
export function* messagesOfFlows({ processes, flows }: Piece, told: Told): Generator<HelperLine> {
  for (const some of pieces(told.processes.untold(processes), maximumProcessesPerMessage)) yield { kind: 'processes', processes: some };
  const described: FlowDelta[] = [];
  const again: FlowAgain[] = [];
  for (const delta of flows) {
    const numbers = told.flows.again(delta);
    if (numbers === null) described.push(delta);
    else again.push(numbers);
  }
  for (const some of pieces(described, flowsPerMessage)) yield { kind: 'flows', flows: some };
  for (const some of pieces(again)) yield { kind: 'again', flows: some };
}

/** One delivery as messages, in the order that the protocol promises: processes before the flows that name them, the tick last. */
export function* messagesOf(
  delivery: Delivery,
  tick: { readonly time: EpochMs; readonly paused: boolean; readonly told: Told },
): Generator<HelperLine> {
  for (const names of pieces(delivery.names)) yield { kind: 'names', names };
  yield* messagesOfFlows(delivery, tick.told);
  for (const hosts of pieces(delivery.http, maximumHttpHostsPerMessage)) yield { kind: 'http', hosts };
  yield {
    kind: 'tick',
    time: tick.time,
    intervalSeconds: Math.min(delivery.seconds, 1e9),
    interfaces: [...delivery.interfaces],
    foldedFlows: delivery.foldedFlows,
    paused: tick.paused,
  };
}
