import { hostname } from 'node:os';
import { periodBefore } from '../../core/report/index.ts';
import type { PeriodAnswers } from '../../core/report/index.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import type { AppClient } from '../../protocol/app.ts';
import type { ReportPeriod } from '../../protocol/scheduled-report.ts';
import type { EpochMs } from '../../protocol/units.ts';

/** Domains that are looked up one by one, whether they were met before: the largest of the new ones. */
const lookedUp = 200;
/** Alerts that a report tells of. */
const alertsTold = 50;

/** Asks for all that the report of the last period before `at` says. */
export async function gather(client: AppClient, calendar: Calendar, wanted: { readonly period: ReportPeriod; readonly at: EpochMs; readonly now: EpochMs }): Promise<PeriodAnswers> {
  const { period, at, now } = wanted;
  const range = periodBefore(calendar, period, at);
  const before = periodBefore(calendar, period, range.from);
  const present = { from: range.from, to: range.to };
  const previous = { from: before.from, to: before.to };
  const [apps, appsBefore, domains, domainsBefore, networks, scopes] = await Promise.all([
    client.query('report', { by: 'app', ...present }),
    client.query('report', { by: 'app', ...previous }),
    client.query('report', { by: 'domain', ...present }),
    client.query('report', { by: 'domain', ...previous }),
    client.query('report', { by: 'network', ...present }),
    client.query('report', { by: 'scope', ...present }),
  ]);
  const hours = await client.query('steps', { ...present, step: 'hour' });
  const steps = period === 'daily' ? hours : await client.query('steps', { ...present, step: 'day' });
  const known = await client.query('apps', { limit: 1000 });
  const plans = await client.query('plans', {});
  const alerts = await client.query('alerts', { ...present, limit: alertsTold });
  const newDomains = await newOnes(client, { from: range.from, domains, domainsBefore });
  return {
    period, range, before, madeAt: now, machine: hostname(),
    apps, appsBefore, domains, domainsBefore, networks, scopes, steps, hours,
    knownApps: known.apps, isNewDomain: (domain) => newDomains.has(domain), plans: plans.plans, alerts: alerts.alerts,
  };
}

async function newOnes(client: AppClient, given: { readonly from: EpochMs } & Pick<PeriodAnswers, 'domains' | 'domainsBefore'>): Promise<ReadonlySet<string>> {
  const before = new Set(given.domainsBefore.rows.map(({ key }) => key));
  const candidates = given.domains.rows
    .flatMap(({ key, rxBytes, txBytes }) => (key === null || before.has(key) ? [] : [{ key, bytes: rxBytes + txBytes }]))
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, lookedUp);
  const result = new Set<string>();
  for (const { key } of candidates) {
    const { seen } = await client.query('seen', { what: 'domain', key });
    if (seen !== null && seen.first >= given.from) result.add(key);
  }
  return result;
}
