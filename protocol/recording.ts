import { z } from 'zod';
import { Count } from './units.ts';

/** A recording of packet headers that a client takes from the service, piece by piece. */

/** Which recording; a number that a service never uses again. */
export const RecordingId = z.object({ recording: Count });
export type RecordingId = z.infer<typeof RecordingId>;

/** Bytes of one piece, most. */
export const maximumPieceBytes = 1_048_576;

/** What the file goes on with: whole blocks of pcapng, so that it is a good file after each piece. */
export const RecordedPiece = z.object({
  bytes: z.base64().max(Math.ceil(maximumPieceBytes / 3) * 4),
  /** Packets in this piece. */
  packets: Count,
  /** Packets that came too fast to be recorded, since the last piece. */
  missed: Count,
  /** There is more to take already. */
  more: z.boolean(),
});
export type RecordedPiece = z.infer<typeof RecordedPiece>;
