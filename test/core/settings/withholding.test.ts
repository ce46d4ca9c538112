import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { withholding } from '../../../core/settings/index.ts';
import type { Usage, UsageHost, UsageOwner } from '../../../core/history/usage.ts';
import { Claim } from '../../../core/naming/index.ts';
import { AppId } from '../../../protocol/app.ts';
import { epochMs } from '../../../protocol/units.ts';

const app = (path: string): UsageOwner => ({ certainty: 'exact', app: { id: AppId.parse(path), executable: path, displayName: path } });
const host = (name: string): UsageHost => ({ kind: 'name', name, domain: name, source: 'tls-sni' });

function usage(owner: UsageOwner, to: UsageHost): Usage {
  return { at: epochMs(1000), owner, host: to, scope: 'internet', network: 'eth0', rxBytes: 10, txBytes: 5, rxPackets: 2, txPackets: 1, connections: 1, service: 'https', quality: null };
}

function claim(name: string, by: string | null): Claim {
  return Claim.parse({ address: '192.0.2.1', name, source: 'dns', app: by, firstSeen: 1, lastSeen: 1, ttlSeconds: 60 });
}

const rules = withholding({ excludedApps: ['/usr/bin/secret'], excludedDomains: ['example.org'] });

describe('what is withheld from the history', () => {
  it('is the name of a domain and of all below it', () => {
    for (const name of ['example.org', 'www.example.org', 'a.b.example.org']) {
      assert.deepEqual(rules.kept(usage(app('/usr/bin/curl'), host(name))).host, { kind: 'other-names' });
    }
    for (const name of ['example.com', 'notexample.org', 'example.org.test', 'org']) {
      const one = usage(app('/usr/bin/curl'), host(name));
      assert.equal(rules.kept(one), one);
    }
  });

  it('is an app and whom it talked to, by name or address', () => {
    const kept = rules.kept(usage(app('/usr/bin/secret'), host('example.com')));
    assert.deepEqual([kept.owner, kept.host], [{ certainty: 'unknown', reason: 'withheld' }, { kind: 'other-names' }]);
    assert.deepEqual([kept.service, kept.quality], [null, null], 'nor what for, nor how well');
    assert.deepEqual(rules.kept(usage(app('/usr/bin/secret'), { kind: 'address', address: '192.0.2.9' })).host, { kind: 'other-addresses' });
  });

  it('is what it asked the resolver, too', () => {
    assert.equal(rules.mayKeep(claim('example.com', '/usr/bin/secret')), false);
    assert.equal(rules.mayKeep(claim('www.example.org', null)), false);
    assert.equal(rules.mayKeep(claim('example.com', '/usr/bin/curl')), true);
  });

  it('is never a byte', () => {
    fc.assert(
      fc.property(fc.constantFrom('/usr/bin/secret', '/usr/bin/curl'), fc.domain(), (path, name) => {
        const one = usage(app(path), host(name));
        const { owner: _owner, host: _host, service: _service, quality: _quality, ...counts } = rules.kept(one);
        const { owner: _before, host: _then, service: _for, quality: _how, ...before } = one;
        assert.deepEqual(counts, before);
      }),
    );
  });
});
