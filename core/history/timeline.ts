import { epochMs } from '../../protocol/units.ts';
import type { Gap } from '../../protocol/app.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** Three clocks read together. */
export interface ClockReading {
  /** The wall clock: what buckets are counted by. It may be set, in both directions. */
  readonly wall: EpochMs;
  /** Milliseconds since some beginning; stands still while the machine sleeps (CLOCK_MONOTONIC). */
  readonly monotonic: number;
  /** Milliseconds since some beginning; goes on while the machine sleeps (CLOCK_BOOTTIME, clock_gettime(2)). */
  readonly boot: number;
}

/** What happened between two readings. Milliseconds; more than one may be so at once. */
export interface TimePassed {
  /** Time awake: what was measured, if measuring went on. Never negative. */
  readonly awakeMs: number;
  /** Time asleep, 0 below {@link sleepThresholdMs}. */
  readonly asleepMs: number;
  /** How far the wall clock was set: positive forward, negative back, 0 below {@link stepThresholdMs}. */
  readonly steppedMs: number;
  /** The stretches of wall time in which nothing can have been measured. */
  readonly gaps: readonly Gap[];
}

/** Less than this is no sleep: /proc/uptime has hundredths of a second, and readings are not of one instant. */
export const sleepThresholdMs = 1000;

/** Less than this is no step: NTP slews, and ticks jitter. */
export const stepThresholdMs = 1000;

/**
 * Compares two readings. Asleep is what the boot clock passed more than the monotonic one; a step is what the wall clock
 * passed more (or less) than the boot clock. The two cannot be told apart with fewer clocks.
 */
export function timePassed(before: ClockReading, after: ClockReading): TimePassed {
  const awakeMs = Math.max(0, after.monotonic - before.monotonic);
  const boot = Math.max(awakeMs, after.boot - before.boot);
  const asleep = boot - awakeMs;
  const stepped = after.wall - before.wall - boot;
  const asleepMs = asleep < sleepThresholdMs ? 0 : asleep;
  const steppedMs = Math.abs(stepped) < stepThresholdMs ? 0 : stepped;
  return { awakeMs, asleepMs, steppedMs, gaps: gapsOf(before, after, { awakeMs, asleepMs, steppedMs }) };
}

/**
 * Wall time that nobody lived through. Waking comes last, so the sleep lies just before the time awake since then; a step
 * forward leaves a hole, a step back leaves none: that time is lived again, and what is measured is added to its buckets.
 */
function gapsOf(
  before: ClockReading,
  after: ClockReading,
  { asleepMs, steppedMs }: { readonly awakeMs: number; readonly asleepMs: number; readonly steppedMs: number },
): readonly Gap[] {
  const gaps: Gap[] = [];
  const end = Math.max(before.wall, after.wall);
  const hole = Math.max(0, steppedMs);
  if (asleepMs > 0) {
    const to = Math.min(end, after.wall - hole);
    gaps.push({ from: epochMs(Math.max(0, to - asleepMs)), to: epochMs(Math.max(0, to)), reason: 'asleep' });
  }
  if (hole > 0) gaps.push({ from: epochMs(end - hole), to: epochMs(end), reason: 'clock-set' });
  return gaps;
}

/**
 * The interval that a tick measured, on the wall clock as it is now: it ends now and is as long as the time awake. After a
 * step back it may overlap what was measured before: those buckets then hold more than one such interval, and their receipt
 * says how much time was measured in them.
 */
export function measuredInterval(now: EpochMs, awakeMs: number): { readonly from: EpochMs; readonly to: EpochMs } {
  return { from: epochMs(Math.max(0, now - awakeMs)), to: now };
}
