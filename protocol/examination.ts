import { z } from 'zod';

/** One thing that `tidewatch doctor` looked at: whether it works here and, if not, what to do. */
export const Finding = z.object({
  /** What was looked at, in a few words: "libpcap", "capture rights", "owner source: INET_DIAG". */
  subject: z.string().max(128),
  /** `limited` works with less: something is named less surely, or not at all. */
  state: z.enum(['works', 'limited', 'fails']),
  message: z.string().max(1024),
  /** What to do about it; empty where it works. */
  remedy: z.string().max(1024),
});
export type Finding = z.infer<typeof Finding>;

export const Examination = z.object({ findings: z.array(Finding).max(256) });
export type Examination = z.infer<typeof Examination>;
