import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { epochMs } from '../../protocol/units.ts';
import { PlanState } from '../../protocol/app.ts';
import { rateText, sizeText } from '../../electron/quantity.ts';
import { initialStanding, obstacle, withEvent, withLink } from '../../electron/standing.ts';
import { trayFaceOf, levelOf } from '../../electron/tray/face.ts';
import { rowLabels } from '../../electron/tray/menu-rows.ts';
import { plainLine, planLine, toolTip } from '../../electron/words.ts';
import { alertOf, appRow, si, snapshotOf, standingOf } from './standings.ts';

const rights = { code: 'no-capture-rights' as const, subject: 'helper', message: 'reading packets needs root', remedy: 'grant it', over: false };

function planOf(name: string, share: number): PlanState {
  return PlanState.parse({
    plan: { name, network: null, capBytes: 100e9, cycle: { kind: 'monthly', day: 1 }, direction: 'both', scope: 'internet', hours: null, tellAtPercent: [] },
    from: 0, to: 1, usedBytes: share * 100e9, leftBytes: 0, share, dailyBytes: null, forecast: null, exceedsAt: null, notMeasuredSeconds: 0,
  });
}

describe('amounts in words', () => {
  for (const [bytes, text] of [[0, '0 B'], [999, '999 B'], [1000, '1.00 kB'], [45_300_000, '45.3 MB'], [999_600_000, '1.00 GB'], [5e20, '500000 PB']] as const) {
    it(`${bytes} bytes are ${text}`, () => assert.equal(sizeText(bytes, si), text));
  }

  it('are in bits, and in steps of 1024, where that is asked for', () => {
    assert.equal(rateText(1_000_000, { rates: 'bits', prefixes: 'si' }), '8.00 Mbit/s');
    assert.equal(rateText(1_048_576, { rates: 'bytes', prefixes: 'iec' }), '1.00 MiB/s');
  });
});

describe('a line of a stranger', () => {
  it('is one line of its own length at most, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (text, longest) => {
        const line = plainLine(text, longest);
        assert.ok(Array.from(line).length <= longest);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });
});

describe('the tooltip', () => {
  it('has the rates and the app with the most traffic', () => {
    const standing = standingOf(snapshotOf([appRow('curl', [2e6, 1e3]), appRow('steam', [45e6, 3e5])]));
    assert.equal(toolTip(standing, si), '↓ 47.0 MB/s  ↑ 301 kB/s\nsteam  ↓ 45.0 MB/s  ↑ 300 kB/s');
  });

  it('says that it is paused, and until when', () => {
    const until = epochMs(new Date(2026, 10, 20, 9, 5).getTime());
    const standing = standingOf(snapshotOf([]), { mode: { paused: { since: epochMs(1), until }, private: null } });
    assert.equal(toolTip(standing, si), 'Paused until 09:05');
  });

  it('says why nothing is measured', () => {
    const standing = withLink(standingOf(snapshotOf([appRow('curl', [1, 1])])), { kind: 'lost', why: 'the socket\nis taken', remedy: 'try-again' });
    assert.equal(toolTip(standing, si), 'Not measuring: the socket is taken');
  });
});

describe('the menu', () => {
  it('names the five apps with the most traffic now, the largest first', () => {
    const apps = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index) => appRow(name, [(index + 1) * 1000, 0]));
    const labels = rowLabels(standingOf(snapshotOf(apps)), si);
    assert.deepEqual(
      [labels['app-0'], labels['app-4']],
      ['f   ↓ 6.00 kB/s  ↑ 0 B/s', 'b   ↓ 2.00 kB/s  ↑ 0 B/s'],
    );
  });

  it('shows an ampersand of a name as it is', () => {
    assert.match(rowLabels(standingOf(snapshotOf([appRow('a&b', [1, 1])])), si)['app-0'] ?? '', /^a&&b /u);
  });

  it('gives unknown apps a row with the reason', () => {
    assert.match(rowLabels(standingOf(snapshotOf([appRow(null, [1, 1])])), si)['app-0'] ?? '', /^unknown app \(no-socket\)/u);
  });

  it('says that no app uses the network', () => {
    assert.equal(rowLabels(standingOf(snapshotOf([appRow('idle', [0, 0])])), si)['no-app'], 'No app uses the network now');
  });

  it('names no app in the private mode', () => {
    const since = { since: epochMs(1), until: null };
    const labels = rowLabels(standingOf(snapshotOf([appRow('a', [1, 1])]), { mode: { paused: null, private: since } }), si);
    assert.deepEqual([labels['app-0'], labels.state, labels.private], [null, 'Private until you end it: totals only', 'End private mode']);
  });

  it('offers to grant access where that is what is missing, and only there', () => {
    const labels = rowLabels(standingOf(snapshotOf([], { state: 'not-measuring', troubles: [rights] })), si);
    assert.deepEqual([labels.state, labels.grant, labels.retry], ['Not measuring: reading packets needs root', 'Grant access…', null]);
    assert.equal(rowLabels(standingOf(snapshotOf([])), si).grant, null);
  });

  it('says what is not measured without the helper, and offers to grant access', () => {
    const limited = { ...rights, code: 'limited-mode' as const, message: 'without the helper only your own apps are seen' };
    const labels = rowLabels(standingOf(snapshotOf([appRow('a', [1, 1])], { troubles: [limited] })), si);
    assert.deepEqual([labels.state, labels.grant], ['without the helper only your own apps are seen', 'Grant access…']);
    assert.match(labels['app-0'] ?? '', /^a /u);
  });

  it('shows the plan that is used up the most', () => {
    const standing = standingOf(snapshotOf([]), { plans: [planOf('Home', 0.1), planOf('Phone', 0.999)], today: { rxBytes: 1e9, txBytes: 2e8 } });
    const labels = rowLabels(standing, si);
    assert.equal(labels.plan, 'Phone: 99.9 GB of 100 GB used (99 %)');
    assert.equal(labels.today, 'Today: 1.20 GB  (↓ 1.00 GB  ↑ 200 MB)');
    assert.match(planLine(planOf('Phone', 1.25), si), /\(125 %\)$/u);
  });
});

describe('how things stand', () => {
  it('takes what each event brings', () => {
    const alert = alertOf();
    const since = { since: epochMs(1), until: null };
    let standing = withLink(initialStanding, { kind: 'connected', own: false });
    standing = withEvent(standing, { kind: 'snapshot', sequence: 0, snapshot: snapshotOf([appRow('a', [1, 1])]), mode: { paused: null, private: null } });
    standing = withEvent(standing, { kind: 'alert', sequence: 1, alert, act: 'show' });
    assert.deepEqual(standing.openAlerts, [alert]);
    standing = withEvent(standing, { kind: 'alert', sequence: 2, alert: alertOf({ state: 'over', until: epochMs(2) }), act: 'recover' });
    assert.deepEqual(standing.openAlerts, []);
    standing = withEvent(standing, { kind: 'notice', sequence: 3, mode: { paused: since, private: null }, troubles: [rights] });
    assert.deepEqual([standing.mode.paused, standing.troubles], [since, [rights]]);
    assert.equal(standing.snapshot?.apps.length, 1);
  });

  it('forgets what was measured when the service is gone, but not what was used today', () => {
    const today = { rxBytes: 1, txBytes: 2 };
    const standing = withLink(standingOf(snapshotOf([]), { today }), { kind: 'lost', why: 'it ended', remedy: 'try-again' });
    assert.deepEqual([standing.snapshot, standing.today], [null, today]);
    assert.deepEqual(obstacle(standing), { kind: 'lost', why: 'it ended', remedy: 'try-again' });
  });

  it('has no obstacle while it starts, is paused or measures', () => {
    assert.equal(obstacle(initialStanding), null);
    assert.equal(obstacle(standingOf(snapshotOf([]))), null);
    const paused = { since: epochMs(1), until: null };
    assert.equal(obstacle(standingOf(snapshotOf([], { state: 'not-measuring' }), { mode: { paused, private: null } })), null);
    assert.deepEqual(obstacle(standingOf(snapshotOf([], { state: 'not-measuring' }))), { why: 'the helper is not running', remedy: null });
  });
});

describe("the icon's face", () => {
  it('has the rates, in bits where that is asked for', () => {
    const standing = standingOf(snapshotOf([appRow('a', [1_250_000, 0])], { intervalSeconds: 10 }));
    assert.deepEqual(trayFaceOf(standing, si), { kind: 'measuring', down: '125K', up: '0', downLevel: levelOf(125_000), upLevel: 0 });
    const inBits = trayFaceOf(standing, { rates: 'bits', prefixes: 'si' });
    assert.equal('down' in inBits && inBits.down, '1.0M');
  });

  it('shows an alert before the private mode, and what is only information not at all', () => {
    const since = { since: epochMs(1), until: null };
    const mode = { paused: null, private: since };
    assert.equal(trayFaceOf(standingOf(snapshotOf([], { openAlerts: [alertOf()] }), { mode }), si).kind, 'alert');
    assert.equal(trayFaceOf(standingOf(snapshotOf([], { openAlerts: [alertOf({ severity: 'information' })] }), { mode }), si).kind, 'private');
  });

  it('shows a pause, and that nothing is measured', () => {
    const since = { since: epochMs(1), until: null };
    assert.equal(trayFaceOf(standingOf(null, { mode: { paused: since, private: null } }), si).kind, 'paused');
    assert.equal(trayFaceOf(standingOf(null, { troubles: [rights] }), si).kind, 'not-measuring');
  });

  it('has levels from a trickle to a full link', () => {
    assert.deepEqual([0, 1000, 125e6, 1e10].map(levelOf), [0, 0, 1, 1]);
    assert.ok(levelOf(100_000) > 0.3 && levelOf(100_000) < 0.5);
  });
});
