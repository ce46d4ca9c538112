import { z } from 'zod';
import { namesOfResolverAnswer } from '../../core/packet/index.ts';
import type { NameSeen } from '../../protocol/flow.ts';
import type { EpochMs } from '../../protocol/units.ts';

/**
 * One reply to `SubscribeQueryResults` of the interface `io.systemd.Resolve.Monitor`. Any version may add fields; the parts
 * that name nothing are not looked at. The first reply only says `ready` (since version 255).
 */
const Key = z.object({ type: z.number(), class: z.number(), name: z.string().max(1024) });
const QueryResult = z.object({
  state: z.string().max(64).nullish(),
  /** What was asked last: after an alias between two messages, that alias's target. */
  question: z.array(Key).max(64).nullish(),
  /** What was asked before it, the program's own question first. */
  collectedQuestions: z.array(Key).max(256).nullish(),
  /** Records in wire format, in base64. */
  answer: z.array(z.object({ raw: z.string().max(100_000) })).max(1024).nullish(),
});

const Reply = z.object({
  parameters: QueryResult.nullish(),
  /** Absent or false in the last reply. */
  continues: z.boolean().nullish(),
  error: z.string().max(256).nullish(),
});

/** What one reply says: names, that the subscription has ended, or that this is no reply that we know. */
export type ReadReply =
  | { readonly kind: 'names'; readonly names: readonly NameSeen[] }
  | { readonly kind: 'ended'; readonly reason: string }
  | { readonly kind: 'unknown' };

function namesOf(result: z.infer<typeof QueryResult>, time: EpochMs): readonly NameSeen[] {
  if (result.state !== 'success') return [];
  const asked = [...(result.collectedQuestions ?? []), ...(result.question ?? [])].map(({ name }) => name);
  const records = (result.answer ?? []).map(({ raw }) => Buffer.from(raw, 'base64'));
  return namesOfResolverAnswer({ asked: [...new Set(asked)], records }).map(({ name, address, ttlSeconds }) => ({
    kind: 'address',
    source: 'resolver',
    name,
    address,
    ttlSeconds,
    time,
    flow: null,
  }));
}

/** Reads one reply. `time`: when it came; the resolver does not say when it answered. Never throws. */
export function readReply(text: string, time: EpochMs): ReadReply {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON: not a reply. The caller leaves such a server alone.
    return { kind: 'unknown' };
  }
  const reply = Reply.safeParse(value);
  if (!reply.success) return { kind: 'unknown' };
  const { parameters, continues, error } = reply.data;
  if (typeof error === 'string') return { kind: 'ended', reason: error };
  if (continues !== true) return { kind: 'ended', reason: 'the resolver ended the subscription' };
  return { kind: 'names', names: parameters === null || parameters === undefined ? [] : namesOf(parameters, time) };
}
