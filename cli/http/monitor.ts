import type { Snapshot } from '../../protocol/app.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { mergedHttp } from '../../service/index.ts';

/** Hosts that stand for themselves in one span; requests to others are one row. */
const hostsPerSpan = 1000;

/** How the rate stands to the threshold: `recovered` is the first span that is not over it any more. */
export type HttpState = 'calm' | 'over' | 'recovered';

/** What plain HTTP did in one span. */
export interface HttpSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly seconds: number;
  readonly requests: number;
  readonly responses: number;
  readonly hitsPerSecond: number;
  /** The most asked first. */
  readonly hosts: readonly HttpHostSum[];
  readonly state: HttpState;
  /** When the rate went over the threshold; null where it is not, and was not just before. */
  readonly overSince: EpochMs | null;
}

/** What is known between two snapshots. */
export interface HttpMonitor {
  readonly from: EpochMs | null;
  readonly seconds: number;
  readonly hosts: readonly HttpHostSum[];
  readonly overSince: EpochMs | null;
  /** The span that has just ended; null between. */
  readonly ended: HttpSpan | null;
}

export interface HttpRules {
  /** Seconds of one span. */
  readonly span: number;
  /** Requests a second above which a span is over. */
  readonly threshold: number;
}

export const newHttpMonitor: HttpMonitor = { from: null, seconds: 0, hosts: [], overSince: null, ended: null };

/** An interval is a second, a little more or less: a span that lacks less than half of one has ended. */
const nearEnough = 0.5;

/** The monitor after one more snapshot. */
export function monitorAfter(before: HttpMonitor, snapshot: Pick<Snapshot, 'time' | 'intervalSeconds' | 'http'>, { span, threshold }: HttpRules): HttpMonitor {
  const { time, intervalSeconds } = snapshot;
  const from = before.from ?? epochMs(Math.max(0, time - intervalSeconds * 1000));
  const seconds = before.seconds + intervalSeconds;
  const hosts = mergedHttp([before.hosts, snapshot.http], { hosts: hostsPerSpan });
  if (seconds <= 0 || seconds + Math.min(nearEnough, span / 2) < span) return { from, seconds, hosts, overSince: before.overSince, ended: null };
  const sum = (of: (host: HttpHostSum) => number): number => hosts.reduce((total, host) => total + of(host), 0);
  const requests = sum((host) => host.requests);
  const hitsPerSecond = requests / seconds;
  const isOver = hitsPerSecond > threshold;
  const state = isOver ? 'over' : before.overSince === null ? 'calm' : 'recovered';
  const overSince = isOver ? (before.overSince ?? time) : null;
  const ended = { from, to: time, seconds, requests, responses: sum((host) => host.responses), hitsPerSecond, hosts, state, overSince: overSince ?? before.overSince } as const;
  return { from: time, seconds: 0, hosts: [], overSince, ended };
}
