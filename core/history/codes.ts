import { Scope } from '../../protocol/app.ts';
import type { OwnerReason } from '../../protocol/flow.ts';
import type { BucketHost, UsageOwner } from './usage.ts';

/**
 * How words stand in the file. The numbers are part of the file format: new words get new numbers, none is used again,
 * and none follows the order of a list in the source.
 */

export const scopeCodes: Readonly<Record<Scope, number>> = { internet: 0, lan: 1, loopback: 2, multicast: 3 };

export const certaintyCodes: Readonly<Record<UsageOwner['certainty'], number>> = { exact: 0, inferred: 1, unknown: 2 };

/** 0 is "no reason needed". */
export const reasonCodes: Readonly<Record<OwnerReason, number>> = {
  'wildcard-socket': 1,
  'shared-port': 2,
  'shared-socket': 3,
  remembered: 4,
  'process-ended': 5,
  'no-socket': 6,
  'no-rights': 7,
  'not-looked-up': 8,
  kernel: 9,
  'not-this-host': 10,
  folded: 11,
  withheld: 12,
  private: 13,
};

export const hostKindCodes: Readonly<Record<BucketHost['kind'], number>> = {
  name: 0,
  address: 1,
  'rest-of-domain': 2,
  'other-names': 3,
  'other-addresses': 4,
};

/** Row 0 of `app`: unknown owners. Row 0 of `domain`: no name known. Row 1 of `domain`: names that were folded. */
export const unknownAppId = 0;
export const noDomainId = 0;
export const otherDomainId = 1;

const scopesByCode = new Map<number, Scope>(Scope.options.map((scope) => [scopeCodes[scope], scope]));

/** The scope of a code in the file, or null for one that this version does not know. */
export function scopeOfCode(code: number): Scope | null {
  return scopesByCode.get(code) ?? null;
}
