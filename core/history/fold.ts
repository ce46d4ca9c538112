import { quarterMs, tiers } from './tiers.ts';
import { otherNetwork } from './room.ts';
import type { BucketHost, UsageKey } from './usage.ts';

/** A row's place: the number of its `recent` bucket, and its key. */
export interface Place {
  readonly bucket: number;
  readonly key: UsageKey;
}

/** Moves a row to a wider place: its bytes stay what they are, only less is known of them. */
export type Fold = (place: Place) => Place;

const recentPerQuarter = quarterMs / tiers.recent.unitMs;

function widerHost(host: BucketHost): BucketHost {
  switch (host.kind) {
    case 'name':
      return { kind: 'rest-of-domain', domain: host.domain };
    case 'address':
      return { kind: 'other-addresses' };
    case 'rest-of-domain':
    case 'other-names':
    case 'other-addresses':
      return host;
  }
}

function widestHost(host: BucketHost): BucketHost {
  return host.kind === 'name' || host.kind === 'rest-of-domain' ? { kind: 'other-names' } : widerHost(host);
}

/** The first `recent` bucket of the quarter-hour that a `recent` bucket lies in. */
export function quarterStart(bucket: number): number {
  return Math.floor(bucket / recentPerQuarter) * recentPerQuarter;
}

/**
 * What is given up, step by step, when rows cannot be written for long and memory for them has an end: hosts first, then
 * the minute of the hour, then apps, networks and services, and the day at the very last.
 */
export const foldsWhileHeld: readonly Fold[] = [
  ({ bucket, key }) => ({ bucket, key: { ...key, host: widerHost(key.host) } }),
  ({ bucket, key }) => ({ bucket, key: { ...key, host: widestHost(key.host) } }),
  ({ bucket, key }) => ({ bucket: quarterStart(bucket), key }),
  ({ bucket, key }) => ({
    bucket,
    key: { ...key, owner: { certainty: 'unknown', reason: 'folded' }, network: otherNetwork, service: null },
  }),
];
