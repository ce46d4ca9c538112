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

/**
 * Row 0 of `app`: unknown owners. Row 0 of `domain`: no name known. Row 1 of `domain`: names that were folded. Row 0 of
 * `service`: not known, row 1: folded.
 */
export const unknownAppId = 0;
export const noDomainId = 0;
export const otherDomainId = 1;
export const unknownServiceId = 0;
export const otherServiceId = 1;

/** Country 0: not known. Country 1: in no country. From {@link firstCountry} on: the two letters, as a number of base 26. */
export const unknownCountry = 0;
export const noCountry = 1;
const firstCountry = 2;
const letters = 26;
const codeOfA = 65;

/** A country (ISO 3166-1 alpha-2, or `none`) as it stands in the file; what is not known is null. */
export function countryCode(country: string | null): number {
  if (country === null || !/^(?:[A-Z]{2}|none)$/u.test(country)) return unknownCountry;
  if (country === 'none') return noCountry;
  return firstCountry + (country.charCodeAt(0) - codeOfA) * letters + (country.charCodeAt(1) - codeOfA);
}

/** The country of a code in the file: the inverse of {@link countryCode}. */
export function countryOfCode(code: number): string | null {
  if (code === noCountry) return 'none';
  const pair = code - firstCountry;
  if (pair < 0 || pair >= letters * letters) return null;
  return String.fromCharCode(codeOfA + Math.floor(pair / letters), codeOfA + (pair % letters));
}

const scopesByCode = new Map<number, Scope>(Scope.options.map((scope) => [scopeCodes[scope], scope]));

/** The scope of a code in the file, or null for one that this version does not know. */
export function scopeOfCode(code: number): Scope | null {
  return scopesByCode.get(code) ?? null;
}
