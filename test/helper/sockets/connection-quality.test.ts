import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { SocketDiagnosis } from '../../../helper/sockets/diag-source.ts';
import { ConnectionQuality } from '../../../helper/sockets/connection-quality.ts';
import type { MovedFlow } from '../../../helper/sockets/connection-quality.ts';
import { flowId } from '../../../protocol/flow.ts';
import { endsOf } from '../support/ends.ts';
import { socketRecord } from '../support/records.ts';

describe('the round-trip time of live connections', () => {
  let now: number;
  let lookUpMs: number;
  let calls: string[];
  let roundTrip: number;
  let quality: ConnectionQuality;
  beforeEach(() => {
    now = 0;
    lookUpMs = 0;
    calls = [];
    roundTrip = 500;
    const connected = (localPort: number): ReturnType<typeof socketRecord> => {
      const { localAddress, remoteAddress, remotePort } = endsOf({ protocol: 6 });
      return socketRecord({ protocol: 6, state: 1, localAddress, localPort, remoteAddress, remotePort: remotePort ?? 0, roundTripMicroseconds: roundTrip });
    };
    const diagnosis: SocketDiagnosis = {
      findSocket: ({ localPort }) => {
        calls.push('find');
        now += lookUpMs;
        return connected(localPort);
      },
      dumpSockets: (_, family) => {
        calls.push('dump');
        return family === 4 ? Array.from({ length: 100 }, (__, index) => connected(index + 1)) : [];
      },
    };
    quality = new ConnectionQuality({ diagnosis, monotonic: () => now });
  });

  const flows = (count: number, part: Parameters<typeof endsOf>[0] = {}): MovedFlow[] =>
    Array.from({ length: count }, (_, index) => ({ flow: flowId(index + 1), ends: endsOf({ protocol: 6, localPort: index + 1, ...part }) }));

  it("is what the connection's own socket says now", () => {
    quality.measure(flows(1));
    assert.equal(quality.roundTripOf(flowId(1)), 500);
    roundTrip = 900;
    now = 1000;
    quality.measure(flows(1));
    assert.equal(quality.roundTripOf(flowId(1)), 900);
  });

  it('is asked for in one dump where there are many connections', () => {
    quality.measure(flows(80));
    assert.deepEqual([calls, quality.roundTripOf(flowId(80))], [['dump', 'dump'], 500]);
  });

  it('is asked for less often where asking takes long, and the last answer stands', () => {
    lookUpMs = 10;
    quality.measure(flows(1));
    roundTrip = 900;
    now = 1000;
    quality.measure(flows(1));
    assert.deepEqual([calls.length, quality.roundTripOf(flowId(1))], [1, 500]);
    now = 2010;
    quality.measure(flows(1));
    assert.deepEqual([calls.length, quality.roundTripOf(flowId(1))], [2, 900]);
  });

  it('is not asked for what has no TCP socket here, and not known of what has ended or was never measured', () => {
    quality.measure([...flows(1, { protocol: 17 }), ...flows(1, { position: 'not-this-host' })]);
    assert.deepEqual(calls, []);
    roundTrip = 0;
    quality.measure(flows(1));
    assert.equal(quality.roundTripOf(flowId(1)), null);
    roundTrip = 5;
    now = 1;
    quality.measure(flows(1));
    quality.ended(flowId(1));
    assert.equal(quality.roundTripOf(flowId(1)), null);
  });

  it('is unknown where the kernel refuses to say', () => {
    const refuse = (): never => {
      throw Object.assign(new Error('no'), { code: 'EPERM' });
    };
    const refused = new ConnectionQuality({ diagnosis: { findSocket: refuse, dumpSockets: refuse }, monotonic: () => now });
    for (const count of [1, 80]) refused.measure(flows(count));
    assert.equal(refused.roundTripOf(flowId(1)), null);
  });
});
