import { z } from 'zod';

/** Of whom more than `bytes` in `seconds` is told. `key` names one app, domain or network; null is any one of them. */
export const VolumeRule = z.object({
  of: z.enum(['machine', 'app', 'domain', 'network']),
  key: z.string().min(1).max(4200).nullable().default(null),
  direction: z.enum(['both', 'down', 'up']).default('both'),
  bytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  seconds: z.number().int().min(60).max(86_400),
});
export type VolumeRule = z.infer<typeof VolumeRule>;
