import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Liquid } from 'liquidjs';
import { barChart, changeText, durationText, sizeText } from '../../core/report/index.ts';
import type { Prefixes, ScheduledReport } from '../../core/report/index.ts';
import { ServiceError } from '../service-error.ts';

const packaged = fileURLToPath(new URL('templates/', import.meta.url));

/** The templates that there are: a page that stands alone, the HTML of a mail, plain text. */
export const templateNames = { html: 'report.html.liquid', mail: 'mail.html.liquid', text: 'report.txt.liquid' } as const;
export type TemplateForm = keyof typeof templateNames;

/** A report is a few hundred lines; a template that loops without end is stopped (LiquidJS, "DoS Prevention"). */
const limits = { parseLimit: 1_000_000, renderLimit: 2000, memoryLimit: 50_000_000 };

export interface TemplateOptions {
  /** A person's own folder; empty where there is none. */
  readonly folder: string;
  readonly prefixes: Prefixes;
}

function localTime(at: unknown, form: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { hourCycle: 'h23', ...form }).format(Number(at));
}

function engine(root: string, form: TemplateForm, prefixes: Prefixes): Liquid {
  const liquid = new Liquid({
    root: [root],
    strictFilters: true,
    ownPropertyOnly: true,
    ...limits,
    ...(form === 'text' ? {} : { outputEscape: 'escape' as const }),
  });
  liquid.registerFilter('size', (bytes: unknown) => sizeText(Number(bytes), prefixes));
  liquid.registerFilter('percent', (share: unknown) => `${(Number(share) * 100).toFixed(Number(share) < 0.1 ? 1 : 0)} %`);
  liquid.registerFilter('change', (now: unknown, before: unknown) => changeText(Number(now), Number(before)));
  liquid.registerFilter('duration', (seconds: unknown) => durationText(Number(seconds)));
  liquid.registerFilter('date_time', (at: unknown) => localTime(at, { dateStyle: 'medium', timeStyle: 'short' }));
  liquid.registerFilter('hour', (at: unknown) => localTime(at, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }));
  liquid.registerFilter('fit', (text: unknown, width: unknown) => fitted(String(text), Number(width)));
  liquid.registerFilter('right', (text: unknown, width: unknown) => String(text).padStart(Number(width)));
  return liquid;
}

/** A text of exactly so many characters, its end kept where it is longer: that is what tells names apart. */
function fitted(text: string, width: number): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
  return plain.length <= width ? plain.padEnd(width) : `…${plain.slice(-(width - 1))}`;
}

const periodWords = { daily: 'day', weekly: 'week', monthly: 'month' } as const;

function shown(report: ScheduledReport, prefixes: Prefixes): object {
  const title = report.period === 'daily' ? 'Bytes by hour' : 'Bytes by day';
  const amount = (bytes: number): string => sizeText(bytes, prefixes);
  const most = report.steps.reduce((largest, { rxBytes, txBytes }) => Math.max(largest, rxBytes + txBytes), 1);
  return {
    report,
    period: periodWords[report.period],
    chart: report.steps.length === 0 ? '' : barChart(report.steps, { title, amount }),
    chartTitle: title,
    bars: report.steps.map((step) => ({ ...step, rxPercent: Math.round((100 * step.rxBytes) / most), txPercent: Math.round((100 * step.txBytes) / most) })),
  };
}

function ownFolder(folder: string, name: string): string | null {
  return folder !== '' && existsSync(path.join(folder, name)) ? folder : null;
}

/**
 * A report as text. Throws {@link ServiceError} 'report-template' in one line, with file and line, where a template of one's own has an
 * error; a packaged one that has is a defect.
 */
export async function renderReport(report: ScheduledReport, form: TemplateForm, { folder, prefixes }: TemplateOptions): Promise<string> {
  const name = templateNames[form];
  const own = ownFolder(folder, name);
  try {
    return String(await engine(own ?? packaged, form, prefixes).renderFile(name, shown(report, prefixes)));
  } catch (error) {
    if (own === null) throw error;
    const said = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0];
    throw new ServiceError('report-template', `the template ${path.join(own, name)} has an error: ${said}; mend it or take it away`, { cause: error });
  }
}
