import type { AppRow, ByteCounts, PlanState, Since, Snapshot } from '../protocol/app.ts';
import { rateText, sizeText } from './quantity.ts';
import type { Units } from './quantity.ts';
import { limitation, obstacle } from './standing.ts';
import type { Standing } from './standing.ts';

/** What the tray's tooltip and menu say. Names come from the network and from file systems: they are cut, and cleared of what steers. */

const longestName = 40;
const longestReason = 120;

/** One line without control and direction characters (Unicode categories Cc and Cf, lone surrogates), not longer than `longest`. */
export function plainLine(text: string, longest: number): string {
  const characters = Array.from(text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ').trim());
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : characters.join('');
}

/** Bytes a second, down and up, over the interval of a snapshot; one of no length has no rate. */
export function ratesOf({ rxBytes, txBytes }: ByteCounts, { intervalSeconds }: Snapshot): { readonly down: number; readonly up: number } {
  return intervalSeconds > 0 ? { down: rxBytes / intervalSeconds, up: txBytes / intervalSeconds } : { down: 0, up: 0 };
}

export function bothRates(counts: ByteCounts, snapshot: Snapshot, units: Units): string {
  const { down, up } = ratesOf(counts, snapshot);
  return `↓ ${rateText(down, units)}  ↑ ${rateText(up, units)}`;
}

export function appName({ app, displayName, reason }: AppRow): string {
  return plainLine(displayName ?? app ?? `unknown app (${reason ?? 'no owner'})`, longestName);
}

/** The apps with the most traffic now, the largest first. */
export function topApps({ apps }: Snapshot, most: number): readonly AppRow[] {
  const bytes = (row: AppRow): number => row.rxBytes + row.txBytes;
  return apps.filter((row) => bytes(row) > 0).toSorted((a, b) => bytes(b) - bytes(a)).slice(0, most);
}

function clockTime(since: Since): string {
  if (since.until === null) return 'until you end it';
  const until = new Date(since.until);
  const twoDigits = (value: number): string => String(value).padStart(2, '0');
  return `until ${twoDigits(until.getHours())}:${twoDigits(until.getMinutes())}`;
}

/** The state in one line; null while it measures as usual. */
export function stateLine(standing: Standing): string | null {
  const stopped = obstacle(standing);
  if (stopped !== null) return `Not measuring: ${plainLine(stopped.why, longestReason)}`;
  const { link, mode } = standing;
  if (link.kind === 'starting') return 'Starting…';
  if (mode.paused !== null) return `Paused ${clockTime(mode.paused)}`;
  if (mode.private !== null) return `Private ${clockTime(mode.private)}: totals only`;
  const limited = limitation(standing);
  return limited === null ? null : plainLine(limited, longestReason);
}

/** The newest alert that is not over, in one line; null where there is none. */
export function alertLine({ openAlerts }: Standing): string | null {
  const alert = openAlerts.at(-1);
  return alert === undefined ? null : plainLine(alert.title, longestReason);
}

export function todayLine({ rxBytes, txBytes }: ByteCounts, units: Units): string {
  return `Today: ${sizeText(rxBytes + txBytes, units)}  (↓ ${sizeText(rxBytes, units)}  ↑ ${sizeText(txBytes, units)})`;
}

/** `Home: 45.0 GB of 100 GB used (45 %)`. What is not all is never said to be 100 %. */
export function planLine({ plan, usedBytes, share }: PlanState, units: Units): string {
  const percent = share < 1 ? Math.min(99, Math.floor(share * 100)) : Math.floor(share * 100);
  return `${plainLine(plan.name, longestName)}: ${sizeText(usedBytes, units)} of ${sizeText(plan.capBytes, units)} used (${percent} %)`;
}

/** The plan that is used up the most: where there are several, that is the one to know of. */
export function foremostPlan({ plans }: Standing): PlanState | null {
  return plans.toSorted((a, b) => b.share - a.share)[0] ?? null;
}

/** Rates, and what goes most now: three short lines. */
export function toolTip(standing: Standing, units: Units): string {
  const { snapshot } = standing;
  const state = stateLine(standing);
  const lines = state === null ? [] : [state];
  if (snapshot !== null && obstacle(standing) === null && standing.mode.paused === null) {
    lines.unshift(bothRates(snapshot.totals, snapshot, units));
    const [top] = topApps(snapshot, 1);
    if (top !== undefined) lines.push(`${appName(top)}  ${bothRates(top, snapshot, units)}`);
  }
  const alert = alertLine(standing);
  return (alert === null ? lines : [...lines, alert]).join('\n');
}
