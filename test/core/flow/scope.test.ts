import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNetworkPrefix } from '../../../core/flow/network-prefix.ts';
import { protocolName } from '../../../core/flow/protocol-name.ts';
import { createScopes } from '../../../core/flow/scope.ts';

describe('the scope of a remote address', () => {
  const scopeOf = createScopes([]);
  const cases: Readonly<Record<string, readonly string[]>> = {
    internet: ['8.8.8.8', '172.32.0.1', '192.169.0.1', '100.128.0.1', '2001:db8::1', '2a00::1', '64:ff9b::808:808', '128.0.0.1'],
    lan: ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.255.1', '169.254.1.1', '100.64.0.1', '100.127.255.255', 'fe80::1', 'fd12::1', 'fc00::1', '0.0.0.0', '::'],
    multicast: ['224.0.0.251', '239.255.255.250', '255.255.255.255', 'ff02::fb', 'ff0e::1'],
    loopback: ['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1'],
  };
  for (const [scope, addresses] of Object.entries(cases)) {
    for (const address of addresses) it(`${address} is ${scope}`, () => assert.equal(scopeOf(address), scope));
  }

  it('is lan in a network of one\'s own, and outside it as before', () => {
    const own = createScopes([parseNetworkPrefix('203.0.113.0/24'), parseNetworkPrefix('2001:db8:1::/48')].filter((prefix) => prefix !== null));
    assert.equal(own('203.0.113.200'), 'lan');
    assert.equal(own('203.0.114.1'), 'internet');
    assert.equal(own('2001:db8:1::5'), 'lan');
    assert.equal(own('2001:db8:2::5'), 'internet');
  });

  it('of loopback and multicast cannot be configured away', () => {
    const all = createScopes([parseNetworkPrefix('0.0.0.0/0'), parseNetworkPrefix('::/0')].filter((prefix) => prefix !== null));
    assert.deepEqual(['127.0.0.1', '224.0.0.1', '::1', 'ff02::1', '8.8.8.8'].map(all), ['loopback', 'multicast', 'loopback', 'multicast', 'lan']);
  });

  it('of a text that is no address is internet: the wider answer', () => assert.equal(scopeOf('nonsense'), 'internet'));
});

describe('the name of an IP protocol', () => {
  for (const [number, name] of [[6, 'tcp'], [17, 'udp'], [1, 'icmp'], [58, 'icmpv6'], [41, '6in4'], [47, 'gre'], [170, '170'], [59, '59']] as const) {
    it(`${number} is "${name}"`, () => assert.equal(protocolName(number), name));
  }
});
