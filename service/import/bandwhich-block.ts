import { AppId } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { Countable } from '../../core/history/accumulator.ts';
import type { BucketHost, UsageOwner } from '../../core/history/usage.ts';
import { canonicalAddress } from '../../core/flow/address.ts';
import type { ScopeOf } from '../../core/flow/scope.ts';
import { flowService } from '../../core/flow/service-name.ts';
import { registrableDomain } from '../../core/naming/index.ts';
import { hostNameOf } from '../../core/packet/index.ts';
import type { BandwhichConnection, BandwhichProcess } from './bandwhich-line.ts';

/** One line that counts, with whether its connection was met here for the first time in its file. */
export interface BandwhichRow {
  readonly line: BandwhichConnection | BandwhichProcess;
  readonly isNew: boolean;
}

/** Lines of whole refreshes of one file, in order. */
export type BandwhichBlock = readonly BandwhichRow[];

/** A line that could not be read. */
export interface BrokenLine {
  readonly file: string;
  readonly line: number;
  /** Its beginning. */
  readonly text: string;
}

const protocols = { tcp: 6, udp: 17 } as const;

function ownerOf(process: string | null): UsageOwner {
  if (process === null) return { certainty: 'unknown', reason: 'no-socket' };
  // All that is known is what the process called itself.
  return { certainty: 'inferred', app: { id: AppId.parse(`name:${process}`), executable: null, displayName: process }, reason: 'not-looked-up' };
}

function hostOf(remote: string): BucketHost {
  const address = canonicalAddress(remote);
  if (address !== null) return { kind: 'address', address };
  const name = hostNameOf(remote);
  return name === null ? { kind: 'other-names' } : { kind: 'name', name, domain: registrableDomain(name) ?? name, source: 'reverse-dns' };
}

/** The source whose seconds are counted once: an interface's log, or one without interfaces. */
export function sourceOf(line: BandwhichConnection | BandwhichProcess): string {
  return line.kind === 'connection' ? `bandwhich ${line.interface}` : 'bandwhich';
}

/** A line as the history counts it. */
export function usageOf({ line, isNew }: BandwhichRow, scopeOf: ScopeOf): Countable {
  const counts = { rxBytes: line.download, txBytes: line.upload, rxPackets: 0, txPackets: 0, connections: isNew ? 1 : 0 };
  const base = { at: epochMs(line.second * 1000), owner: ownerOf(line.process), quality: null, ...counts };
  if (line.kind === 'process') return { ...base, host: { kind: 'other-addresses' }, scope: 'internet', network: 'bandwhich', service: null };
  const { localPort, remotePort } = line;
  return {
    ...base,
    host: hostOf(line.remote),
    scope: line.interface === 'lo' ? 'loopback' : scopeOf(line.remote),
    network: line.interface,
    service: flowService({ protocol: protocols[line.protocol], localPort, remotePort }),
  };
}
