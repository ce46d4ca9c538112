import type { Alert } from '../../protocol/alert.ts';
import type { PlanState } from '../../protocol/plan.ts';
import type { Report, ReportRow } from '../../protocol/report.ts';
import type { ReportPeriod } from '../../protocol/scheduled-report.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { KnownApp, StepsResult } from '../../protocol/usage-query.ts';
import type { Period } from './period.ts';

/** What the history answered for one period and the one before. */
export interface PeriodAnswers {
  readonly period: ReportPeriod;
  readonly range: Period;
  readonly before: Period;
  readonly madeAt: EpochMs;
  /** What the machine is called. */
  readonly machine: string;
  readonly apps: Report;
  readonly appsBefore: Report;
  readonly domains: Report;
  readonly domainsBefore: Report;
  readonly networks: Report;
  readonly scopes: Report;
  /** Hours of a day; days of a week or month. */
  readonly steps: StepsResult;
  readonly hours: StepsResult;
  readonly knownApps: readonly KnownApp[];
  /** Of the domains without bytes before: whether the history had never met one. */
  readonly isNewDomain: (domain: string) => boolean;
  readonly plans: readonly PlanState[];
  readonly alerts: readonly Alert[];
}

/** One line of a list: an app, a domain, a network, a scope. */
export interface ReportLine {
  /** Null for what is unknown. */
  readonly key: string | null;
  readonly label: string;
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly bytes: number;
  readonly connections: number;
  /** Of all bytes, 0 to 1. */
  readonly share: number;
  readonly previousBytes: number;
}

export interface Mover {
  readonly kind: 'app' | 'domain';
  readonly label: string;
  readonly bytes: number;
  readonly previousBytes: number;
  /** More, or less where negative. */
  readonly difference: number;
}

export interface ReportStep {
  readonly label: string;
  readonly start: EpochMs;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** What a report says, as figures: what templates and the JSON attachment are made of. */
export interface ScheduledReport {
  readonly period: ReportPeriod;
  readonly title: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly madeAt: EpochMs;
  readonly machine: string;
  readonly total: { readonly rxBytes: number; readonly txBytes: number; readonly bytes: number; readonly connections: number };
  readonly previousTotal: { readonly rxBytes: number; readonly txBytes: number; readonly bytes: number; readonly connections: number };
  readonly notMeasuredSeconds: number;
  readonly apps: readonly ReportLine[];
  readonly domains: readonly ReportLine[];
  readonly networks: readonly ReportLine[];
  readonly scopes: readonly ReportLine[];
  readonly newApps: readonly ReportLine[];
  readonly newDomains: readonly ReportLine[];
  readonly movers: readonly Mover[];
  /** The hour with the most bytes; null where there were none. */
  readonly busiestHour: { readonly start: EpochMs; readonly bytes: number } | null;
  readonly steps: readonly ReportStep[];
  readonly plans: readonly PlanState[];
  readonly alerts: readonly Alert[];
}

/** Rows of each list: what a person reads. */
const listed = 10;
const newListed = 20;
/** A difference below a hundredth of all is noise. */
const leastMove = 0.01;

function bytesOf(row: { readonly rxBytes: number; readonly txBytes: number }): number {
  return row.rxBytes + row.txBytes;
}

const unknownLabels: Readonly<Record<string, string>> = { app: 'unknown app', domain: 'no name known', network: 'unknown network', scope: 'unknown' };

function labelOf(row: ReportRow, by: string): string {
  return row.displayName ?? row.key ?? unknownLabels[by] ?? 'unknown';
}

/** All rows of a report, the largest first. */
function linesOf(report: Report, before: Report | null): ReportLine[] {
  const previous = new Map((before?.rows ?? []).map((row) => [row.key, bytesOf(row)]));
  const all = bytesOf(report.total);
  return report.rows
    .map((row) => ({
      key: row.key,
      label: labelOf(row, report.by),
      rxBytes: row.rxBytes,
      txBytes: row.txBytes,
      bytes: bytesOf(row),
      connections: row.connections,
      share: all === 0 ? 0 : bytesOf(row) / all,
      previousBytes: previous.get(row.key) ?? 0,
    }))
    .toSorted((a, b) => b.bytes - a.bytes);
}

function totalOf({ total }: Report): ScheduledReport['total'] {
  return { rxBytes: total.rxBytes, txBytes: total.txBytes, bytes: bytesOf(total), connections: total.connections };
}

/** What grew or shrank most, whether it is still there or not. */
function moversAmong(kind: Mover['kind'], now: Report, before: Report): Mover[] {
  const present = new Map(now.rows.map((row) => [row.key, row]));
  const previous = new Map(before.rows.map((row) => [row.key, row]));
  return [...new Set([...present.keys(), ...previous.keys()])].flatMap((key) => {
    const row = present.get(key) ?? previous.get(key);
    if (key === null || row === undefined) return [];
    const [bytes, previousBytes] = [bytesOf(present.get(key) ?? { rxBytes: 0, txBytes: 0 }), bytesOf(previous.get(key) ?? { rxBytes: 0, txBytes: 0 })];
    return [{ kind, label: labelOf(row, now.by), bytes, previousBytes, difference: bytes - previousBytes }];
  });
}

function moversOf(answers: PeriodAnswers): readonly Mover[] {
  const all = Math.max(bytesOf(answers.apps.total), bytesOf(answers.appsBefore.total));
  return [...moversAmong('app', answers.apps, answers.appsBefore), ...moversAmong('domain', answers.domains, answers.domainsBefore)]
    .filter(({ difference }) => Math.abs(difference) > leastMove * all)
    .toSorted((a, b) => Math.abs(b.difference) - Math.abs(a.difference))
    .slice(0, listed);
}

function busiestOf({ steps }: StepsResult): ScheduledReport['busiestHour'] {
  let busiest: ScheduledReport['busiestHour'] = null;
  for (const step of steps) {
    const bytes = bytesOf(step);
    if (bytes > (busiest?.bytes ?? 0)) busiest = { start: step.start, bytes };
  }
  return busiest;
}

/** The report of a period. `hourLabel` writes the local hour of an instant. */
export function scheduledReport(answers: PeriodAnswers, hourLabel: (at: EpochMs) => string): ScheduledReport {
  const { range, apps, domains } = answers;
  const appLines = linesOf(apps, answers.appsBefore);
  const domainLines = linesOf(domains, answers.domainsBefore);
  const newIds = new Set(answers.knownApps.filter(({ first }) => first >= range.from && first < range.to).map(({ app }) => app));
  return {
    period: answers.period,
    title: range.title,
    from: range.from,
    to: range.to,
    madeAt: answers.madeAt,
    machine: answers.machine,
    total: totalOf(apps),
    previousTotal: totalOf(answers.appsBefore),
    notMeasuredSeconds: apps.gaps.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, range.to) - Math.max(from, range.from)) / 1000, 0),
    apps: appLines.slice(0, listed),
    domains: domainLines.slice(0, listed),
    networks: linesOf(answers.networks, null).slice(0, listed),
    scopes: linesOf(answers.scopes, null),
    newApps: appLines.filter(({ key }) => key !== null && newIds.has(key)).slice(0, newListed),
    newDomains: domainLines.filter(({ key, previousBytes }) => key !== null && previousBytes === 0 && answers.isNewDomain(key)).slice(0, newListed),
    movers: moversOf(answers),
    busiestHour: busiestOf(answers.hours),
    steps: answers.steps.steps.map(({ start, date, rxBytes, txBytes }) => ({ label: date?.slice(5) ?? hourLabel(start), start, rxBytes, txBytes })),
    plans: answers.plans,
    alerts: answers.alerts,
  };
}
