import type { Move } from './moments.ts';

/** A generated household: what its machine moves each minute of a year, and the events that are planted in it. */

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** Monday 2026-01-05, 00:00 UTC. */
export const yearStart = 1_767_571_200_000;

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32, by Tommy Ettinger, in the public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const MB = 1_000_000;

/** What is going on for some minutes. */
interface Activity {
  readonly app: string;
  readonly host: string;
  readonly from: number;
  readonly to: number;
  readonly rxPerMinute: number;
  readonly txPerMinute: number;
}

function lognormal(random: () => number, median: number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(sigma * normal);
}

/** Small programs, of which each is once up to something. */
const tools = 16;

const sites = ['news.example.org', 'shop.example.com', 'mail.example.net', 'forum.example.org', 'maps.example.com'];

/** The activities of one day; `away` has only what machines do by themselves. */
function dayOf(start: number, weekday: number, random: () => number): readonly Activity[] {
  const day = Math.round((start - yearStart) / dayMs);
  const isAway = (day >= 200 && day < 214) || (day >= 355 && day < 362);
  const activities: Activity[] = [];
  const add = (hour: number, minutes: number, of: Omit<Activity, 'from' | 'to'>): void => {
    const from = start + Math.round(hour * 60) * minuteMs;
    activities.push({ ...of, from, to: from + Math.round(minutes) * minuteMs });
  };
  // Each night the backup sends what has changed.
  add(2 + random() * 0.2, 10 + random() * 10, { app: '/usr/bin/backup', host: 'vault.backup.example', rxPerMinute: 0.2 * MB, txPerMinute: lognormal(random, 8, 0.5) * MB });
  // Programs that look for news of their own, once a day.
  for (let tool = 0; tool < tools; tool += 1) add(6 + random() * 16, 1, { app: `/usr/bin/tool-${tool}`, host: 'news.tools.example', rxPerMinute: 0.5 * MB, txPerMinute: lognormal(random, 0.2, 0.5) * MB });
  if (isAway) return activities;
  const isWeekend = weekday >= 5;
  if (!isWeekend && random() < 0.7) {
    const calls = 1 + Math.floor(random() * 3);
    for (let call = 0; call < calls; call += 1) add(9 + random() * 7, 20 + random() * 50, { app: '/opt/meet/meet', host: 'sfu.meet.example', rxPerMinute: 18 * MB, txPerMinute: 12 * MB });
  }
  if (random() < 0.85) add((isWeekend ? 15 : 19) + random() * 3, 50 + random() * 120, { app: '/usr/bin/firefox', host: 'cdn.video.example', rxPerMinute: (random() < 0.2 ? 120 : 40) * MB * (0.8 + random() * 0.4), txPerMinute: 0.4 * MB });
  if (isWeekend && random() < 0.5) add(10 + random() * 3, 40 + random() * 60, { app: '/usr/bin/firefox', host: 'cdn.video.example', rxPerMinute: 40 * MB, txPerMinute: 0.4 * MB });
  // Packages once a week, a game once or twice a month: large, in the evening, and nothing new.
  if (weekday === 2) add(18 + random() * 3, 5 + random() * 5, { app: '/usr/bin/dnf', host: 'mirror.distribution.example', rxPerMinute: 150 * MB, txPerMinute: 1 * MB });
  if (random() < 0.05) add(18 + random() * 4, 30 + random() * 40, { app: '/opt/steam/steam', host: 'content.games.example', rxPerMinute: 400 * MB, txPerMinute: 3 * MB });
  return activities;
}

function browsing(hour: number, weekday: number): number {
  const isWeekend = weekday >= 5;
  if (hour < 6 || (hour >= 0 && hour < 7 && isWeekend)) return 0.01;
  if (hour < 9) return 0.25;
  if (hour < 17) return isWeekend ? 0.35 : 0.3;
  return hour < 23 ? 0.5 : 0.12;
}

/** An event that should be told, and how. */
export interface Planted {
  readonly kind: 'spike' | 'unusual' | 'upload' | 'first-seen' | 'watch-list' | 'http-hits' | 'volume';
  readonly from: number;
  readonly to: number;
  readonly app: string;
  readonly domain: string | null;
  readonly move: Move;
  readonly requests?: number;
}

/** A minute of the year. */
export interface Minute {
  /** Its end. */
  readonly time: number;
  readonly moves: readonly Move[];
  readonly requests: number;
}

/** All minutes of some days, with what was planted into them. */
export function* minutesOf(days: number, seed: number, planted: readonly Planted[]): Generator<Minute> {
  const random = randomFrom(seed);
  const events = planted.toSorted((a, b) => a.from - b.from);
  let next = 0;
  let current: Planted[] = [];
  let running: Activity[] = [];
  for (let day = 0; day < days; day += 1) {
    const start = yearStart + day * dayMs;
    const weekday = day % 7;
    running = [...running, ...dayOf(start, weekday, random)];
    for (let minute = 0; minute < 1440; minute += 1) {
      const time = start + minute * minuteMs;
      const moves: Move[] = [{ app: '/usr/bin/chat', host: 'push.chat.example', rx: Math.round(20_000 + random() * 80_000), tx: Math.round(5000 + random() * 20_000) }];
      if (random() < browsing(Math.floor(minute / 60), weekday)) {
        const site = sites[Math.floor(random() * sites.length)] ?? '';
        moves.push({ app: '/usr/bin/firefox', host: site, rx: Math.round(lognormal(random, 2 * MB, 1)), tx: Math.round(lognormal(random, 0.1 * MB, 0.7)) });
      }
      running = running.filter(({ to }) => to > time);
      for (const { app, host, from, rxPerMinute, txPerMinute } of running) {
        if (from <= time) moves.push({ app, host, rx: Math.round(rxPerMinute * (0.7 + random() * 0.6)), tx: Math.round(txPerMinute * (0.7 + random() * 0.6)) });
      }
      while ((events[next]?.from ?? Number.POSITIVE_INFINITY) <= time) current.push(...events.slice(next, (next += 1)));
      current = current.filter(({ to }) => to > time);
      for (const { move } of current) moves.push(move);
      yield { time: time + minuteMs, moves, requests: Math.round(random() * 20) + current.reduce((sum, { requests = 0 }) => sum + requests, 0) };
    }
  }
}

/** Events of every kind over the year, hours apart, from the second month on; each with its own size and hour. */
export function plant(seed: number): readonly Planted[] {
  const random = randomFrom(seed);
  const planted: Planted[] = [];
  const minutes = (count: number): number => Math.round(count) * minuteMs;
  for (let day = 32, index = 0; day < 350; day += 3, index += 1) {
    // What is unusual at night is not in the evening, when films are watched.
    const hour = index % 7 === 1 ? [0, 3, 4, 6, 8, 11, 13][Math.floor(random() * 7)] ?? 3 : Math.floor(random() * 23);
    const from = yearStart + day * dayMs + hour * hourMs + minutes(random() * 50);
    planted.push(eventOf(index, { from, random, minutes }));
  }
  return planted;
}

function eventOf(index: number, { from, random, minutes }: { readonly from: number; readonly random: () => number; readonly minutes: (count: number) => number }): Planted {
  const at = (length: number): { from: number; to: number } => ({ from, to: from + minutes(length) });
  const event = (kind: Planted['kind'], length: number, move: Move, domain: string | null, requests = 0): Planted => ({ kind, ...at(length), app: move.app ?? '', domain, move, requests });
  switch (index % 7) {
    case 0:
      return event('spike', 2 + random() * 8, { app: '/opt/steam/steam', host: 'content.games.example', rx: Math.round((25 + random() * 80) * MB) * 60, tx: 5 * MB }, 'games.example');
    case 1:
      return event('unusual', 20 + random() * 40, { app: '/usr/bin/wget', host: 'dump.archive.example', rx: Math.round((3 + random() * 8) * MB) * 60, tx: 3 * MB }, 'archive.example');
    case 2:
      return event('upload', 15 + random() * 30, { app: `/usr/bin/tool-${Math.floor(index / 7)}`, host: 'drop.exfiltration.example', rx: 1 * MB, tx: Math.round((1 + random() * 3) * MB) * 60 }, 'exfiltration.example');
    case 3:
      return event('first-seen', 3, { app: `/home/someone/new-${index}`, host: 'home.new.example', rx: 300_000, tx: 20_000 }, null);
    case 4:
      return event('watch-list', 2, { app: '/usr/bin/firefox', host: 'ads.tracker.example', rx: 90_000, tx: 9000 }, 'tracker.example');
    case 5:
      return event('http-hits', 5, { app: '/usr/bin/crawler', host: 'plain.example', rx: 2 * MB, tx: 1 * MB }, null, 60 * (15 + Math.round(random() * 30)));
    default:
      return event('volume', 12, { app: '/usr/bin/transmission', host: null, rx: 30 * MB, tx: 30 * MB }, null);
  }
}
