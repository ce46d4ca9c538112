import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CountedCaptures } from '../../../helper/limited/counted-captures.ts';
import { readInterfaceTotals } from '../../../helper/limited/interface-totals.ts';
import type { InterfaceTotals } from '../../../helper/limited/interface-totals.ts';
import type { Capture, SocketRecord } from '../../../helper/native/index.ts';
import { epochMs } from '../../../protocol/units.ts';
import { socketRecord } from '../support/records.ts';

const options = { interface: 'wan0', filter: '', promiscuous: false, snapLength: 0, ringBytes: 0, maximumFlows: 0, clueQueueBytes: 0 };
const silent = { clues: () => undefined, failed: () => undefined };

/** A machine with one interface and some connections, all of whose counters the test sets. */
class Machine {
  totals: InterfaceTotals = { rxBytes: 0, rxPackets: 0, txBytes: 0, txPackets: 0 };
  sockets: SocketRecord[] = [];
  /** How often all sockets were listed. */
  readings = 0;
  readonly captures = new CountedCaptures({
    listSockets: (family) => {
      if (family === 6) return [];
      this.readings += 1;
      return this.sockets;
    },
    addresses: () => ({ byInterface: new Map([['wan0', ['192.0.2.1']]]), isLocal: (address) => address === '192.0.2.1' }),
    now: () => epochMs(1000),
    totals: () => new Map([['wan0', this.totals]]),
    linkHeader: () => 14,
  });

  open(): Capture {
    return this.captures.openCapture(options, silent);
  }

  /** Frames that cross the interface, of `bytes` IP bytes together. */
  receive(bytes: number, packets: number): void {
    this.totals = { ...this.totals, rxBytes: this.totals.rxBytes + bytes + 14 * packets, rxPackets: this.totals.rxPackets + packets };
  }
}

function connection(cookie: string, bytesReceived: number, state = 1): SocketRecord {
  const ends = { localAddress: '192.0.2.1', localPort: 40_000, remoteAddress: '198.51.100.1', remotePort: 443 };
  return socketRecord({ protocol: 6, state, cookie, ...ends, bytesReceived, segmentsReceived: Math.ceil(bytesReceived / 1000) });
}

describe('Counting without the right to capture', () => {
  it('tells a connection by its own counters, and the rest of the interface as one sum', () => {
    const machine = new Machine();
    const capture = machine.open();
    machine.receive(5200, 5);
    machine.sockets = [connection('7', 3000)];
    const { flows, counters } = capture.drain();
    const own = flows.find(({ folded }) => !folded);
    const rest = flows.find(({ folded }) => folded);
    assert.equal(own?.bytesBa, 3000);
    assert.equal(own?.ends.b, '198.51.100.1');
    assert.ok(own?.opened);
    assert.equal(rest?.bytesBa, 2200);
    assert.equal(counters.bytes, 5200);
  });

  it('does not count what a connection had moved before', () => {
    const machine = new Machine();
    machine.sockets = [connection('7', 9000)];
    const capture = machine.open();
    machine.sockets = [connection('7', 9500)];
    machine.receive(600, 1);
    assert.equal(capture.drain().flows.find(({ folded }) => !folded)?.bytesBa, 500);
  });

  it('ends a flow with its socket, also where a shadow of it stays', () => {
    const machine = new Machine();
    const capture = machine.open();
    machine.sockets = [connection('7', 3000)];
    capture.drain();
    const timeWait = 6;
    machine.sockets = [connection('7', 0, timeWait)];
    const { flows, counters } = capture.drain();
    assert.deepEqual(flows.map(({ closed, bytesBa }) => ({ closed, bytesBa })), [{ closed: true, bytesBa: 0 }]);
    assert.equal(counters.bytes, 0);
  });

  it('never tells more altogether than crossed the interface, whoever counts first', () => {
    const second = fc.record({ crossed: fc.nat(10_000), ahead: fc.nat(5000) });
    fc.assert(
      fc.property(fc.array(second, { maxLength: 20 }), (seconds) => {
        const machine = new Machine();
        const capture = machine.open();
        let crossed = 0;
        let received = 0;
        let told = 0;
        for (const { crossed: bytes, ahead } of [...seconds, { crossed: 5000, ahead: 0 }]) {
          machine.receive(bytes, 1);
          crossed += bytes;
          // The socket may have counted what the interface will count a moment later.
          received = Math.max(received, Math.min(received + bytes, crossed) + ahead);
          machine.sockets = [connection('7', received)];
          const { flows, counters } = capture.drain();
          const sum = flows.reduce((all, flow) => all + flow.bytesBa + flow.bytesAb, 0);
          assert.equal(counters.bytes, sum, 'what is told is the sum of its flows');
          told += sum;
        }
        assert.equal(told, Math.max(crossed, received), 'nothing is told twice, and nothing is lost');
      }),
    );
  });

  it('keeps what was counted until it is closed', () => {
    const machine = new Machine();
    const capture = machine.open();
    machine.receive(700, 1);
    capture.close();
    assert.equal(capture.drain().counters.bytes, 700);
  });

  it('reads the sockets once for all interfaces that are drained together', () => {
    const machine = new Machine();
    const captures = [machine.open(), machine.captures.openCapture({ ...options, interface: 'lan0' }, silent)];
    const before = machine.readings;
    for (let second = 1; second <= 3; second += 1) {
      machine.receive(700, 1);
      machine.sockets = [connection('7', 500 * second)];
      const drained = captures.map((capture) => capture.drain());
      assert.equal(drained[0]?.flows.find(({ folded }) => !folded)?.bytesBa, 500);
      assert.equal(machine.readings - before, second);
    }
  });

  it('refuses a filter, which it could not keep to', () => {
    const machine = new Machine();
    assert.throws(() => machine.captures.openCapture({ ...options, filter: 'port 53' }, silent), { code: 'bad-filter' });
  });

  it('reads the counters of every interface there is', () => {
    const all = readInterfaceTotals();
    assert.ok(all.has('lo'), [...all.keys()].join(' '));
    assert.ok([...all.values()].every(({ rxBytes, txPackets }) => rxBytes >= 0 && txPackets >= 0));
  });
});
