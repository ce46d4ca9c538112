import path from 'node:path';
import { scheduledReport } from '../../core/report/index.ts';
import type { ScheduledReport } from '../../core/report/index.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import type { Settings } from '../../core/settings/index.ts';
import type { AppClient } from '../../protocol/app.ts';
import { ReportPeriod } from '../../protocol/scheduled-report.ts';
import type { ReportPreview, ReportPreviewQuery, ReportSent, ReportsState, ReportWanted } from '../../protocol/scheduled-report.ts';
import type { Clock } from '../clock.ts';
import { errorCode } from '../error-code.ts';
import type { Log } from '../log.ts';
import { sendMail } from '../mail/index.ts';
import type { Attachment, FindPassword, Mail } from '../mail/index.ts';
import { ServiceError } from '../service-error.ts';
import { Archive } from './archive.ts';
import { instantsOf } from './due.ts';
import { gather } from './gather.ts';
import { MadeReports } from './made.ts';
import { Spool } from './spool.ts';
import type { Waiting } from './spool.ts';

export interface ReportsPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly calendar: Calendar;
  readonly settings: () => Settings;
  readonly findPassword: FindPassword;
  /** Where the spool is, and the archive unless the settings name another place. */
  readonly folder: string;
}

/** How often it is looked whether something is due: a report that is half a minute late is in time. */
const lookEveryMs = 30_000;

/** A report, ready to be mailed and archived. */
interface Made {
  readonly report: ScheduledReport;
  readonly subject: string;
  readonly stem: string;
  readonly page: string;
  readonly mailHtml: string;
  readonly text: string;
  readonly files: readonly Attachment[];
}

const periodWords = { daily: 'Daily', weekly: 'Weekly', monthly: 'Monthly' } as const;

/** Makes reports when they are due and when they are asked for. See README.md for what it promises. */
export class Reports implements AsyncDisposable {
  readonly #ports: ReportsPorts;
  readonly #spool: Spool;
  readonly #made: MadeReports;
  #client: AppClient | null = null;
  #alarm: Disposable | null = null;
  #running: Promise<void> = Promise.resolve();
  #isEnding = false;

  constructor(ports: ReportsPorts) {
    this.#ports = ports;
    this.#spool = new Spool(path.join(ports.folder, 'spool'));
    this.#made = new MadeReports(ports.folder);
  }

  /** Looks from now on whether something is due. */
  begin(client: AppClient): void {
    this.#client = client;
    this.#look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    this.#alarm?.[Symbol.dispose]();
    await this.#running;
  }

  state(): ReportsState {
    const { clock, calendar } = this.#ports;
    const { reports } = this.#ports.settings();
    const archive = this.#archive();
    return {
      due: ReportPeriod.options.map((period) => {
        const instants = instantsOf(reports[period], { period, now: clock.now(), timeZone: calendar.zone() });
        return { period, schedule: reports[period], next: instants?.next ?? null, last: this.#made.last(period) };
      }),
      spool: this.#spool.list().map(({ mail: _mail, ...rest }) => rest),
      archive: [...archive.list()],
      archiveFolder: archive.folder,
    };
  }

  /** Throws `ServiceError`, also for a template with an error. */
  async preview({ period, at, format }: ReportPreviewQuery): Promise<ReportPreview> {
    const made = await this.#make({ period, ...(at === undefined ? {} : { at }) }, 'own-templates');
    const forms = {
      html: { mediaType: 'text/html; charset=utf-8', text: made.page },
      mail: { mediaType: 'text/html; charset=utf-8', text: made.mailHtml },
      text: { mediaType: 'text/plain; charset=utf-8', text: made.text },
      json: { mediaType: 'application/json', text: `${JSON.stringify(made.report, null, 2)}\n` },
    };
    return { subject: made.subject, ...forms[format] };
  }

  /** Makes a report now. Throws `ServiceError` where it cannot be made or archived. */
  async send(wanted: ReportWanted): Promise<ReportSent> {
    return this.#handOver(await this.#make(wanted, 'own-templates'));
  }

  /** What is due now, and in a while again. */
  #look(): void {
    this.#running = this.#doDue().catch((error: unknown) => {
      this.#ports.log.error('a report could not be made', { reason: error instanceof Error ? error.message : String(error) });
    }).then(() => {
      if (!this.#isEnding) this.#alarm = this.#ports.clock.after(lookEveryMs, () => this.#look());
    });
  }

  async #doDue(): Promise<void> {
    for (const period of ReportPeriod.options) await this.#makeIfDue(period);
    for (const waiting of this.#spool.list()) {
      if (this.#isEnding) return;
      if (waiting.nextAttempt <= this.#ports.clock.now()) await this.#attempt(waiting);
    }
  }

  async #makeIfDue(period: ReportPeriod): Promise<void> {
    const { clock, calendar, log } = this.#ports;
    const { reports } = this.#ports.settings();
    const now = clock.now();
    const due = instantsOf(reports[period], { period, now, timeZone: calendar.zone() })?.previous ?? null;
    if (due === null || this.#isEnding) return;
    const last = this.#made.last(period);
    if (last !== null && last >= due) return;
    // Before it is made: a report that cannot be made must not be tried twice a minute.
    this.#made.note(period, due);
    // The first time that a schedule is seen nothing has been missed.
    if (last === null && now - due > 2 * lookEveryMs) return;
    log.info('a report is made', { period });
    await this.#handOver(await this.#make({ period, at: due }, 'any-templates'));
  }

  async #make({ period, at }: ReportWanted, templates: 'own-templates' | 'any-templates'): Promise<Made> {
    const { clock, calendar } = this.#ports;
    if (this.#client === null) throw new ServiceError('service-refused', 'the service has only begun to start: try again');
    const { reports, display } = this.#ports.settings();
    const now = clock.now();
    // Loaded when a report is made: most of the time none is, and the writers take their memory.
    const { attachedFiles } = await import('./attached-files.ts');
    const answers = await gather(this.#client, calendar, { period, at: at ?? now, now });
    const report = scheduledReport(answers, (hour) => `${String(calendar.hourOf(hour)).padStart(2, '0')}:00`);
    const stem = `tidewatch-${period}-${report.title.replaceAll(/\s+/gu, '-')}`;
    const render = (form: 'html' | 'mail' | 'text'): Promise<string> => this.#rendered(report, form, { templates, folder: reports.templates, prefixes: display.prefixes });
    return {
      report,
      subject: `${periodWords[period]} network report of ${report.machine}: ${report.title}`.slice(0, 256),
      stem,
      page: await render('html'),
      mailHtml: await render('mail'),
      text: await render('text'),
      files: attachedFiles(reports.attachments, { answers, report, name: stem }),
    };
  }

  /** With a person's template, and with the usual one where that has an error and nobody is there to be told. */
  async #rendered(report: ScheduledReport, form: 'html' | 'mail' | 'text', options: { readonly templates: 'own-templates' | 'any-templates'; readonly folder: string; readonly prefixes: 'si' | 'iec' }): Promise<string> {
    const { renderReport } = await import('./templates.ts');
    try {
      return await renderReport(report, form, options);
    } catch (error) {
      if (options.templates === 'own-templates' || !(error instanceof ServiceError)) throw error;
      this.#ports.log.warn('a report is made with the usual template', { reason: error.message });
      return renderReport(report, form, { ...options, folder: '' });
    }
  }

  #archive(): Archive {
    const { archiveFolder } = this.#ports.settings().reports;
    return new Archive(archiveFolder === '' ? path.join(this.#ports.folder, 'archive') : archiveFolder);
  }

  async #handOver(made: Made): Promise<ReportSent> {
    const archived = await this.#archived(made);
    const { reports, mail } = this.#ports.settings();
    const { subject, text, mailHtml: html, files: attachments } = made;
    if (!reports.mail || mail.host === '') return { subject, mail: 'off', problem: null, archived };
    const { waiting, givenWay } = this.#spool.add({ subject, text, html, attachments } satisfies Mail, this.#ports.clock.now());
    if (givenWay > 0) this.#ports.log.warn('mails that waited longest were given up', { givenWay });
    const problem = await this.#attempt(waiting);
    return { subject, mail: problem === null ? 'sent' : 'spooled', problem, archived };
  }

  async #archived({ page, text, files, stem }: Made): Promise<string | null> {
    const { clock, log } = this.#ports;
    const { archive: form, archiveDays } = this.#ports.settings().reports;
    if (form === 'off') return null;
    const archive = this.#archive();
    const parts = [{ name: `${stem}.html`, content: Buffer.from(page) }, { name: `${stem}.txt`, content: Buffer.from(text) }, ...files];
    const { compressed } = await import('./compressed.ts');
    try {
      const file = archive.write({ stem, form }, await compressed(parts, form, clock.now()), clock.now());
      const deleted = archive.clean(archiveDays, clock.now());
      if (deleted.length > 0) log.info('old reports were deleted', { deleted: deleted.length });
      return file;
    } catch (error) {
      const reason = errorCode(error);
      if (reason === null) throw error;
      throw new ServiceError('report-unwritable', `the report cannot be kept in ${archive.folder} (${reason}); make room or choose another place with reports.archiveFolder`, { cause: error });
    }
  }

  /** Tries to hand a mail to its server; returns what was wrong, or null. */
  async #attempt(waiting: Waiting): Promise<string | null> {
    const { clock, log, findPassword } = this.#ports;
    const outcome = await sendMail(waiting.mail, this.#ports.settings().mail, findPassword);
    if (outcome.kind === 'sent') {
      this.#spool.remove(waiting.id);
      if (outcome.refused.length > 0) log.warn('the server refused some who were to get a report', { refused: outcome.refused.length });
      return null;
    }
    const problem = outcome.kind === 'off' ? 'there is no server of mail: set mail.host' : outcome.problem;
    log.warn('a report could not be mailed and is tried again', { reason: problem, attempts: waiting.attempts + 1 });
    this.#spool.postpone(waiting, problem, clock.now());
    return problem;
  }
}

/** The folder of a history's reports. */
export function reportsFolderOf(historyPath: string): string {
  return `${historyPath}.reports`;
}

