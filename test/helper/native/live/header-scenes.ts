/** The scenes of `header-ring.test.ts`: `node header-scenes.ts NAME` plays one. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { readHeaderRecords } from '../../../../core/flow/header-records.ts';
import type { HeaderRecord } from '../../../../core/flow/header-records.ts';
import type { HeaderTap } from '../../../../helper/native/index.ts';
import { big16, bytes, ethernet, ipv4, ipv6, tcp, udp, zeros } from '../frames.ts';
import { joinInterfaces, sendAcross, until, watch } from './scene.ts';

/** A frame, and how long its headers are. */
interface Frame {
  readonly frame: Uint8Array;
  readonly headers: number;
}

/** Sends frames as they are: packet(7), which Node has no words for. */
const sender = `
import socket, sys
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind(('near', 0))
for line in sys.stdin:
    out.send(bytes.fromhex(line))
`;

function sendFrames(frames: readonly Frame[]): void {
  execFileSync('python3', ['-c', sender], { input: frames.map(({ frame }) => `${Buffer.from(frame).toString('hex')}\n`).join('') });
}

function tapOf({ capture }: ReturnType<typeof watch>): HeaderTap {
  assert.ok(capture.headers !== undefined);
  return capture.headers;
}

/** A TCP segment whose header has so many words of options. */
function tcpWith(words: number, payload: Uint8Array): Uint8Array {
  const segment = bytes(tcp({}).subarray(0, 20), zeros(words * 4), payload);
  segment[12] = (5 + words) << 4;
  return segment;
}

const payloads = fc.uint8Array({ minLength: 60, maxLength: 900 });

/** Transport headers and payload: the bytes, the protocol, and how many are headers. */
const transports = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 10 }), payloads).map(([words, payload]) => ({ protocol: 6, length: 20 + words * 4, content: tcpWith(words, payload) })),
  payloads.map((payload) => ({ protocol: 17, length: 8, content: udp(5000, 6000, payload) })),
  payloads.map((payload) => ({ protocol: 1, length: 8, content: bytes(8, 0, zeros(6), payload) })),
  // ESP, an unknown protocol, and a whole packet inside another: all that follows is payload.
  fc.tuple(fc.constantFrom(50, 200, 4), payloads).map(([protocol, payload]) => ({ protocol, length: 0, content: payload })),
);

const packets = fc.oneof(
  fc.tuple(transports, fc.integer({ min: 0, max: 10 })).map(([{ protocol, length, content }, words]) => ({
    frame: ethernet(0x0800, ipv4({ protocol, options: zeros(words * 4).fill(1) }, content)), headers: 14 + 20 + words * 4 + length,
  })),
  // Later fragments have no transport header, whatever their bytes look like.
  fc.tuple(transports, fc.integer({ min: 1, max: 100 })).map(([{ protocol, content }, offset]) => ({
    frame: ethernet(0x0800, ipv4({ protocol, id: offset, fragment: { offset: offset * 8, more: false } }, content)), headers: 14 + 20,
  })),
  fc.tuple(transports, fc.integer({ min: 0, max: 12 })).map(([{ protocol, length, content }, units]) => {
    const options = bytes(protocol, units, zeros(6 + units * 8));
    return { frame: ethernet(0x86dd, ipv6({ protocol: 60 }, bytes(options, content))), headers: 14 + 40 + 8 + units * 8 + length };
  }),
  transports.map(({ protocol, length, content }) => ({
    frame: ethernet(0x8100, bytes(big16(7), big16(0x0800), ipv4({ protocol }, content))), headers: 18 + 20 + length,
  })),
);

async function keepsHeadersOnly(): Promise<void> {
  joinInterfaces();
  const side = watch('far');
  const tap = tapOf(side);
  assert.equal(tap.linkType, 1);
  tap.keep({ bytes: 1 << 24, seconds: 60 });
  const frames = fc.sample(packets, { numRuns: 1000, seed: 42 });
  sendFrames(frames);
  let records: readonly HeaderRecord[] = [];
  // The kernel of the namespace says something of its own (MLD), which has no such addresses.
  const own = ({ headers }: HeaderRecord): boolean => frames.some(({ frame }) => Buffer.compare(frame.subarray(0, 12), headers.subarray(0, 12)) === 0);
  await until('all frames were kept', () => {
    records = [...readHeaderRecords(tap.held())].filter(own);
    return records.length === frames.length;
  });
  for (const [index, { headers, wireLength }] of records.entries()) {
    const sent = frames[index];
    assert.ok(sent !== undefined);
    assert.equal(wireLength, sent.frame.length);
    assert.deepEqual(Buffer.from(headers), Buffer.from(sent.frame.subarray(0, Math.min(128, sent.headers))), `frame ${index}`);
  }
  side.capture.close();
}

async function keepsNothingUnasked(): Promise<void> {
  joinInterfaces();
  const side = watch('far', { filter: 'udp dst portrange 9000-9001' });
  const tap = tapOf(side);
  await sendAcross(50, 100, 9000);
  await until('all are counted', () => {
    side.take();
    return side.records.reduce((sum, { packetsAb }) => sum + packetsAb, 0) >= 50;
  });
  assert.equal(tap.held().length, 0);
  tap.keep({ bytes: 1 << 20, seconds: 60 });
  await sendAcross(10, 100, 9001);
  await until('these are kept', () => [...readHeaderRecords(tap.held())].length === 10);
  side.take();
  const flow = side.records.find(({ ends }) => ends.bPort === 9001)?.flow;
  assert.deepEqual([...readHeaderRecords(tap.held())].map((record) => record.flow), Array.from({ length: 10 }, () => flow));
  tap.keep(null);
  assert.equal(tap.held().length, 0);
  side.capture.close();
}

async function givesEachOnce(): Promise<void> {
  joinInterfaces();
  const side = watch('far', { filter: 'udp dst portrange 9000-9001' });
  const tap = tapOf(side);
  const bound = 131_072;
  tap.keep({ bytes: bound, seconds: 60 });
  let taken = 0;
  for (let round = 0; round < 5; round += 1) {
    await sendAcross(100, 100, 9000);
    await until('the round is taken', () => {
      const { records, missed } = tap.fresh();
      assert.equal(missed, 0);
      taken += [...readHeaderRecords(records)].length;
      return taken === (round + 1) * 100;
    });
  }
  await sendAcross(5000, 10, 9001);
  let seen = 0;
  await until('all are counted', () => {
    side.take();
    seen = side.records.filter(({ ends }) => ends.bPort === 9001).reduce((sum, { packetsAb }) => sum + packetsAb, 0);
    return seen === 5000;
  });
  assert.ok(tap.held().length <= bound, 'bounded');
  const { records, missed } = tap.fresh();
  assert.ok(missed > 0, 'what gave way is counted');
  assert.equal([...readHeaderRecords(records)].length + missed, 5000);
  assert.deepEqual({ ...tap.fresh(), records: 0 }, { records: 0, missed: 0 });
  side.capture.close();
}

const scenes: Readonly<Record<string, () => Promise<void>>> = { keepsHeadersOnly, keepsNothingUnasked, givesEachOnce };

await scenes[process.argv[2] ?? '']?.();
