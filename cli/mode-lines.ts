import type { PrivacyMode, Since } from '../protocol/app.ts';
import { dateTimeText } from './time.ts';

/** The pause and the private mode in words, each with how to end it. */

/** `until 2026-11-20 14:03, or …`, or until what is to be done about it. */
function untilText({ until }: Since, undo: string): string {
  return until === null ? `until \`${undo}\`` : `until ${dateTimeText(until)}, or \`${undo}\``;
}

export function pausedText(paused: Since): string {
  return `Paused ${untilText(paused, 'tidewatch resume')}.`;
}

export function privateText(since: Since): string {
  return `Private ${untilText(since, 'tidewatch private off')}.`;
}

/** A line for each that is on: who starts something must not wonder why nothing, or nobody, is shown. */
export function modeLines(mode: PrivacyMode): readonly string[] {
  return [...(mode.paused === null ? [] : [pausedText(mode.paused)]), ...(mode.private === null ? [] : [privateText(mode.private)])];
}
