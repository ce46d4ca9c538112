import type { Country, Scope } from '../../protocol/app.ts';
import type { FlowId, FlowKey } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { protocolName } from '../flow/protocol-name.ts';
import { flowService } from '../flow/service-name.ts';
import { addQuality, qualityOf } from '../history/quality.ts';
import type { Quality } from '../history/quality.ts';
import { bucketOf } from '../history/tiers.ts';
import type { Usage, UsageHost, UsageOwner } from '../history/usage.ts';
import { registrableDomain } from '../naming/index.ts';
import type { AttributedFlow, MeasuredInterval, ResolvedName, ResolvedOwner } from './attributed-flow.ts';
import type { FlowNames } from './joining.ts';

/** What one flow did within one bucket of the finest tier. */
interface HeldUsage {
  readonly first: AttributedFlow;
  name: ResolvedName | null;
  rxBytes: number;
  txBytes: number;
  rxPackets: number;
  txPackets: number;
  connections: number;
  quality: Quality | null;
}

function usageOwner({ certainty, app, reason }: ResolvedOwner): UsageOwner {
  if (certainty === 'unknown') return { certainty, reason };
  const usageApp = { id: app.app, executable: app.exe, displayName: app.displayName };
  return certainty === 'exact' ? { certainty, app: usageApp } : { certainty, app: usageApp, reason };
}

/** An address that does not lie beyond the machine's own networks lies in no country. */
function placeOf(scope: Scope, country: string | null): { readonly country?: Country } {
  if (scope !== 'internet') return { country: 'none' };
  return country === null ? {} : { country };
}

/** Flows that were folded together, and those of the private mode, are for nothing that can be told. */
const noProtocol = 255;

function serviceOf(key: FlowKey): string | null {
  return key.protocol === noProtocol ? null : (flowService(key) ?? protocolName(key.protocol));
}

const tcp = 6;

function qualityOfFlow({ delta, placement }: AttributedFlow): Quality | null {
  if (delta.key.protocol !== tcp || placement !== 'edge') return null;
  const packets = delta.rxPackets + delta.txPackets;
  return qualityOf({ roundTrip: delta.roundTripMicroseconds, retransmits: delta.retransmits ?? 0, packets });
}

function usageHost(name: ResolvedName | null, { delta, scope, country }: AttributedFlow): UsageHost {
  const place = placeOf(scope, country);
  // Reverse DNS is for display: it names whose machine answers, not what was asked for.
  if (name === null || name.source === 'reverse-dns') return { kind: 'address', address: delta.key.remoteAddress, ...place };
  return { kind: 'name', name: name.name, domain: registrableDomain(name.name) ?? name.name, source: name.source, ...place };
}

function usage(held: HeldUsage): Usage {
  const { delta, owner, scope, network } = held.first;
  return {
    at: delta.lastSeen,
    owner: usageOwner(owner),
    host: usageHost(held.name, held.first),
    scope,
    network,
    service: serviceOf(delta.key),
    quality: held.quality,
    rxBytes: held.rxBytes,
    txBytes: held.txBytes,
    rxPackets: held.rxPackets,
    txPackets: held.txPackets,
    connections: held.connections,
  };
}

/**
 * Holds the usage of the last seconds by flow until it goes into the history, so that a name that comes late still names
 * what the flow did before it. Bytes in equal bytes out; only what crossed the edge, and loopback (which has a scope of
 * its own), goes into the history: the inside of a bridge or a tunnel is counted at the edge.
 */
export class UsageWindow {
  readonly #names: FlowNames;
  #held = new Map<string, HeldUsage>();
  #closed: FlowId[] = [];

  constructor(names: FlowNames) {
    this.#names = names;
  }

  /** Rows held: at most one for each flow, owner and ten seconds. Take them before they become too many. */
  get size(): number {
    return this.#held.size;
  }

  add(interval: MeasuredInterval): void {
    for (const flow of interval.flows) {
      if (flow.placement !== 'inside') this.#addFlow(flow);
      if (flow.delta.closed) this.#closed.push(flow.delta.flow);
    }
  }

  /** Takes everything held, under the names that are known by now, and ends the flows that have closed. */
  take(now: EpochMs): Usage[] {
    const changed = new Set(this.#names.takeChanged());
    for (const held of this.#held.values()) if (changed.has(held.first.delta.flow)) this.#rename(held, now);
    const usages = [...this.#held.values()].map(usage);
    for (const flow of this.#closed) this.#names.end(flow);
    this.#held = new Map();
    this.#closed = [];
    return usages;
  }

  #addFlow(flow: AttributedFlow): void {
    const { delta, owner, scope, network } = flow;
    // What crossed a tunnel may have left by two networks in one bucket.
    const way = `${scope} ${network}`;
    // Joined, it is one text; a template would keep its pieces for as long as the key is held.
    const key = [delta.flow, bucketOf('recent', delta.lastSeen), way, owner.certainty, owner.reason, owner.app?.app].join(' ');
    let held = this.#held.get(key);
    if (held === undefined) {
      held = { first: flow, name: null, rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0, connections: 0, quality: null };
      this.#held.set(key, held);
    }
    held.name = flow.name ?? held.name;
    held.rxBytes += delta.rxBytes;
    held.txBytes += delta.txBytes;
    held.rxPackets += delta.rxPackets;
    held.txPackets += delta.txPackets;
    held.connections += delta.opened ? 1 : 0;
    held.quality = addQuality(held.quality, qualityOfFlow(flow));
  }

  #rename(held: HeldUsage, now: EpochMs): void {
    const { delta, owner } = held.first;
    const question = {
      flow: delta.flow,
      remoteAddress: delta.key.remoteAddress,
      app: owner.app?.app ?? null,
      openedAt: delta.firstSeen,
      now,
    };
    held.name = this.#names.nameOf(question) ?? held.name;
  }
}
