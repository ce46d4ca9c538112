import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { liveSteps, liveStepSeconds } from '../../renderer/state/live-steps.ts';
import { RateTrack } from '../../renderer/state/rates.ts';

describe('the steps of the live table', () => {
  it('are none before anything is known', () => {
    assert.deepEqual(liveSteps(new RateTrack(300)), []);
  });

  it('are the averages of what the graph draws, the newest first, at the tens of the clock', () => {
    const track = new RateTrack(30);
    track.moveTo(1030, Number.NaN);
    track.set({ from: 1000, to: 1010 }, 100, 10);
    track.set({ from: 1010, to: 1015 }, 400, 0);
    track.set({ from: 1015, to: 1020 }, 200, 20);
    track.set({ from: 1020, to: 1030 }, 7, 8);
    assert.deepEqual(liveSteps(track), [
      { start: 1020, down: 7, up: 8 },
      { start: 1010, down: 300, up: 10 },
      { start: 1000, down: 100, up: 10 },
    ]);
  });

  it('tell what is not known from nothing', () => {
    const track = new RateTrack(20);
    track.moveTo(1020, Number.NaN);
    track.set({ from: 1014, to: 1016 }, 0, 6);
    assert.deepEqual(liveSteps(track), [{ start: 1010, down: 0, up: 6 }, { start: 1000, down: null, up: null }]);
  });

  it('cover every second in sight once, wherever in a step the time ends', () => {
    for (let end = 1000; end < 1000 + liveStepSeconds; end += 1) {
      const track = new RateTrack(25);
      track.moveTo(end, 1);
      const starts = liveSteps(track).map(({ start }) => start);
      assert.ok((starts.at(-1) ?? 0) <= end - 25 && (starts.at(-1) ?? 0) + liveStepSeconds > end - 25, `begins at ${starts.at(-1)} for ${end}`);
      assert.ok((starts[0] ?? 0) < end && (starts[0] ?? 0) + liveStepSeconds >= end, `ends at ${starts[0]} for ${end}`);
      assert.ok(starts.every((start, index) => index === 0 || (starts[index - 1] ?? 0) - start === liveStepSeconds));
    }
  });
});
