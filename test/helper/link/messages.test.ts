import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HelperLine, maximumLineBytes } from '../../../protocol/helper.ts';
import type { HttpHostSum } from '../../../protocol/http.ts';
import { epochMs } from '../../../protocol/units.ts';
import type { Delivery } from '../../../helper/link/backlog.ts';
import { messagesOf, nothingTold } from '../../../helper/link/messages.ts';
import { delta, interval } from '../support/deltas.ts';
import { described } from '../support/records.ts';

const empty: Delivery = { processes: [], names: [], flows: [], http: [], interfaces: [], seconds: 1, foldedFlows: 0 };

function messages(delivery: Partial<Delivery>, told = nothingTold()): readonly HelperLine[] {
  return [...messagesOf({ ...empty, ...delivery }, { time: epochMs(1000), paused: false, told })];
}

describe('the messages of a delivery', () => {
  it('describe processes before the flows that name them, and close with one tick', () => {
    const found = messages({ processes: [described(10)], flows: [delta(1)], interfaces: [interval('eth0')] });
    assert.deepEqual(found.map(({ kind }) => kind), ['processes', 'flows', 'tick']);
    for (const message of found) assert.deepEqual(HelperLine.parse(message), message);
  });

  it('tell what plain HTTP was asked for before the tick, in lines of bounded length', () => {
    const section = (number: number): string => `/${'"'.repeat(60)}${number}`;
    const many = (keys: readonly string[]): Record<string, number> => Object.fromEntries(keys.map((key) => [key, 1e12]));
    const sections = many(Array.from({ length: 33 }, (_, number) => section(number)));
    const statuses = many(Array.from({ length: 16 }, (_, number) => String(400 + number)));
    const longest: HttpHostSum = { host: 'x'.repeat(253), requests: 33e12, responses: 16e12, methods: { GET: 33e12 }, sections, statuses };
    const found = messages({ names: [], flows: [delta(1)], http: Array.from({ length: 150 }, () => longest) });
    assert.deepEqual(found.map(({ kind }) => kind), ['flows', 'http', 'http', 'http', 'tick']);
    for (const message of found) {
      assert.deepEqual(HelperLine.parse(message), message);
      assert.ok(Buffer.byteLength(JSON.stringify(message)) < maximumLineBytes / 2);
    }
  });

  it('are only a tick where nothing happened', () => {
    assert.deepEqual(messages({}).map(({ kind }) => kind), ['tick']);
  });

  it('hold a bounded number of flows each', () => {
    const flows = Array.from({ length: 2500 }, (_, index) => delta(index));
    const sizes = messages({ flows }).flatMap((message) => (message.kind === 'flows' ? [message.flows.length] : []));
    assert.deepEqual(sizes, [800, 800, 800, 100]);
  });

  it('stay below half of the longest line with the longest flows, and below it with the longest processes', () => {
    const address = '2001:db8:1111:2222:3333:4444:5555:6666';
    const key = { interface: 'enp0s31f6aaaaaa', protocol: 255, localAddress: address, localPort: 65_535, remoteAddress: address, remotePort: 65_535 };
    const last = Number.MAX_SAFE_INTEGER;
    const [bytes, packets] = [last, last];
    const [firstSeen, lastSeen] = [epochMs(1_795_166_861_952.3992), epochMs(1_795_166_861_952.3992)];
    const owner = { certainty: 'inferred', process: described(4_194_304, 'x', 99_999_999_999).key, reason: 'wildcard-socket' } as const;
    const longest = { key, rxBytes: bytes, txBytes: bytes, rxPackets: packets, txPackets: packets, retransmits: packets, roundTripMicroseconds: 999_999_999, firstSeen, lastSeen, owner };
    const flows = Array.from({ length: 1000 }, (_, index) => delta(last - index, longest));
    const wide = { ...described(1), executable: '€'.repeat(4096), controlGroup: '€'.repeat(1024), commandLine: Array.from({ length: 16 }, () => '€'.repeat(256)) };
    const processes = Array.from({ length: 100 }, (_, index) => ({ ...wide, key: described(index + 1).key }));
    for (const message of messages({ flows, processes })) {
      const length = Buffer.byteLength(JSON.stringify(message));
      assert.ok(length < (message.kind === 'flows' ? maximumLineBytes / 2 : maximumLineBytes), `${message.kind}: ${length}`);
    }
  });

  it('describe a process once for each connection, and again when it has become another program', () => {
    const told = nothingTold();
    const shell = described(10, '/usr/bin/bash');
    const kinds = [[shell], [shell], [described(10, '/usr/bin/curl')]].map((processes) => messages({ processes }, told).map(({ kind }) => kind));
    assert.deepEqual(kinds, [['processes', 'tick'], ['tick'], ['processes', 'tick']]);
    assert.deepEqual(messages({ processes: [shell] }).map(({ kind }) => kind), ['processes', 'tick']);
  });
});
