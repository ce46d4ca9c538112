import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { packagedCountries } from '../../service/countries.ts';

describe('the country of an address', () => {
  const said: string[] = [];
  const log = { warn: (message: string): void => void said.push(message) };

  it('is known of public addresses, by a database that lies on this machine', () => {
    const countryOf = packagedCountries(log);
    for (const [address, country] of [['8.8.8.8', 'US'], ['5.9.0.1', 'DE'], ['2a01:4f8::1', 'DE'], ['200.160.2.3', 'BR']] as const) {
      assert.equal(countryOf(address), country, address);
      assert.equal(countryOf(address), country, 'and again, from memory');
    }
    assert.deepEqual(said, []);
  });

  it('is unknown of private addresses, of those for documentation, and of what is none', () => {
    const countryOf = packagedCountries(log);
    for (const address of ['192.168.1.1', '10.0.0.1', '127.0.0.1', '::1', '::', 'fe80::1', 'fd00::1', '2001:db8::1', '203.0.113.7', 'nonsense', '', '1.2.3.4.5']) {
      assert.equal(countryOf(address), null, address);
    }
  });

  it('is unknown, and that is said once, where the database cannot be read', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tw-countries-'));
    const broken = path.join(folder, 'broken.mmdb');
    writeFileSync(broken, 'no database');
    for (const place of [path.join(folder, 'missing.mmdb'), broken]) {
      said.length = 0;
      const countryOf = packagedCountries(log, place);
      for (const address of ['8.8.8.8', '5.9.0.1', '8.8.8.8']) assert.equal(countryOf(address), null);
      assert.equal(said.length, 1);
    }
    rmSync(folder, { recursive: true });
  });
});
