import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { canonicalAddress } from '../../core/flow/address.ts';
import { loadNative } from '../../helper/native/index.ts';
import type { FileSummary, FlowRecord } from '../../helper/native/index.ts';
import { defaultMaximumFileFlows } from '../../helper/native/limits.ts';
import { knownCaptures, pendingCaptures } from './captures.ts';
import type { KnownCapture, TrueFlow } from './captures.ts';

/** The truth's protocol names (tshark's); others are written `ip-NUMBER`. */
const protocolNames = new Map([
  [1, 'icmp'],
  [2, 'igmp'],
  [4, 'ipip'],
  [6, 'tcp'],
  [17, 'udp'],
  [41, '6in4'],
  [47, 'gre'],
  [58, 'icmpv6'],
  [115, 'l2tp'],
  [132, 'sctp'],
]);

interface Counts {
  readonly forth: readonly [bytes: number, packets: number];
  readonly back: readonly [bytes: number, packets: number];
}

function ends(protocol: string, a: string, aPort: number | null, b: string, bPort: number | null): string {
  return `${protocol} ${a} ${aPort ?? '-'} ${b} ${bPort ?? '-'}`;
}

function trueFlows(flows: readonly TrueFlow[]): Map<string, Counts> {
  return new Map(
    flows.map((flow) => [
      ends(flow.proto, canonicalAddress(flow.a) ?? flow.a, flow.a_port, canonicalAddress(flow.b) ?? flow.b, flow.b_port),
      { forth: [flow.bytes_ab, flow.packets_ab], back: [flow.bytes_ba, flow.packets_ba] },
    ]),
  );
}

function foundFlows(flows: readonly FlowRecord[]): Map<string, Counts> {
  return new Map(
    flows.map(({ ends: { protocol, a, aPort, b, bPort }, ...flow }) => [
      ends(protocolNames.get(protocol) ?? `ip-${protocol}`, a, aPort, b, bPort),
      { forth: [flow.bytesAb, flow.packetsAb], back: [flow.bytesBa, flow.packetsBa] },
    ]),
  );
}

function decode(capture: KnownCapture): FileSummary {
  using decoder = loadNative().createFileDecoder({ maximumFlows: defaultMaximumFileFlows, decapsulate: true });
  decoder.push(readFileSync(capture.path));
  return decoder.finish();
}

function innermost(flows: readonly FlowRecord[]): readonly FlowRecord[] {
  return flows.filter((flow) => flow.inner || !flow.tunnel);
}

function sorted(flows: Map<string, Counts>): [string, Counts][] {
  return [...flows].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

describe('every capture with a known truth', { skip: pendingCaptures }, () => {
  for (const capture of pendingCaptures === undefined ? knownCaptures() : []) {
    const { name, truth } = capture;

    it(`${name}: every packet is counted, and IP bytes are the sum over the flows`, () => {
      const { counters, flows } = decode(capture);
      const outer = flows.filter((flow) => !flow.inner);
      assert.equal(counters.packets, truth.packets);
      assert.equal(counters.bytes, outer.reduce((sum, flow) => sum + flow.bytesAb + flow.bytesBa, 0));
      assert.equal(
        counters.packets - counters.otherFrames,
        outer.reduce((sum, flow) => sum + flow.packetsAb + flow.packetsBa, 0),
      );
    });

    it(`${name}: IP bytes agree with the truth (${truth.grade})`, () => {
      const { counters } = decode(capture);
      if (truth.grade === 'no-crash') return;
      const doubtful = Object.values(truth.notes).reduce<number>((sum, count) => sum + Number(count), 0);
      const packets = counters.packets - counters.otherFrames;
      assert.ok(Math.abs(packets - truth.ip_packets) <= doubtful, `${packets} IP packets, ${truth.ip_packets} in truth`);
      // What one doubtful packet may claim is at most 64 KiB.
      assert.ok(
        Math.abs(counters.bytes - truth.ip_bytes) <= doubtful * 65_535,
        `${counters.bytes} IP bytes, ${truth.ip_bytes} in truth`,
      );
    });

    // Other grades hold flows that decoders read differently, since their headers are damaged.
    if (!truth.grade.startsWith('exact')) continue;

    it(`${name}: flows are those of the truth, byte for byte`, () => {
      const { flows } = decode(capture);
      assert.deepEqual(sorted(foundFlows(flows.filter((flow) => !flow.inner))), sorted(trueFlows(truth.flows)));
    });

    const inner = truth.flows_inner;
    if (inner === undefined) {
      it(`${name}: no packet is taken for a tunnel`, () => {
        assert.ok(decode(capture).flows.every((flow) => !flow.inner && !flow.tunnel));
      });
    } else {
      it(`${name}: the innermost flows are those of the truth, byte for byte`, () => {
        assert.deepEqual(sorted(foundFlows(innermost(decode(capture).flows))), sorted(trueFlows(inner)));
      });
    }
  }
});
