import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nameFileFlows } from '../../../core/attribution/index.ts';
import { createNaming, fileNamingLimits } from '../../../core/naming/index.ts';
import { ToldNames } from '../../../helper/file/told-names.ts';
import type { FileFlow } from '../../../protocol/capture-file.ts';
import { flowId } from '../../../protocol/flow.ts';
import type { NameSeen } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';

const start = 1_700_000_000_000;

function address(name: string, host: number, seconds: number): NameSeen {
  return { kind: 'address', source: 'dns', name, address: `192.0.2.${host}`, ttlSeconds: 60, time: epochMs(start + seconds * 1000), flow: null };
}

function carried(name: string, flow: number, seconds: number): NameSeen {
  return { kind: 'flow', source: 'tls-sni', name, flow: flowId(flow), time: epochMs(start + seconds * 1000), encryptedClientHello: false };
}

function flow(number: number, host: number, seconds: number): FileFlow {
  const time = epochMs(start + seconds * 1000);
  return {
    flow: flowId(number), protocol: 6, a: '198.51.100.1', aPort: number + 1, b: `192.0.2.${host}`, bPort: 443, bytesAb: 1, bytesBa: 1,
    packetsAb: 1, packetsBa: 1, firstSeen: time, lastSeen: time, inner: false, tunnel: false,
  };
}

describe('names of a file', () => {
  it('are told again only where another name came between, or after a while', () => {
    const told = new ToldNames();
    const news = [
      address('one.example', 1, 0), address('one.example', 1, 5), address('two.example', 1, 6), address('one.example', 1, 7),
      address('one.example', 2, 8), address('one.example', 1, 700), carried('one.example', 1, 0), carried('one.example', 1, 9000),
      carried('two.example', 1, 9001), carried('one.example', 2, 0),
    ].map((seen) => told.isNews(seen));
    assert.deepEqual(news, [true, false, true, true, true, true, true, false, true, true]);
  });

  it('name every flow as they would with all repetitions', () => {
    const name = fc.constantFrom('one.example', 'two.example', 'three.example');
    const seconds = fc.integer({ min: 0, max: 5000 });
    const small = fc.integer({ min: 1, max: 3 });
    const seen = fc.oneof(
      fc.tuple(name, small, seconds).map(([text, host, at]) => address(text, host, at)),
      fc.tuple(name, small, seconds).map(([text, number, at]) => carried(text, number, at)),
    );
    const flows = fc.array(fc.tuple(small, seconds), { minLength: 1, maxLength: 8 }).map((list) => list.map(([host, at], index) => flow(index + 1, host, at)));
    fc.assert(
      fc.property(fc.array(seen, { maxLength: 40 }), flows, (names, fileFlows) => {
        const inOrder = names.toSorted((one, other) => one.time - other.time);
        const told = new ToldNames();
        const fewer = inOrder.filter((one) => told.isNews(one));
        const naming = (some: readonly NameSeen[]): readonly (string | null)[] =>
          nameFileFlows(fileFlows, some, createNaming(fileNamingLimits)).map((named) => named.name?.name ?? null);
        assert.deepEqual(naming(fewer), naming(inOrder));
      }),
      { numRuns: 500 },
    );
  });
});
