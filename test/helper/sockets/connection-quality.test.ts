import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { SocketDiagnosis } from '../../../helper/sockets/diag-source.ts';
import { ConnectionQuality } from '../../../helper/sockets/connection-quality.ts';
import type { MovedFlow } from '../../../helper/sockets/connection-quality.ts';
import type { EndedSocket } from '../../../helper/native/process-events/index.ts';
import { flowId } from '../../../protocol/flow.ts';
import { endsOf } from '../support/ends.ts';
import { socketRecord } from '../support/records.ts';

describe('how live connections go', () => {
  let now: number;
  let lookUpMs: number;
  let calls: string[];
  let roundTrip: number;
  let retransmits: number;
  let ended: EndedSocket[];
  let quality: ConnectionQuality;
  beforeEach(() => {
    now = 0;
    lookUpMs = 0;
    calls = [];
    roundTrip = 500;
    retransmits = 0;
    ended = [];
    const connected = (localPort: number): ReturnType<typeof socketRecord> => {
      const { localAddress, remoteAddress, remotePort } = endsOf({ protocol: 6 });
      return socketRecord({ protocol: 6, state: 1, localAddress, localPort, remoteAddress, remotePort: remotePort ?? 0, roundTripMicroseconds: roundTrip, congestionWindow: 10, retransmits });
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
    quality = new ConnectionQuality({ diagnosis, monotonic: () => now, takeEnded: () => ended.splice(0) });
  });

  const flows = (count: number, part: Parameters<typeof endsOf>[0] = {}, life: Partial<MovedFlow> = {}): MovedFlow[] =>
    Array.from({ length: count }, (_, index) => ({
      flow: flowId(index + 1), ends: endsOf({ protocol: 6, localPort: index + 1, ...part }), opened: false, closed: false, ...life,
    }));

  /** The kernel's last word on the socket of the first flow. */
  const lastWord = (part: Partial<EndedSocket> = {}): EndedSocket => {
    const { localAddress, remoteAddress, remotePort } = endsOf({ protocol: 6 });
    return {
      family: 4, protocol: 6, localAddress, localPort: 1, remoteAddress, remotePort: remotePort ?? 0, cookie: '1',
      roundTripMicroseconds: 700, retransmits: 3, congestionWindow: 20, ...part,
    };
  };

  it("is what each connection's own socket says now", () => {
    quality.measure(flows(1));
    assert.deepEqual([quality.roundTripOf(flowId(1)), quality.congestionWindowOf(flowId(1))], [500, 10]);
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

  it("is the kernel's last word where a connection began and ended between two rounds", () => {
    ended = [lastWord()];
    quality.measure(flows(1, {}, { opened: true, closed: true }));
    assert.deepEqual([calls, quality.roundTripOf(flowId(1)), quality.congestionWindowOf(flowId(1))], [[], 700, 20]);
    assert.equal(quality.retransmitsOf(flowId(1), 1, 50), 3, 'packets showed one of three');
  });

  it('is the last word, too, where the socket is gone and the last packets are still to come', () => {
    roundTrip = 0;
    ended = [lastWord()];
    quality.measure([]);
    now = 1000;
    quality.measure(flows(1));
    assert.equal(quality.roundTripOf(flowId(1)), 700);
  });

  it('is not taken from a socket that had the same ends long ago, nor from one that is no TCP socket', () => {
    roundTrip = 0;
    ended = [lastWord(), lastWord({ localPort: 2, protocol: 17 })];
    quality.measure([]);
    now = 6000;
    quality.measure(flows(2));
    assert.deepEqual([quality.roundTripOf(flowId(1)), quality.roundTripOf(flowId(2))], [null, null]);
  });

  it('tells each segment that was sent again once, by whichever account knows more, and none from before', () => {
    retransmits = 40;
    quality.measure(flows(1));
    assert.equal(quality.retransmitsOf(flowId(1), 2, 100), 2, 'forty were sent again before anybody looked');
    retransmits = 45;
    now = 1000;
    quality.measure(flows(1));
    assert.equal(quality.retransmitsOf(flowId(1), 1, 100), 3, 'five by now, two of them told');
    assert.equal(quality.retransmitsOf(flowId(1), 0, 100), 0);
    assert.equal(quality.retransmitsOf(flowId(1), 4, 100), 2, 'seven were seen by now');
    retransmits = 400;
    now = 2000;
    quality.measure(flows(1));
    assert.equal(quality.retransmitsOf(flowId(1), 0, 100), 100, 'no more than packets crossed');
    assert.equal(quality.retransmitsOf(flowId(2), 5, 100), 5, 'without a socket, what was seen');
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
