import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { names } from './harness/dnsmasq.ts';
import { curl, openLaboratory } from './harness/laboratory.ts';
import type { Laboratory } from './harness/laboratory.ts';
import { linkName, peerAddresses } from './harness/namespace.ts';
import { describeOutcome } from './harness/program.ts';
import type { Program } from './harness/program.ts';
import { missingPrograms, scenarioOptions } from './harness/requirements.ts';
import { install, runTidewatch, startTidewatch } from './harness/tidewatch.ts';
import type { Installation } from './harness/tidewatch.ts';
import { until } from './harness/until.ts';

const ethernetBytes = 14;

interface Packet {
  readonly captured: number;
  readonly length: number;
  /** Of the IPv4 and TCP headers; null for other packets. */
  readonly headers: number | null;
  readonly payload: boolean;
  readonly comment: string;
}

const Summary = z.object({ file: z.string(), packets: z.number(), missed: z.number(), bytes: z.number(), reason: z.string() });

function readSummary(text: string): z.infer<typeof Summary> {
  return Summary.parse(JSON.parse(text));
}

describe('recordings of real traffic', { ...scenarioOptions(240_000), skip: scenarioOptions(0).skip || (missingPrograms(['tshark']) ?? false) }, () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory();
  });
  after(() => laboratory[Symbol.dispose]());

  /** The file as tshark reads it. */
  async function packetsIn(file: string): Promise<readonly Packet[]> {
    const fields = ['frame.cap_len', 'frame.len', 'ip.hdr_len', 'tcp.hdr_len', 'tcp.payload', 'frame.comment'];
    const outcome = await laboratory.network.client.run('tshark', ['-n', '-r', file, '-T', 'fields', '-E', 'occurrence=f', ...fields.flatMap((field) => ['-e', field])]);
    assert.equal(outcome.code, 0, describeOutcome(outcome));
    assert.doesNotMatch(outcome.stderr, /damaged|cut short|corrupt/u);
    return outcome.stdout.split('\n').filter((line) => line !== '').map((line) => {
      const [captured, length, ip, tcp, payload, comment] = line.split('\t');
      const headers = ip === '' || tcp === '' ? null : Number(ip) + Number(tcp);
      return { captured: Number(captured), length: Number(length), headers, payload: payload !== '', comment: comment ?? '' };
    });
  }

  /** Not a byte behind the headers is in the file, while packets had some. */
  function assertHeadersOnly(packets: readonly Packet[]): void {
    for (const { captured, headers, payload } of packets) {
      assert.ok(captured <= 128, `${captured} bytes of a packet`);
      if (headers !== null) assert.equal(captured, Math.min(128, ethernetBytes + headers));
      assert.equal(payload, false);
    }
    assert.ok(packets.some(({ captured, length }) => length > captured + 500), 'packets had payload');
  }

  async function serve(installation: Installation): Promise<Program> {
    const service = startTidewatch(installation, ['serve', '--interface', linkName]);
    await until('the service to measure', 30_000, () => {
      if (!service.running) throw new Error(`serve ended: ${service.stderr}`);
      return service.stdout.includes('measures');
    });
    return service;
  }

  function settingsOf(installation: Installation, settings: object): void {
    mkdirSync(`${installation.folder}/.config/tidewatch`, { recursive: true });
    writeFileSync(`${installation.folder}/.config/tidewatch/settings.json`, JSON.stringify(settings));
  }

  async function iperf(seconds: number): Promise<void> {
    const outcome = await laboratory.network.client.run('iperf3', ['--client', peerAddresses.com, '--bitrate', '40M', '--time', String(seconds)]);
    assert.equal(outcome.code, 0, describeOutcome(outcome));
  }

  const spikes = { firstSeen: false, spikeBytesPerSecond: 1_000_000, spikeSeconds: 2 };

  it('a spike leaves a file with the app of each packet as its comment, and no payload', async () => {
    const installation = install(laboratory.network);
    settingsOf(installation, { recorder: { enabled: true, ringMegabytes: 4 }, alerts: spikes });
    const service = await serve(installation);
    const folder = `${installation.folder}/recordings`;
    try {
      await delay(1500);
      await iperf(6);
      const name = await until('the file', 20_000, () => {
        try {
          return readdirSync(folder).find((each) => each.endsWith('.pcapng')) ?? null;
        } catch {
          return null;
        }
      });
      assert.match(name, /^spike-\d{8}-\d{6}-alert-\d+\.pcapng$/u);
      const packets = await packetsIn(`${folder}/${name}`);
      assertHeadersOnly(packets);
      const named = packets.filter(({ comment }) => /^app=\S*\/iperf3 domain=/u.test(comment));
      assert.ok(named.length > packets.length / 2, `${named.length} of ${packets.length} packets are iperf3's: ${packets[0]?.comment}`);
      assert.equal(statSync(`${folder}/${name}`).mode & 0o777, 0o600);
    } finally {
      service.kill('SIGTERM');
      await service.ended;
    }
  });

  it('`record` writes what it measures itself, with app and host, and says so', async () => {
    const installation = install(laboratory.network);
    const file = `${installation.folder}/own.pcapng`;
    const running = startTidewatch(installation, ['record', file, '--json', '--interface', linkName]);
    await until('the helper to capture', 30_000, () => running.stderr !== '' || readdirSync(installation.folder).includes('service.sock') || null);
    await delay(2500);
    await curl(laboratory, [`http://${names.com}/large`]);
    await delay(1500);
    running.kill('SIGINT');
    const outcome = await running.ended;
    assert.equal(outcome.code, 0, describeOutcome(outcome));
    const summary = readSummary(outcome.stdout);
    assert.deepEqual({ ...summary, packets: 0 }, { file, packets: 0, missed: 0, bytes: statSync(file).size, reason: 'asked' });
    const packets = await packetsIn(file);
    assert.equal(packets.length, summary.packets);
    assertHeadersOnly(packets);
    assert.ok(packets.some(({ comment }) => comment.endsWith(`/curl domain=${names.com}`)), `comments: ${[...new Set(packets.map(({ comment }) => comment))].join('; ')}`);
  });

  it('`record` takes from a running service no more than was allowed, and leaves out what is withheld', async () => {
    const installation = install(laboratory.network);
    settingsOf(installation, { history: { excludedDomains: [names.net] }, alerts: { firstSeen: false } });
    const service = await serve(installation);
    const file = `${installation.folder}/full.pcapng`;
    try {
      const running = startTidewatch(installation, ['record', file, '--json', '--max-size', '60k', '--duration', '60']);
      await delay(2000);
      await curl(laboratory, [`http://${names.net}/large`]);
      await curl(laboratory, [`http://${names.com}/large`]);
      await iperf(3);
      const outcome = await running.ended;
      assert.equal(outcome.code, 0, describeOutcome(outcome));
      assert.equal(readSummary(outcome.stdout).reason, 'full');
      assert.ok(statSync(file).size <= 60_000 && statSync(file).size > 55_000, `${statSync(file).size} bytes`);
      const packets = await packetsIn(file);
      assertHeadersOnly(packets);
      assert.ok(packets.every(({ comment }) => comment !== '' && !comment.includes(names.net)));
      const toWithheld = await laboratory.network.client.run('tshark', ['-n', '-r', file, '-Y', `ip.addr == ${peerAddresses.net}`]);
      assert.equal(toWithheld.stdout, '', 'not one packet of what is withheld');
      const refused = await runTidewatch(installation, ['record', `${installation.folder}/no/such/folder.pcapng`, '--duration', '1']);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /^tidewatch: cannot write [^\n]*\(ENOENT\)[^\n]*\n?$/u);
    } finally {
      service.kill('SIGTERM');
      await service.ended;
    }
  });
});
