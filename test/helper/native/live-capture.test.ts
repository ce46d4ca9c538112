import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { loadNative } from '../../../helper/native/index.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('live/scenes.ts', import.meta.url));

function whyPending(): string | undefined {
  if (process.getuid?.() !== 0) return 'pending: live captures and network namespaces need root';
  const absent = ['/usr/bin/unshare', '/usr/bin/setpriv', '/usr/sbin/ip'].find((path) => !existsSync(path));
  return absent === undefined ? undefined : `pending: ${absent} is not installed`;
}

/** Plays a scene in a network namespace of its own, which ends with it. Fails with what the scene said. */
async function play(scene: string): Promise<void> {
  await run('unshare', ['--net', process.execPath, program, scene], { timeout: 60_000 });
}

/** What opening an interface with a filter says, with the capabilities that are left by `bounds` (setpriv(1)). */
async function opening(interfaceName: string, filter: string, bounds = '+all'): Promise<string> {
  const scene = [process.execPath, program, 'opening', interfaceName, filter];
  const { stdout } = await run('unshare', ['--net', 'setpriv', `--bounding-set=${bounds}`, ...scene]);
  return stdout;
}

describe('a live capture', { skip: whyPending(), concurrency: 1 }, () => {
  it('counts every packet once on each interface of a pair, and nothing on a third', () => play('countsEveryPacket'));

  it('has counters equal to the sum over its flows, with a table of eight flows too', () => play('sumsAreCounters'));

  it('sees only what its filter lets through', () => play('filterIsKept'));

  it('follows TCP connections: opening, first payloads, round-trip time, end, and a port that is used again', () =>
    play('followsConnections'));

  it('counts an ICMP error as a flow without ports', () => play('countsIcmp'));

  it('tells once when its interface vanishes, and keeps what it counted; another capture goes on', () =>
    play('vanishedInterfaceIsTold'));

  it('goes on when its interface was down and is up again', () => play('outlivesItsInterfaceBeingDown'));

  it('ends with the worker that opened it', () => play('endsWithItsWorker'));

  it('can be closed in the middle of traffic, twice, and is silent afterwards', () => play('closesWhileBusy'));

  it('leaves neither threads nor descriptors behind after fifty rounds', () => play('leavesNothingBehind'));

  it('does not keep the process from ending', () => play('endsWithCapturesOpen'));

  it('says why it cannot be opened, in a code and in libpcap\'s words', async () => {
    assert.match(await opening('nosuch0', ''), /^unknown-interface: No such device/u);
    assert.match(await opening('lo', 'tcp ort 80'), /^bad-filter: .*syntax error/u);
    assert.match(await opening('lo', '', '-net_raw'), /^no-capture-rights: .*permission/iu);
  });

  it('refuses options that make no sense', () => {
    const options = { interface: 'lo', filter: '', promiscuous: false, snapLength: 2048, ringBytes: 1 << 20, maximumFlows: 16, clueQueueBytes: 0 };
    const events = { clues: (): void => undefined, failed: (): void => undefined };
    for (const wrong of [{ snapLength: 10 }, { maximumFlows: 0 }, { ringBytes: -1 }, { maximumFlows: 1.5 }, { ringBytes: Number.NaN }]) {
      assert.throws(() => loadNative().openCapture({ ...options, ...wrong }, events), RangeError);
    }
  });
});
