import { z } from 'zod';

/** What `tidewatch import … --json` says, as far as the scenarios look. */
export const ImportedCounts = z.object({ brokenLines: z.number(), rxBytes: z.number(), txBytes: z.number() });
