import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { CaptureConfiguration, Trouble } from '../../../protocol/helper.ts';
import { Captures } from '../../../helper/capture/captures.ts';
import { RecurringTrouble, packetsDropped } from '../../../helper/capture/recurring-trouble.ts';
import type { SeenInterface } from '../../../helper/capture/interfaces.ts';
import { Troubles } from '../../../helper/capture/troubles.ts';
import { FakeOpener } from '../support/fake-captures.ts';
import { flowRecord } from '../support/flow-record.ts';

const bounds = { snapLength: 2048, ringBytes: 1024, maximumFlows: 16, clueQueueBytes: 1024 };
const edges: CaptureConfiguration = { interfaces: 'edges', filter: '', promiscuous: false, loopback: false };

function seen(name: string, part: Partial<SeenInterface> = {}): SeenInterface {
  return { name, index: 2, kind: 'physical', bond: false, up: true, master: null, stacked: false, addresses: [], edge: true, ...part };
}

const lo = seen('lo', { index: 1, kind: 'loopback', edge: false });

describe('captures', () => {
  let opener: FakeOpener;
  let told: Trouble[];
  let troubles: Troubles;
  let captures: Captures;

  beforeEach(() => {
    opener = new FakeOpener();
    told = [];
    troubles = new Troubles((trouble) => told.push(trouble));
    captures = new Captures({ opener, bounds, troubles, cluesWait: () => undefined });
  });

  function codes(): readonly string[] {
    return told.map(({ code, over }) => (over ? `${code} over` : code));
  }

  it('are none before there is a configuration', () => {
    captures.follow([seen('eth0')], 0);
    assert.deepEqual(opener.names(), []);
  });

  it('follow the edges as they come and go', () => {
    captures.configure(edges);
    captures.follow([seen('eth0'), lo], 0);
    assert.deepEqual(opener.names(), ['eth0']);
    captures.follow([seen('eth0'), seen('usb0', { index: 9 }), lo], 1000);
    assert.deepEqual(opener.names(), ['eth0', 'usb0']);
    captures.follow([seen('usb0', { index: 9 }), lo], 2000);
    assert.deepEqual(opener.names(), ['usb0']);
    assert.deepEqual(told, []);
  });

  it('are opened anew for an interface that was made anew under the same name', () => {
    captures.configure(edges);
    captures.follow([seen('usb0', { index: 9 })], 0);
    captures.follow([seen('usb0', { index: 10 })], 1000);
    assert.deepEqual([opener.opened.length, opener.names()], [2, ['usb0']]);
  });

  it('leave an edge that is down alone', () => {
    captures.configure(edges);
    captures.follow([seen('eth0'), seen('wlan0', { up: false })], 0);
    assert.deepEqual(opener.names(), ['eth0']);
  });

  const tun = seen('tun0', { index: 8, kind: 'tunnel', edge: false });

  it('take the tunnels beside the edges, with smaller rings, and never as edges', () => {
    const all = [seen('eth0'), tun, seen('tun1', { index: 9, kind: 'tunnel', edge: false, up: false })];
    for (const interfaces of ['edges' as const, ['eth0'], ['eth0', 'tun0']]) {
      captures.configure({ ...edges, interfaces });
      captures.follow(all, 0);
      assert.deepEqual(captures.status(all).map(({ name, state, edge }) => [name, state, edge]), [
        ['eth0', 'capturing', true],
        ['tun0', 'capturing', false],
        ['tun1', 'idle', false],
      ]);
    }
    assert.deepEqual(['eth0', 'tun0'].map((name) => opener.of(name).options.ringBytes), [1024, 256]);
  });

  it('take a tunnel that is named alone as the edge', () => {
    captures.configure({ ...edges, interfaces: ['tun0'] });
    captures.follow([seen('eth0'), tun], 0);
    assert.deepEqual(captures.status([seen('eth0'), tun]).map(({ edge }) => edge), [false, true]);
  });

  it('leave tunnels alone behind a filter: what is inside and what carries it would not be the same traffic', () => {
    captures.configure({ ...edges, filter: 'port 443' });
    captures.follow([seen('eth0'), tun], 0);
    assert.deepEqual(opener.names(), ['eth0']);
  });

  it('say nothing of a tunnel that goes away, unless it was named', () => {
    captures.configure({ ...edges, interfaces: ['eth0'] });
    captures.follow([seen('eth0'), tun], 0);
    opener.of('tun0').fail({ code: 'interface-vanished', message: 'gone' });
    assert.deepEqual(told, []);
  });

  it('take loopback when it is asked for, and never as an edge', () => {
    captures.configure({ ...edges, interfaces: ['lo', 'veth1'], loopback: true });
    const all = [seen('eth0'), seen('veth1', { kind: 'veth', edge: false }), lo];
    captures.follow(all, 0);
    assert.deepEqual(captures.status(all).map(({ name, state, edge }) => [name, state, edge]), [
      ['eth0', 'idle', false],
      ['veth1', 'capturing', true],
      ['lo', 'capturing', false],
    ]);
  });

  it('say which interface does not exist, and take it up when it appears', () => {
    captures.configure({ ...edges, interfaces: ['eth7'] });
    captures.follow([lo], 0);
    captures.follow([lo], 1000);
    assert.deepEqual([codes(), told[0]?.subject], [['unknown-interface'], 'eth7']);
    captures.follow([lo, seen('eth7')], 2000);
    assert.deepEqual([codes(), opener.names()], [['unknown-interface', 'unknown-interface over'], ['eth7']]);
  });

  it('say that a chosen interface vanished, keep its last bytes, and go on when it is back', () => {
    captures.configure({ ...edges, interfaces: ['eth0'] });
    captures.follow([seen('eth0')], 0);
    const first = opener.of('eth0');
    first.count(flowRecord(1));
    first.fail({ code: 'interface-vanished', message: 'The interface disappeared' });
    captures.follow([lo], 1000);
    captures.follow([lo], 2000);
    assert.deepEqual(codes(), ['interface-vanished']);
    assert.deepEqual(captures.drain().map(({ name, ended, flows }) => [name, ended, flows.length]), [['eth0', true, 1]]);
    captures.follow([lo, seen('eth0', { index: 12 })], 3000);
    assert.deepEqual([codes(), opener.names(), first.closed], [['interface-vanished', 'interface-vanished over'], ['eth0'], true]);
  });

  it('say so where no interface is up at all', () => {
    captures.configure(edges);
    captures.follow([lo], 0);
    captures.follow([seen('eth0')], 1000);
    assert.deepEqual(codes(), ['interface-vanished', 'interface-vanished over']);
  });

  it('are tried again with growing patience', () => {
    opener.refusal = 'capture-failed';
    captures.configure(edges);
    for (let now = 0; now <= 120_000; now += 1000) captures.follow([seen('eth0')], now);
    assert.deepEqual([codes(), opener.attempts], [['capture-failed'], 8]);
    opener.refusal = null;
    captures.follow([seen('eth0')], 200_000);
    assert.deepEqual([codes(), opener.names()], [['capture-failed', 'capture-failed over'], ['eth0']]);
  });

  it('are not tried again with a filter that is wrong, until there is another', () => {
    opener.refusal = 'bad-filter';
    captures.configure({ ...edges, filter: 'prot 80' });
    for (let now = 0; now < 100_000; now += 1000) captures.follow([seen('eth0')], now);
    assert.deepEqual([codes(), opener.attempts], [['bad-filter'], 1]);
    opener.refusal = null;
    captures.configure({ ...edges, filter: 'port 80' });
    captures.follow([seen('eth0')], 100_000);
    assert.deepEqual([codes(), opener.of('eth0').options.filter], [['bad-filter', 'bad-filter over'], 'port 80']);
  });

  it('name the remedy where the rights are missing', () => {
    opener.refusal = 'no-capture-rights';
    captures.configure(edges);
    captures.follow([seen('eth0')], 0);
    assert.match(told[0]?.remedy ?? '', /CAP_NET_RAW/u);
    assert.equal(captures.status([seen('eth0')])[0]?.state, 'failed');
  });

  it('go on when the same configuration comes again, and are kept where only the choice changes', () => {
    captures.configure(edges);
    captures.follow([seen('eth0'), lo], 0);
    captures.configure({ ...edges });
    captures.configure({ ...edges, loopback: true });
    captures.follow([seen('eth0'), lo], 1000);
    assert.deepEqual([opener.opened.length, opener.names()], [2, ['eth0', 'lo']]);
  });

  it('rest while paused, and hand over what they had', () => {
    captures.configure(edges);
    captures.follow([seen('eth0')], 0);
    opener.of('eth0').count(flowRecord(1));
    captures.pause();
    captures.follow([seen('eth0')], 1000);
    assert.deepEqual([opener.names(), captures.drain().length, captures.paused], [[], 1, true]);
    captures.resume();
    captures.follow([seen('eth0')], 2000);
    assert.deepEqual(opener.names(), ['eth0']);
  });
});

describe('dropped packets', () => {
  it('are told once, and are over after ten seconds without', () => {
    const told: string[] = [];
    const watch = new RecurringTrouble(new Troubles(({ over, subject }) => told.push(`${subject} ${over ? 'over' : 'begins'}`)), packetsDropped);
    for (const dropped of [0, 5, 7, ...Array.from({ length: 9 }, () => 0)]) watch.note('eth0', dropped);
    assert.deepEqual(told, ['eth0 begins']);
    watch.note('eth0', 0);
    assert.deepEqual(told, ['eth0 begins', 'eth0 over']);
  });
});
