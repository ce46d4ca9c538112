import type { UsageApp } from '../../../core/history/usage.ts';
import type { Quality } from '../../../core/history/quality.ts';
import type { Countable } from '../../../core/history/accumulator.ts';
import { AppId } from '../../../protocol/app.ts';
import type { HttpHostSum } from '../../../protocol/http.ts';
import { epochMs } from '../../../protocol/units.ts';

/**
 * Usage as a heavy user's machine makes it: 60 apps and 3 000 hosts in 1 100 domains, with a daily and a weekly rhythm.
 * A few apps (browsers) meet most of the hosts; most apps meet a handful; who is popular is very popular. All of it follows
 * from the seed.
 */
export interface Household {
  /** What plain HTTP was asked for in the same time. */
  http(time: number): readonly HttpHostSum[];
  /** What happened in the `seconds` before `time`: one row per app and host that were active. */
  usage(time: number, seconds: number): readonly Countable[];
}

/** How much an app does. */
interface AppHabit {
  readonly app: UsageApp;
  /** Its hosts, the most used first. */
  readonly hosts: readonly Countable['host'][];
  /** Probability to be active in ten seconds of a busy hour. */
  readonly activity: number;
  /** It goes on at night as well: an updater, a sync client. */
  readonly steady: number;
  /** Hosts that it meets in ten active seconds. */
  readonly breadth: number;
}

/** A small generator of pseudo-random numbers in [0, 1): "mulberry32", public domain. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const appCount = 60;
const hostCount = 3000;
const domainCount = 1100;
const tenSeconds = 10;
const countries = ['US', 'US', 'DE', 'IE', 'NL', 'US', 'FR', 'GB'];

function makeHosts(): readonly Countable['host'][] {
  return Array.from({ length: hostCount }, (_, index): Countable['host'] => {
    if (index % 20 === 19) return { kind: 'address', address: `198.51.${index >> 8}.${index & 255}` };
    const domain = `site-${(index * 7919) % domainCount}.example`;
    return { kind: 'name', name: `host-${index}.${domain}`, domain, source: index % 3 === 0 ? 'dns' : 'tls-sni', country: countries[index % countries.length] ?? 'US' };
  });
}

function makeHabits(random: () => number): readonly AppHabit[] {
  const hosts = makeHosts();
  const some = (count: number): Countable['host'][] =>
    Array.from({ length: count }, () => hosts[Math.floor(random() * hosts.length)] ?? hosts[0]).filter(
      (host) => host !== undefined,
    );
  return Array.from({ length: appCount }, (_, index) => {
    const browser = index < 3;
    const everyday = index < 18;
    const executable = `/usr/lib/application-${index}/application-${index}`;
    return {
      app: { id: AppId.parse(executable), executable, displayName: `Application ${index}` },
      hosts: browser ? hosts.filter((_, host) => host % 3 === index).concat(some(600)) : some(4 + Math.floor(random() * 40)),
      activity: browser ? 0.9 / (1 + index) : random() * (everyday ? 0.2 : 0.004),
      steady: everyday && index % 3 === 0 ? 0.1 : 0.0001,
      breadth: browser ? 4 : 1 + Math.floor(random() * 3),
    };
  });
}

/** How busy an hour is: 0 at night, up to 1 in the evening; weekends begin later. */
function busyness(time: number): number {
  const hour = Math.floor(time / 3_600_000) % 24;
  const weekend = [2, 3].includes(Math.floor(time / 86_400_000) % 7);
  if (hour < (weekend ? 9 : 6)) return 0;
  return hour < 18 ? 0.6 : 1;
}

/** The rank that a random number picks: Zipf-like, rank 0 the most often. */
function rank(random: number, count: number): number {
  return Math.min(count - 1, Math.floor(count ** random) - 1);
}

/** Makes a household from a seed. */
export function makeHousehold(seed: number): Household {
  const random = randomFrom(seed);
  const habits = makeHabits(random);
  const meet = (habit: AppHabit, time: number, seconds: number): readonly Countable[] => {
    const active = busyness(time) * habit.activity + habit.steady;
    const tens = seconds / tenSeconds;
    if (random() > 1 - (1 - Math.min(active, 0.95)) ** tens) return [];
    // New hosts come slower and slower: a page asks the same ones again.
    const meetings = Math.ceil(habit.breadth * tens ** 0.33 * (0.5 + random()));
    const met = new Set(Array.from({ length: meetings }, () => rank(random(), habit.hosts.length)));
    return [...met].map((index) => usageOf(habit, index, { time, meetings, random }));
  };
  const http = (time: number): readonly HttpHostSum[] => (busyness(time) === 0 || random() < 0.5 ? [] : [httpOf(Math.floor(random() * 40), random)]);
  return { http, usage: (time, seconds) => habits.flatMap((habit) => meet(habit, time, seconds)) };
}

/** Most is the web; what is met rarely is met by other services as well. */
function serviceOf(index: number): string {
  if (index % 25 === 24) return 'ipp';
  if (index % 40 === 39) return 'http';
  return index % 15 === 14 ? 'imaps' : 'https';
}

/** Requests to one of a few hosts that still speak plain HTTP. */
function httpOf(number: number, random: () => number): HttpHostSum {
  const requests = 1 + Math.floor(random() * 5);
  const section = `/section-${Math.floor(random() * 10)}`;
  const status = random() < 0.9 ? '200' : '404';
  return { host: `plain-${number}.example`, requests, responses: requests, methods: { GET: requests }, sections: { [section]: requests }, statuses: { [status]: requests } };
}

/** Ten seconds of a connection: some round-trip times, and a loss now and then. */
function qualityOf(packets: number, random: () => number): Quality {
  const least = 5000 + Math.floor(random() * 40_000);
  const samples = 1 + Math.floor(random() * 9);
  return { samples, least, sum: samples * (least + 4000), most: least + 8000, retransmits: Math.floor(random() ** 8 * packets * 0.02), packets };
}

function usageOf(
  habit: AppHabit,
  index: number,
  moment: { readonly time: number; readonly meetings: number; readonly random: () => number },
): Countable {
  const packets = 1 + Math.floor(moment.random() ** 6 * 20_000);
  const host = habit.hosts[index] ?? { kind: 'other-names' };
  return {
    at: epochMs(moment.time - 1),
    owner: { certainty: 'exact', app: habit.app },
    host,
    scope: index % 25 === 24 ? 'lan' : 'internet',
    network: Math.floor(moment.time / 86_400_000) % 7 < 5 ? 'wlan-office' : 'wlan-home',
    rxBytes: packets * 1100,
    txBytes: packets * 90,
    rxPackets: packets,
    txPackets: Math.ceil(packets / 2),
    connections: 1,
    service: serviceOf(index),
    quality: index % 25 === 24 ? null : qualityOf(packets, moment.random),
  };
}
