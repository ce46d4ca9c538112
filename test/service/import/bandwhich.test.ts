import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { noCoverage } from '../../../core/view/index.ts';
import { defaultSettings } from '../../../core/settings/index.ts';
import type { Report, ReportRequest } from '../../../protocol/app.ts';
import { epochMs } from '../../../protocol/units.ts';
import { History, calendarOf } from '../../../service/history/index.ts';
import { archiveFiles, foundFiles, importBandwhichInto } from '../../../service/import/index.ts';
import type { ImportResult } from '../../../service/import/index.ts';
import { parseBandwhichLine } from '../../../service/import/bandwhich-line.ts';
import { refreshText } from './logs.ts';
import { readReport } from '../history/scene.ts';

/** A day long before any retention of fine tiers, and a recent one. */
const longAgo = Date.UTC(2024, 2, 5, 10) / 1000;

class Place implements Disposable {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-import-'));
  readonly historyPath = path.join(this.folder, 'history.sqlite');

  write(name: string, text: string): string {
    const file = path.join(this.folder, 'logs', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  import(places: readonly string[], range: { readonly from?: number; readonly to?: number } = {}): Promise<ImportResult> {
    const chosen = { ...(range.from === undefined ? {} : { from: epochMs(range.from) }), ...(range.to === undefined ? {} : { to: epochMs(range.to) }) };
    return importBandwhichInto(this.historyPath, foundFiles(places), { settings: defaultSettings, range: chosen, progress: () => undefined });
  }

  report(by: ReportRequest['by']): Report {
    return readReport(this.historyPath, { by }, epochMs(Date.now()));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

const bytes = ({ rows }: Report): Readonly<Record<string, readonly [number, number]>> =>
  Object.fromEntries(rows.map(({ key, rxBytes, txBytes }) => [key ?? '', [rxBytes, txBytes]]));

describe('a log of bandwhich', () => {
  it('is taken over by app, host, scope and interface', async () => {
    using place = new Place();
    place.write('2024-03-05.log', [
      refreshText({ second: longAgo, connections: [{ process: 'firefox', up: 10, down: 1000, remote: 'edge-7.example.org' }, { process: 'ssh', up: 5, down: 50, remote: '192.168.1.9', localPort: 40_001 }] }),
      refreshText({ second: longAgo + 1, connections: [{ process: 'firefox', up: 1, down: 100, remote: 'edge-7.example.org' }, { process: '<UNKNOWN>', up: 7, down: 0, remote: '2001:db8::5', interface: 'wlan0' }] }),
    ].join(''));
    const result = await place.import([path.join(place.folder, 'logs')]);
    assert.deepEqual([result.brokenLines, result.importedSeconds, result.rxBytes, result.txBytes], [0, 3, 1150, 23]);
    const report = place.report('app');
    assert.deepEqual(bytes(report), { 'name:firefox': [1100, 11], 'name:ssh': [50, 5], '': [0, 7] });
    assert.equal(report.rows.find(({ key }) => key === 'name:firefox')?.displayName, 'firefox');
    assert.equal(report.total.connections, 3);
    assert.deepEqual(bytes(place.report('domain'))['example.org'], [1100, 11]);
    assert.deepEqual(bytes(place.report('scope')), { internet: [1100, 18], lan: [50, 5] });
    assert.deepEqual(bytes(place.report('network')), { eth0: [1150, 16], wlan0: [0, 7] });
    assert.deepEqual(place.report('day').rows.map(({ key }) => key), ['2024-03-05']);
  });

  it('changes nothing when it is taken over again, alone, copied, or as a part of a longer one', async () => {
    using place = new Place();
    const seconds = Array.from({ length: 30 }, (_, index) => refreshText({ second: longAgo + index, connections: [{ process: 'curl', up: 1, down: 100 }] }));
    const first = place.write('a.log', seconds.slice(0, 20).join(''));
    assert.equal((await place.import([first])).importedSeconds, 20);
    const before = place.report('app');
    const again = await place.import([first, place.write('copy.log', seconds.slice(0, 20).join(''))]);
    assert.deepEqual([again.importedSeconds, again.knownSeconds, again.rxBytes], [0, 20, 0]);
    assert.deepEqual(place.report('app').rows, before.rows);
    const longer = await place.import([place.write('longer.log', seconds.join(''))]);
    assert.deepEqual([longer.importedSeconds, longer.knownSeconds], [10, 20]);
    assert.deepEqual(bytes(place.report('app')), { 'name:curl': [3000, 30] });
  });

  it('counts two refreshes of one second both', async () => {
    using place = new Place();
    const refresh = refreshText({ second: longAgo, connections: [{ process: 'curl', up: 1, down: 100 }] });
    assert.equal((await place.import([place.write('a.log', refresh + refresh)])).rxBytes, 200);
  });

  it('is taken over but for its broken lines, which are shown with file and line', async () => {
    using place = new Place();
    const good = refreshText({ second: longAgo, connections: [{ process: 'a "quoted" name', up: 1, down: 2 }] });
    const file = place.write('a.log', `${good}connection: <${longAgo}> <eth0>:70000 => a:1 (tcp) up/down Bps: 1/1 process: "x"\nnonsense \u001B[31m\nprocess: <12345\n${'x'.repeat(100_000)}\n`);
    const result = await place.import([file]);
    assert.equal(result.brokenLines, 4);
    assert.deepEqual(result.broken.map(({ file: where, line }) => [where, line]), [[file, 6], [file, 7], [file, 8], [file, 9]].map(([where, line]) => [where, Number(line)]));
    assert.ok(result.broken.every(({ text }) => text.length <= 80));
    assert.deepEqual(bytes(place.report('app')), { 'name:a "quoted" name': [2, 1] });
  });

  it('of processes alone is taken over by process', async () => {
    using place = new Place();
    const file = place.write('p.log', `Refreshing:\nprocess: <${longAgo}> "curl" up/down Bps: 3/4 connections: 2\n\n`);
    await place.import([file]);
    assert.deepEqual(bytes(place.report('app')), { 'name:curl': [4, 3] });
  });

  it('is taken over within a range only where one is given', async () => {
    using place = new Place();
    const file = place.write('a.log', [0, 1, 2].map((index) => refreshText({ second: longAgo + index, connections: [{ process: 'curl', up: 0, down: 10 ** index }] })).join(''));
    assert.equal((await place.import([file], { from: (longAgo + 1) * 1000, to: (longAgo + 2) * 1000 })).rxBytes, 10);
    assert.equal((await place.import([file])).rxBytes, 101, 'the rest later');
  });

  it('is left out where Tidewatch has measured itself', async () => {
    using place = new Place();
    const now = Date.now();
    const second = Math.floor(now / 1000) - 100;
    const history = new History({ path: place.historyPath, calendar: calendarOf(() => 'UTC'), now: epochMs(now), pid: process.pid });
    for (let after = 0; after < 50; after += 1) {
      if (after >= 20 && after < 30) continue;
      history.addCoverage({ from: epochMs((second + after) * 1000), to: epochMs((second + after + 1) * 1000), coverage: noCoverage });
    }
    history.addGap({ from: epochMs((second + 20) * 1000), to: epochMs((second + 30) * 1000), reason: 'service-down' });
    history.close(epochMs(now));
    const file = place.write('a.log', [-3600, 15, 25, 60].map((after) => refreshText({ second: second + after, connections: [{ process: 'curl', up: 0, down: 1 }] })).join(''));
    const { importedSeconds, measuredSeconds } = await place.import([file]);
    assert.deepEqual([importedSeconds, measuredSeconds], [3, 1]);
  });

  it('is kept compressed where that is wished, and stays where it is', async () => {
    using place = new Place();
    const file = place.write('a.log', 'Refreshing:\n<NO TRAFFIC>\n\n');
    assert.equal(await archiveFiles(foundFiles([file]), path.join(place.folder, 'kept')), 1);
    assert.equal(gunzipSync(readFileSync(path.join(place.folder, 'kept/a.log.gz'))).toString(), readFileSync(file, 'utf8'));
    await assert.rejects(archiveFiles(foundFiles([file]), '/proc/kept'), { code: 'report-unwritable' });
  });

  it('that is not there is named in one line', () => {
    assert.throws(() => foundFiles(['/nowhere/logs']), { code: 'file-unreadable', message: /^cannot read \/nowhere\/logs \(ENOENT\): / });
    using place = new Place();
    assert.throws(() => foundFiles([place.folder]), { message: /^there is no file in / });
  });

  it('never makes the reader throw, whatever a line holds', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string().map((text) => `connection: <1> <a>:1 => ${text} (tcp) up/down Bps: 1/2 process: "${text}"`)), (line) => {
      const parsed = parseBandwhichLine(line);
      assert.ok(parsed.kind !== 'connection' || (Number.isSafeInteger(parsed.upload) && parsed.remote.length <= 262));
    }));
  });
});
