import assert from 'node:assert/strict';
import { it } from 'node:test';
import { serviceLabel, serviceName } from '../../../core/flow/service-name.ts';

it('A registered port has its IANA name, another has none', () => {
  assert.equal(serviceName(17, 123), 'ntp');
  assert.equal(serviceName(6, 443), 'https');
  assert.equal(serviceName(6, 4), null);
  assert.equal(serviceName(6, 50_000), null);
});

it('A flow without a name is called by the port that says most', () => {
  assert.equal(serviceLabel({ protocol: 17, localPort: 40_000, remotePort: 123 }), 'udp/123 (ntp)');
  assert.equal(serviceLabel({ protocol: 6, localPort: 22, remotePort: 5432 }), 'tcp/22 (ssh)');
  assert.equal(serviceLabel({ protocol: 6, localPort: 39_999, remotePort: 5432 }), 'tcp/5432 (postgresql)');
  assert.equal(serviceLabel({ protocol: 17, localPort: 60_000, remotePort: 55_000 }), 'udp/55000');
  assert.equal(serviceLabel({ protocol: 1, localPort: null, remotePort: null }), 'icmp');
});
