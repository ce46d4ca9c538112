import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Captures made by others, beside the checkout: each with a TRUTH.json that independent decoders agreed on. */
const folder = fileURLToPath(new URL('../../../shared/captures/', import.meta.url));

const TrueFlow = z.object({
  proto: z.string(),
  a: z.string(),
  a_port: z.number().nullable(),
  b: z.string(),
  b_port: z.number().nullable(),
  bytes_ab: z.number(),
  bytes_ba: z.number(),
  packets_ab: z.number(),
  packets_ba: z.number(),
  hostname: z.string().nullable().optional(),
  hostname_source: z.string().nullable().optional(),
  /** All names that an earlier answer gave for the address: any of them is right for a name by DNS. */
  dns_candidates: z.array(z.string()).optional(),
  /** Needs something that nobody promised (Google QUIC, SOCKS, DTLS): a bonus. */
  name_optional: z.boolean().optional(),
});
export type TrueFlow = z.infer<typeof TrueFlow>;

const Truth = z.object({
  packets: z.number(),
  link_type: z.string(),
  ip_packets: z.number(),
  ip_bytes: z.number(),
  non_ip_packets: z.number(),
  /** `exact`: all numbers must match; `totals`: within the packets listed in `notes`; `no-crash`. */
  grade: z.string(),
  notes: z.record(z.string(), z.unknown()),
  flows: z.array(TrueFlow),
  flows_inner: z.array(TrueFlow).optional(),
  /** Which of the two lists the names hang on. */
  flow_level: z.enum(['outer', 'inner']),
});
export type Truth = z.infer<typeof Truth>;

export interface KnownCapture {
  readonly name: string;
  readonly path: string;
  readonly truth: Truth;
}

/** Why there are none; undefined where there are. */
export const pendingCaptures = existsSync(folder) ? undefined : 'pending: no captures beside this checkout';

/** All captures whose truth is known, by name. */
export function knownCaptures(): readonly KnownCapture[] {
  const truths = globSync(`${folder}*.TRUTH.json`).toSorted();
  return truths.map((truthPath) => {
    const path = truthPath.replace(/\.TRUTH\.json$/u, '');
    return { name: basename(path), path, truth: Truth.parse(JSON.parse(readFileSync(truthPath, 'utf8'))) };
  });
}
