import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nameFileFlows } from '../../../core/attribution/index.ts';
import { createNaming, fileNamingLimits } from '../../../core/naming/index.ts';
import { FileFlow } from '../../../protocol/capture-file.ts';
import { FlowId } from '../../../protocol/flow.ts';
import type { NameSeen } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';
import { serverName } from '../../service/measurements.ts';

interface Sketch {
  readonly flow: number;
  readonly at: number;
  readonly a?: string;
  readonly b?: string;
  readonly aPort?: number;
  readonly bPort?: number;
  readonly ab?: number;
  readonly ba?: number;
}

function fileFlow({ flow, at, a = '192.0.2.1', b = '203.0.113.7', aPort = 50_000, bPort = 443, ab = 1, ba = 0 }: Sketch): FileFlow {
  return FileFlow.parse({
    flow, protocol: 6, a, aPort, b, bPort, bytesAb: ab, bytesBa: ba, packetsAb: 1, packetsBa: 0, firstSeen: at, lastSeen: at + 10, inner: false, tunnel: false,
  });
}

function answer(name: string, address: string, time: number): NameSeen {
  return { kind: 'address', source: 'dns', name, address, ttlSeconds: 60, time: epochMs(time), flow: null };
}

function namesOf(flows: readonly FileFlow[], seen: readonly NameSeen[]): readonly (string | null)[] {
  return nameFileFlows(flows, seen, createNaming(fileNamingLimits)).map(({ name }) => name?.name ?? null);
}

describe('the flows of a capture file', () => {
  it('are one for each 5-tuple, whichever end began the second time', () => {
    const flows = [
      fileFlow({ flow: 1, at: 1000, ab: 10, ba: 1 }),
      fileFlow({ flow: 2, at: 9000, a: '203.0.113.7', aPort: 443, b: '192.0.2.1', bPort: 50_000, ab: 5, ba: 7 }),
      fileFlow({ flow: 3, at: 9500, aPort: 50_001, ab: 100 }),
    ];
    const merged = nameFileFlows(flows, [], createNaming(fileNamingLimits)).map(({ flow }) => [flow.a, flow.bytesAb, flow.bytesBa, flow.lastSeen]);
    assert.deepEqual(merged, [['192.0.2.1', 17, 6, 9010], ['192.0.2.1', 100, 0, 9510]]);
  });

  it('have the name they carried, also where only a later use of the 5-tuple carried one', () => {
    const flows = [fileFlow({ flow: 1, at: 1000 }), fileFlow({ flow: 2, at: 5000 })];
    assert.deepEqual(namesOf(flows, [answer('dns.example', '203.0.113.7', 500), serverName(2, 'sni.example', 5001)]), ['sni.example']);
  });

  it('have else the latest name that DNS gave their address before them', () => {
    const seen = [answer('first.example', '203.0.113.7', 500), answer('second.example', '203.0.113.7', 2000), answer('third.example', '203.0.113.7', 9000)];
    const flows = [1000, 3000].map((at, index) => fileFlow({ flow: index, at, aPort: 50_000 + index }));
    assert.deepEqual(namesOf(flows, seen), ['first.example', 'second.example']);
    assert.deepEqual(namesOf(flows, [...seen, answer('first.example', '203.0.113.7', 9500)]), ['first.example', 'second.example'], 'though the first is heard again later');
  });

  it('are not named by an answer that came after them', () => {
    assert.deepEqual(namesOf([fileFlow({ flow: 1, at: 1000 })], [answer('late.example', '203.0.113.7', 1020)]), [null]);
  });

  it('are named by their first sender where that is the server', () => {
    const flow = fileFlow({ flow: 1, at: 1000, a: '203.0.113.7', aPort: 443, b: '192.0.2.1', bPort: 50_000 });
    assert.deepEqual(namesOf([flow], [answer('server.example', '203.0.113.7', 500)]), ['server.example']);
  });

  it('keep their bytes', () => {
    const sketch = fc.record({ flow: fc.nat(20), at: fc.nat(5000), a: fc.constantFrom('192.0.2.1', '203.0.113.7'), b: fc.constantFrom('192.0.2.1', '203.0.113.7'), aPort: fc.constantFrom(1, 2), bPort: fc.constantFrom(1, 2), ab: fc.nat(), ba: fc.nat() });
    fc.assert(
      fc.property(fc.array(sketch), (sketches) => {
        const flows = sketches.map((one) => fileFlow({ ...one, flow: FlowId.parse(one.flow) }));
        const total = (all: readonly FileFlow[]): number => all.reduce((sum, flow) => sum + flow.bytesAb + flow.bytesBa, 0);
        const merged = nameFileFlows(flows, [], createNaming(fileNamingLimits)).map(({ flow }) => flow);
        assert.equal(total(merged), total(flows));
        const tuples = merged.map(({ a, aPort, b, bPort }) => [`${a}:${aPort}`, `${b}:${bPort}`].toSorted((x, y) => (x < y ? -1 : 1)).join(' '));
        assert.equal(new Set(tuples).size, tuples.length);
      }),
    );
  });
});
