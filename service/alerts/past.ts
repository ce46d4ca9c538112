import { Baseline, baselineMs, quarterMs } from '../../core/alert/baseline.ts';
import type { QuarterSample, Usual } from '../../core/alert/baseline.ts';
import type { SeenBefore } from '../../core/alert/first-seen.ts';
import type { AlertHistory } from '../../core/alert/alerting.ts';
import type { UploadPast } from '../../core/alert/upload.ts';
import type { VolumeBefore } from '../../core/alert/volume.ts';
import type { VolumeRule } from '../../core/alert/volume-rule.ts';
import type { Calendar } from '../../core/history/calendar.ts';
import type { Gap, StepsResult } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { HistoryAnswers } from '../history-handlers.ts';

export interface PastPorts {
  readonly reader: () => HistoryAnswers;
  readonly calendar: Calendar;
  readonly now: () => EpochMs;
  /** How long quarter-hours are kept, in milliseconds: what is older is kept by the day only. */
  readonly quarterKeptMs: () => number;
  readonly countryOf: (address: string) => string | null;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;

/** Keys that a volume of the past is asked for, most. */
const mostKeys = 256;

/** The whole quarter-hours of an answer in which something was measured, those without traffic among them. */
export function quarterSamples({ from, to, steps, gaps }: Pick<StepsResult, 'from' | 'to' | 'steps' | 'gaps'>): readonly QuarterSample[] {
  const bytes = new Map(steps.map(({ start, rxBytes, txBytes }) => [start, rxBytes + txBytes]));
  const missed = new Set(gaps.flatMap((gap) => quartersIn(gap, from, to)));
  const samples: QuarterSample[] = [];
  for (let start = Math.ceil(from / quarterMs) * quarterMs; start + quarterMs <= to; start += quarterMs) {
    if (!missed.has(start)) samples.push({ start: epochMs(start), bytes: bytes.get(epochMs(start)) ?? 0 });
  }
  return samples;
}

/** A quarter-hour of which a fifth was not measured says too little. */
const tolerableGapMs = quarterMs / 5;

function quartersIn(gap: Gap, from: number, to: number): readonly number[] {
  const quarters: number[] = [];
  const first = Math.max(from, gap.from);
  const last = Math.min(to, gap.to);
  for (let start = Math.floor(first / quarterMs) * quarterMs; start < last; start += quarterMs) {
    if (Math.min(last, start + quarterMs) - Math.max(first, start) > tolerableGapMs) quarters.push(start);
  }
  return quarters;
}

/** What alerts ask of the usage of the past. The history is asked once an hour for what is usual, and once for each new thing. */
export class UsagePast implements Omit<AlertHistory, 'nextId' | 'isKnown'> {
  readonly #ports: PastPorts;
  #baseline: { readonly hour: number; readonly baseline: Baseline } | null = null;
  /** What was learnt from, and until when: later hours are added to it. */
  #learnt: { readonly samples: readonly QuarterSample[]; readonly until: EpochMs } | null = null;
  #hourOfWeek: { readonly quarter: number; readonly hour: number } | null = null;

  constructor(ports: PastPorts) {
    this.#ports = ports;
  }

  readonly usualAt: AlertHistory['usualAt'] = (now, sensitivity): Usual | null => {
    const hour = Math.floor(now / hourMs);
    if (this.#baseline?.hour !== hour) this.#baseline = { hour, baseline: this.#learn(now) };
    return this.#baseline.baseline.usualAt(this.#hourAt(now), sensitivity);
  };

  readonly uploadOf: AlertHistory['uploadOf'] = (app, now): UploadPast | null => {
    const seen = this.#ports.reader().seen('app', app);
    if (seen === null) return null;
    const filter = { app, scope: 'internet' } as const;
    const to = epochMs(Math.max(0, now - hourMs));
    const { steps } = this.#ports.reader().steps({ from: epochMs(Math.min(to, this.#oldest(now))), to, step: 'hour', filter }, now);
    return { since: seen.first, mostInAnHour: steps.reduce((most, { txBytes }) => Math.max(most, txBytes), 0) };
  };

  readonly volumeBefore: VolumeBefore = (rule) => {
    const now = this.#ports.now();
    const range = { from: epochMs(Math.max(0, now - rule.seconds * 1000)), to: now };
    if (rule.of === 'machine') {
      const { total } = this.#ports.reader().top({ ...range, by: 'scope', limit: 1 }, now);
      return [{ key: '', label: '', bytes: total }];
    }
    const { rows } = this.#ports.reader().top({ ...range, by: rule.of, limit: mostKeys, ...filterOf(rule) }, now);
    return rows.flatMap(({ key, label, ...bytes }) => (key === null ? [] : [{ key, label, bytes }]));
  };

  readonly seenBefore: SeenBefore = {
    app: (app) => this.#ports.reader().seen('app', app) !== null,
    domain: (app, domain) => this.#hasUsage({ app, domain }),
    country: (app, country) => this.#ports.reader().top({ by: 'country', limit: mostKeys, filter: { app } }, this.#ports.now()).rows.some(({ key }) => key === country),
    countryOf: (address) => this.#ports.countryOf(address),
  };

  /** What is forgotten is asked for again. */
  forget(): void {
    this.#baseline = null;
    this.#learnt = null;
  }

  #hasUsage(filter: { readonly app: string; readonly domain: string }): boolean {
    const { total } = this.#ports.reader().top({ by: 'scope', limit: 1, filter }, this.#ports.now());
    return total.rxBytes + total.txBytes > 0;
  }

  /** From when on quarter-hours are kept for certain. */
  #oldest(now: EpochMs): EpochMs {
    return epochMs(Math.max(0, now - Math.min(baselineMs, this.#ports.quarterKeptMs() - dayMs)));
  }

  #learn(now: EpochMs): Baseline {
    const oldest = this.#oldest(now);
    const before = this.#learnt !== null && this.#learnt.until <= now ? this.#learnt : null;
    // The last quarter-hour is not over, and would look like a quiet one.
    const until = epochMs(Math.floor(now / quarterMs) * quarterMs);
    const answer = this.#ports.reader().steps({ from: before?.until ?? oldest, to: until, step: 'quarter', filter: { scope: 'internet' } }, now);
    // Before the first there may have been no history yet.
    const from = before === null ? (answer.steps[0]?.start ?? until) : before.until;
    const samples = [...(before?.samples ?? []), ...quarterSamples({ ...answer, from, to: until })].filter(({ start }) => start >= oldest);
    this.#learnt = { samples, until: samples.length === 0 ? oldest : until };
    return new Baseline(samples, this.#hourOfWeekFrom());
  }

  #hourAt(now: EpochMs): number {
    const quarter = Math.floor(now / quarterMs);
    if (this.#hourOfWeek?.quarter !== quarter) this.#hourOfWeek = { quarter, hour: this.#hourOfWeekFrom()(now) };
    return this.#hourOfWeek.hour;
  }

  /** The calendar is asked for a day once, for instants that come in order. */
  #hourOfWeekFrom(): (time: EpochMs) => number {
    const { calendar } = this.#ports;
    let day = calendar.dayOf(epochMs(0));
    return (time) => {
      if (time < day.start || time >= day.end) day = calendar.dayOf(time);
      const isPlain = day.end - day.start === dayMs;
      const hour = isPlain ? Math.floor((time - day.start) / hourMs) : calendar.hourOf(time);
      // 1970-01-01 was a Thursday.
      return ((day.date + 3) % 7) * 24 + hour;
    };
  }
}

function filterOf({ of, key }: VolumeRule): { readonly filter?: { readonly app?: string; readonly domain?: string; readonly network?: string } } {
  if (key === null || of === 'machine') return {};
  if (of === 'app') return { filter: { app: key } };
  return of === 'domain' ? { filter: { domain: key } } : { filter: { network: key } };
}
