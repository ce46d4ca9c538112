import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { defaultSettings } from '../../../core/settings/index.ts';
import { headerRecordPieces, readHeaderRecords } from '../../../core/flow/header-records.ts';
import type { HeaderRecord } from '../../../core/flow/header-records.ts';
import { flowId } from '../../../protocol/flow.ts';
import type { HeaderRecording, HelperCommand, PacketHeaders } from '../../../protocol/helper.ts';
import { epochMs } from '../../../protocol/units.ts';
import { createLog } from '../../../service/log.ts';
import { CappedFile } from '../../../service/recording/capped-file.ts';
import { FlowLabels } from '../../../service/recording/flow-labels.ts';
import { keepFile } from '../../../service/recording/kept-files.ts';
import { Recordings } from '../../../service/recording/recordings.ts';
import { ServiceError } from '../../../service/service-error.ts';
import { spike } from '../app-contract.ts';
import { DrivenClock } from '../driven-clock.ts';

const dayMs = 86_400_000;

/** Records as the addon writes them. */
function recordsOf(flows: readonly number[], { seconds = 100, length = 54 } = {}): Buffer {
  return Buffer.concat(flows.map((flow) => {
    const record = Buffer.alloc((24 + length + 7) & ~7);
    record.writeDoubleLE(flow, 0);
    record.writeUInt32LE(seconds, 8);
    record.writeUInt32LE(1500, 16);
    record.writeUInt16LE(length, 20);
    record.writeUInt16LE(record.length, 22);
    return record;
  }));
}

function headersOf(use: 'ring' | 'stream', flows: readonly number[], missed = 0): PacketHeaders {
  return { kind: 'headers', use, interface: 'eth0', linkType: 1, records: recordsOf(flows).toString('base64'), missed };
}

/** Lengths of the blocks of a capture file, by type. */
function blocksIn(bytes: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) {
    types.push(bytes.readUInt32LE(at));
    assert.equal(bytes.readUInt32LE(at + bytes.readUInt32LE(at + 4) - 4), bytes.readUInt32LE(at + 4), 'the length stands at both ends');
  }
  return types;
}

/** Recordings between a helper that only notes what it is told and a service that knows no names. */
class Stage {
  readonly commands: HelperCommand[] = [];
  readonly clock = new DrivenClock(1_000_000);
  readonly labels = new FlowLabels(() => ({ mayNameApp: () => true, mayNameHost: () => true }));
  readonly recordings: Recordings;
  enabled = true;
  open = true;

  constructor(folder: string) {
    this.recordings = new Recordings({
      clock: this.clock,
      log: createLog('silent'),
      labels: this.labels,
      settings: () => ({ ...defaultSettings.recorder, enabled: this.enabled, folder, maximumMegabytes: 1 }),
      isOpen: () => this.open,
      mayTell: () => this.open,
      usualFolder: '/nowhere',
    });
    this.recordings.connected((command) => this.commands.push(command));
  }

  asked(): HeaderRecording | undefined {
    return this.commands.flatMap((command) => (command.kind === 'record' ? [command.recording] : [])).at(-1);
  }

  second(): void {
    this.recordings.interval({ time: epochMs(1), intervalSeconds: 1, paused: false, flows: [], http: [], interfaces: [] });
  }
}

describe('recordings of packet headers', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-recordings-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are cut into messages at whole records, and damaged ones are refused', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 128 }), { maxLength: 50 }), fc.integer({ min: 1, max: 2000 }), (lengths, most) => {
      const all = Buffer.concat(lengths.map((length, index) => recordsOf([index], { length })));
      const read = [...headerRecordPieces(all, most)].flatMap((piece): readonly HeaderRecord[] => [...readHeaderRecords(piece)]);
      assert.deepEqual(read.map(({ flow, headers }) => [flow, headers.length]), lengths.map((length, index) => [index, length]));
    }));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        for (const { headers } of readHeaderRecords(bytes)) assert.ok(headers.length <= bytes.length);
      } catch (error) {
        assert.ok(error instanceof RangeError || (error instanceof Error && error.name === 'Error'), String(error));
      }
    }));
  });

  it('are asked for only while they are wanted, and never in the private mode', () => {
    const stage = new Stage(folder);
    assert.deepEqual(stage.asked(), { ring: { seconds: 60, bytes: 16 * 1_048_576 }, stream: false });
    stage.open = false;
    stage.recordings.update();
    assert.deepEqual(stage.asked(), { ring: null, stream: false });
    stage.enabled = false;
    stage.open = true;
    stage.recordings.update();
    assert.deepEqual(stage.asked(), { ring: null, stream: false });
    assert.equal(stage.commands.length, 2);
    stage.recordings.begin();
    assert.deepEqual(stage.asked(), { ring: null, stream: true });
  });

  it('become a file when a spike is alerted: once, named after it, bounded', () => {
    const stage = new Stage(folder);
    stage.recordings.alerted({ ...spike, kind: 'volume' });
    stage.recordings.alerted(spike);
    stage.recordings.alerted(spike);
    assert.deepEqual(stage.commands.filter(({ kind }) => kind === 'freeze').length, 1);
    for (let message = 0; message < 20; message += 1) stage.recordings.take(headersOf('ring', Array.from({ length: 1000 }, (_, flow) => flow + 1)));
    stage.recordings.take({ kind: 'frozen' });
    const names = readdirSync(folder).filter((name) => name.endsWith('.pcapng'));
    assert.deepEqual(names, ['spike-19700101-000000-alert-3.pcapng']);
    const bytes = readFileSync(path.join(folder, names[0] ?? ''));
    assert.ok(bytes.length <= 1_000_000 && bytes.length > 990_000, `${bytes.length} bytes`);
    assert.deepEqual(blocksIn(bytes).slice(0, 3), [0x0a0d0d0a, 1, 6]);
    assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('.recording')), [], 'nothing is left beside it');
    stage.recordings.alerted(spike);
    assert.deepEqual(stage.commands.filter(({ kind }) => kind === 'freeze').length, 1);
  });

  it('of a client wait for their names, end with their client, and are one at a time', async () => {
    const stage = new Stage(folder);
    stage.enabled = false;
    const ended = new AbortController();
    const id = stage.recordings.begin(ended.signal);
    assert.throws(() => stage.recordings.begin(), ServiceError);
    stage.recordings.take(headersOf('stream', [1, 2, 3], 7));
    const first = stage.recordings.piece(id);
    assert.deepEqual({ packets: first.packets, missed: first.missed, more: first.more }, { packets: 0, missed: 7, more: false });
    stage.second();
    stage.second();
    assert.equal(stage.recordings.piece(id).packets, 3);
    stage.recordings.take(headersOf('stream', [4]));
    const end = stage.recordings.end(id);
    assert.deepEqual(stage.asked(), { ring: null, stream: false });
    stage.recordings.take({ kind: 'recording', recording: { ring: null, stream: false } });
    stage.second();
    stage.second();
    await end;
    assert.equal(stage.recordings.piece(id).packets, 1);
    assert.throws(() => stage.recordings.piece(id), ServiceError, 'gone with its last piece');
    const other = stage.recordings.begin(ended.signal);
    ended.abort();
    assert.throws(() => stage.recordings.piece(other), ServiceError);
    stage.recordings[Symbol.dispose]();
  });

  it('name nothing that is withheld', () => {
    const withheld = new FlowLabels(() => ({ mayNameApp: () => true, mayNameHost: () => true, someApp: true }));
    assert.equal(withheld.commentOf(flowId(1)), null, 'whose it is nobody knows: it may be a withheld app');
    const open = new FlowLabels(() => ({ mayNameApp: () => true, mayNameHost: () => true }));
    assert.equal(open.commentOf(flowId(1)), 'app=? domain=?');
  });

  it('give way to newer ones, and whatever somebody else wrote or changed stays', () => {
    const place = mkdtempSync(path.join(folder, 'kept-'));
    const write = (stem: string, now: number): readonly string[] => {
      using file = new CappedFile(place, 1000);
      file.write(Buffer.alloc(400));
      assert.equal(file.write(Buffer.alloc(700)), false);
      const name = file.finish(stem, 'pcapng');
      return keepFile(place, name, { days: 3, bytes: 1000, now: epochMs(now) });
    };
    writeFileSync(path.join(place, 'mine.pcapng'), 'mine');
    assert.deepEqual(write('a', 1 * dayMs), []);
    assert.deepEqual(write('b', 2 * dayMs), []);
    assert.deepEqual(write('c', 3 * dayMs), ['a.pcapng']);
    appendFileSync(path.join(place, 'b.pcapng'), 'a note');
    assert.deepEqual(write('d', 30 * dayMs), ['c.pcapng']);
    assert.deepEqual(readdirSync(place).filter((name) => name.endsWith('.pcapng')).toSorted(), ['b.pcapng', 'd.pcapng', 'mine.pcapng']);
    assert.ok(!existsSync(path.join(place, 'a.pcapng')));
  });
});
