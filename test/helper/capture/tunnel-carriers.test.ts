import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SeenInterface } from '../../../helper/capture/interfaces.ts';
import { TunnelCarriers } from '../../../helper/capture/tunnel-carriers.ts';
import type { TunnelCarrier } from '../../../protocol/helper.ts';
import { FakeSysfs } from '../support/fake-sysfs.ts';

describe('what carries a tunnel', () => {
  let proc: string;
  let sysfs: FakeSysfs;
  let carriers: TunnelCarriers;
  beforeEach(() => {
    proc = mkdtempSync(path.join(tmpdir(), 'tw-carriers-'));
    sysfs = new FakeSysfs();
    carriers = new TunnelCarriers({ classNet: sysfs.classNet, proc });
  });
  afterEach(() => {
    rmSync(proc, { recursive: true });
    sysfs[Symbol.dispose]();
  });

  function tunnel(part: Partial<SeenInterface> = {}): SeenInterface {
    return { name: 'tun0', index: 7, kind: 'tunnel', bond: false, up: true, master: null, stacked: false, addresses: [], edge: false, ...part };
  }

  /** A process with the device open as descriptor 5, attached to an interface. */
  function hold(pid: number, interfaceName: string, startTicks = 99): void {
    const folder = path.join(proc, String(pid));
    rmSync(folder, { recursive: true, force: true });
    for (const below of ['fd', 'fdinfo']) mkdirSync(path.join(folder, below), { recursive: true });
    writeFileSync(path.join(folder, 'stat'), `${pid} (vpn) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${startTicks} 0`);
    symlinkSync('/dev/null', path.join(folder, 'fd/4'));
    symlinkSync('/dev/net/tun', path.join(folder, 'fd/5'));
    writeFileSync(path.join(folder, 'fdinfo/5'), `pos:\t0\nflags:\t02\niff:\t${interfaceName}\n`);
  }

  const at = (now: number, part: Partial<SeenInterface> = {}): TunnelCarrier | null => carriers.of(tunnel(part), now);
  const heldBy = (...keys: readonly string[]): unknown => ({ kind: 'processes', processes: keys });

  it('is, for a tun device, whoever holds that one', () => {
    sysfs.add('tun0', { tun_flags: '0x1001' });
    hold(40, 'tun0');
    hold(41, 'tun1');
    assert.deepEqual(at(0), heldBy('40@99'));
  });

  it('is nobody after the holder has let it go, and the next one after a while', () => {
    sysfs.add('tun0', { tun_flags: '0x1001' });
    hold(40, 'tun0');
    assert.deepEqual(at(0), heldBy('40@99'));
    rmSync(path.join(proc, '40'), { recursive: true });
    hold(42, 'tun0');
    assert.deepEqual([at(500), at(1000)], [null, heldBy('42@99')]);
  });

  it('is not another process with the number of the former holder', () => {
    sysfs.add('tun0', { tun_flags: '0x1001' });
    hold(40, 'tun0');
    at(0);
    hold(40, 'tun0', 500);
    assert.deepEqual(at(1000), heldBy('40@500'));
  });

  it('is searched for with growing patience where there is nobody', () => {
    sysfs.add('tun0', { tun_flags: '0x1001' });
    assert.equal(at(0), null);
    hold(40, 'tun0');
    assert.deepEqual([at(1900), at(2000)], [null, heldBy('40@99')]);
  });

  const kinds: readonly (readonly [string, Readonly<Record<string, string>>, TunnelCarrier | null])[] = [
    ['WireGuard, the kernel', { type: '65534', uevent: 'DEVTYPE=wireguard\nINTERFACE=tun0' }, { kind: 'wireguard' }],
    ['GRE, its protocol to the other end', { type: '778', broadcast: 'c6:33:64:07' }, { kind: 'protocol', protocols: [47], remoteAddress: '198.51.100.7' }],
    ['SIT to anyone, its protocols', { type: '776', broadcast: '00:00:00:00' }, { kind: 'protocol', protocols: [4, 41], remoteAddress: null }],
    ['a modem, nothing that is known', { type: '512' }, null],
  ];
  for (const [what, files, expected] of kinds) {
    it(`is, for ${what}`, () => {
      sysfs.add('tun0', files);
      assert.deepEqual(at(0), expected);
    });
  }

  it('is nothing for a member of a bridge, an edge, an interface that is down or no tunnel', () => {
    sysfs.add('tun0', { tun_flags: '0x1002' });
    hold(40, 'tun0');
    assert.deepEqual([at(0, { master: 'br0' }), at(0, { edge: true }), at(0, { up: false }), at(0, { kind: 'veth' })], [null, null, null, null]);
  });
});
