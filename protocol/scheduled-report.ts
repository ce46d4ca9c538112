import { z } from 'zod';
import { Count, EpochMs } from './units.ts';

/** Reports that are made on a schedule, mailed and archived. */

export const ReportPeriod = z.enum(['daily', 'weekly', 'monthly']);
export type ReportPeriod = z.infer<typeof ReportPeriod>;

/** Which report: of the last whole period before now, or before `at`. */
export const ReportWanted = z.object({ period: ReportPeriod, at: EpochMs.optional() });
export type ReportWanted = z.infer<typeof ReportWanted>;

/** A report as text, to look at. */
export const ReportPreviewQuery = ReportWanted.extend({ format: z.enum(['html', 'mail', 'text', 'json']) });
export type ReportPreviewQuery = z.infer<typeof ReportPreviewQuery>;

export const ReportPreview = z.object({ subject: z.string().max(256), mediaType: z.string().max(64), text: z.string().max(16_777_216) });
export type ReportPreview = z.infer<typeof ReportPreview>;

/** When a report is made next; null where it is off. */
export const ReportDue = z.object({ period: ReportPeriod, schedule: z.string().max(100), next: EpochMs.nullable(), last: EpochMs.nullable() });
export type ReportDue = z.infer<typeof ReportDue>;

/** A mail that has not been handed to its server yet. */
export const SpooledMail = z.object({
  id: z.string().max(64),
  subject: z.string().max(256),
  since: EpochMs,
  attempts: Count,
  nextAttempt: EpochMs,
  /** What the last attempt said, in one line; null before the first. */
  problem: z.string().max(512).nullable(),
});
export type SpooledMail = z.infer<typeof SpooledMail>;

export const ArchivedReport = z.object({ name: z.string().max(255), bytes: Count, writtenAt: EpochMs });
export type ArchivedReport = z.infer<typeof ArchivedReport>;

export const ReportsState = z.object({
  due: z.array(ReportDue).max(3),
  spool: z.array(SpooledMail).max(1000),
  archive: z.array(ArchivedReport).max(10_000),
  archiveFolder: z.string().max(4096),
});
export type ReportsState = z.infer<typeof ReportsState>;

/** What became of a report that was asked for now. */
export const ReportSent = z.object({
  subject: z.string().max(256),
  /** `sent`: its server has it. `spooled`: it is tried again. `off`: mail is not set up. */
  mail: z.enum(['sent', 'spooled', 'off']),
  problem: z.string().max(512).nullable(),
  /** Path of the archived file; null where none is kept. */
  archived: z.string().max(4352).nullable(),
});
export type ReportSent = z.infer<typeof ReportSent>;
