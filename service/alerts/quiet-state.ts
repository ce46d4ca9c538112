import { z } from 'zod';
import { Mute } from '../../protocol/alert.ts';
import { EpochMs } from '../../protocol/units.ts';

/** What holds alerts back and must outlive the program. */
export const QuietState = z.object({
  snoozedUntil: EpochMs.nullable(),
  mutes: z.array(Mute).max(256),
  /** When learning began; null where that is not known yet. */
  learningSince: EpochMs.nullable(),
});
export type QuietState = z.infer<typeof QuietState>;

/** Under this name it lies in the history's file. */
export const quietStateName = 'quiet';

export const noQuiet: QuietState = { snoozedUntil: null, mutes: [], learningSince: null };

/** Most mutes; the oldest goes when there is one more. */
const maximumMutes = 256;

function isSame(one: Mute, other: Mute): boolean {
  return one.kind === other.kind && one.app === other.app && one.domain === other.domain;
}

export function withMute(state: QuietState, mute: Mute): QuietState {
  return { ...state, mutes: [...withoutMute(state, mute).mutes, mute].slice(-maximumMutes) };
}

export function withoutMute(state: QuietState, mute: Mute): QuietState {
  return { ...state, mutes: state.mutes.filter((each) => !isSame(each, mute)) };
}
