import type { AppHandlers } from '../app-calls.ts';
import type { Recordings } from './recordings.ts';

/** What is done for the methods of the contract that are about recordings. */
export function recordingHandlers(recordings: Recordings): Pick<AppHandlers, 'beginRecording' | 'takeRecording' | 'endRecording'> {
  return {
    beginRecording: (_nothing, { ended }) => recordings.begin(ended),
    takeRecording: (id) => recordings.piece(id),
    endRecording: (id) => recordings.end(id),
  };
}
