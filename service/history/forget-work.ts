import { z } from 'zod';

/** What the thread that forgets is given, and what it says at its end. */

const ThreadForgettable = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('app'), app: z.string() }),
  z.object({ kind: z.literal('domain'), domain: z.string() }),
  z.object({ kind: z.literal('host'), host: z.string() }),
  z.object({ kind: z.literal('range'), from: z.number(), to: z.number() }),
]);

export const ThreadWork = z.object({ path: z.string(), what: ThreadForgettable });
export type ThreadWork = z.infer<typeof ThreadWork>;

export const ThreadAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('forgotten'), rows: z.number(), freedBytes: z.number() }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
]);
export type ThreadAnswer = z.infer<typeof ThreadAnswer>;
