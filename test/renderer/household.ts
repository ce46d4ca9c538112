import { AppId } from '../../protocol/app.ts';
import { epochMs } from '../../protocol/units.ts';
import type { Countable } from '../../core/history/accumulator.ts';
import { noCoverage } from '../../core/history/coverage.ts';
import type { Coverage, UsageApp } from '../../core/history/usage.ts';
import type { History } from '../../service/history/index.ts';
import { randomFrom } from '../bench/history/generate.ts';

/** A household as a person would know it: apps and sites with names, mornings, evenings, weekends, a backup at night. */

interface Habit {
  readonly executable: string;
  readonly displayName: string;
  /** Bytes an hour when it is busy, received and sent. */
  readonly down: number;
  readonly up: number;
  readonly hours: 'day' | 'evening' | 'always' | 'night' | 'seldom';
  readonly hosts: readonly string[];
}

const megabyte = 1e6;

export const habits: readonly Habit[] = [
  { executable: '/usr/lib/firefox/firefox', displayName: 'Firefox', down: 420 * megabyte, up: 24 * megabyte, hours: 'day', hosts: ['rr3.googlevideo.com', 'i.ytimg.com', 'upload.wikimedia.org', 'en.wikipedia.org', 'static.zdf.de', 'cdn.jsdelivr.net', 'images.theguardian.com', 'api.openstreetmap.org', 'fonts.gstatic.com', 'www.heise.de', 'github.com', 'avatars.githubusercontent.com'] },
  { executable: '/usr/bin/vlc', displayName: 'VLC media player', down: 1500 * megabyte, up: 9 * megabyte, hours: 'evening', hosts: ['streams.ard.de', 'zdf-hls.akamaized.net', 'live.arte.tv'] },
  { executable: 'flatpak:com.valvesoftware.Steam', displayName: 'Steam', down: 5200 * megabyte, up: 30 * megabyte, hours: 'seldom', hosts: ['cache3-fra1.steamcontent.com', 'cache7-fra2.steamcontent.com', 'api.steampowered.com'] },
  { executable: '/usr/bin/nextcloud', displayName: 'Nextcloud', down: 30 * megabyte, up: 60 * megabyte, hours: 'always', hosts: ['cloud.example.org'] },
  { executable: '/usr/bin/borg', displayName: 'Borg Backup', down: 12 * megabyte, up: 1900 * megabyte, hours: 'night', hosts: ['backup.example.net'] },
  { executable: '/usr/bin/thunderbird', displayName: 'Thunderbird', down: 11 * megabyte, up: 4 * megabyte, hours: 'day', hosts: ['imap.posteo.de', 'smtp.posteo.de', 'imap.gmail.com'] },
  { executable: '/usr/bin/signal-desktop', displayName: 'Signal', down: 17 * megabyte, up: 12 * megabyte, hours: 'day', hosts: ['chat.signal.org', 'cdn2.signal.org'] },
  { executable: '/usr/bin/apt', displayName: 'apt', down: 380 * megabyte, up: 2 * megabyte, hours: 'seldom', hosts: ['deb.debian.org', 'security.debian.org'] },
  { executable: '/usr/bin/code', displayName: 'VS Code', down: 24 * megabyte, up: 7 * megabyte, hours: 'day', hosts: ['marketplace.visualstudio.com', 'api.github.com', 'vscode.blob.core.windows.net'] },
  { executable: 'docker:registry-mirror', displayName: 'Container registry-mirror', down: 140 * megabyte, up: 5 * megabyte, hours: 'seldom', hosts: ['production.cloudflare.docker.com', 'auth.docker.io'] },
  { executable: '/usr/bin/zoom', displayName: 'Zoom', down: 610 * megabyte, up: 480 * megabyte, hours: 'seldom', hosts: ['zoomfrg112mmr.fra.zoom.us', 'us05web.zoom.us'] },
  { executable: '/usr/bin/spotify', displayName: 'Spotify', down: 82 * megabyte, up: 1.2 * megabyte, hours: 'day', hosts: ['audio4-fa.scdn.co', 'ap-gew4.spotify.com'] },
  { executable: '/usr/lib/systemd/systemd-timesyncd', displayName: 'systemd-timesyncd', down: 9000, up: 9000, hours: 'always', hosts: ['0.debian.pool.ntp.org'] },
  { executable: '/usr/bin/syncthing', displayName: 'Syncthing', down: 26 * megabyte, up: 90 * megabyte, hours: 'always', hosts: ['192.168.1.20'] },
  { executable: '/usr/bin/python3#backup-photos.py', displayName: 'backup-photos.py', down: 2 * megabyte, up: 130 * megabyte, hours: 'seldom', hosts: ['nas.local'] },
];

function appOf({ executable, displayName }: Habit): UsageApp {
  return { id: AppId.parse(executable), executable: executable.startsWith('/') ? executable : null, displayName };
}

function hostOf(name: string): Countable['host'] {
  if (/^[\d.]+$/u.test(name)) return { kind: 'address', address: name };
  const parts = name.split('.');
  return { kind: 'name', name, domain: parts.slice(-2).join('.'), source: name.length % 3 === 0 ? 'quic-sni' : name.length % 3 === 1 ? 'tls-sni' : 'dns' };
}

/** How likely an app is to be busy in an hour of the local clock, 0 to 1. */
function likelihood(hours: Habit['hours'], hour: number, isWeekend: boolean): number {
  if (hours === 'always') return 0.9;
  if (hours === 'night') return hour === 3 ? 1 : 0;
  if (hours === 'evening') return hour >= 19 && hour < 23 ? 0.7 : isWeekend && hour >= 14 ? 0.3 : 0;
  if (hours === 'seldom') return hour >= 10 && hour < 22 ? 0.02 : 0;
  const morning = isWeekend ? 9 : 7;
  return hour < morning || hour > 22 ? 0.02 : hour < 12 ? 0.6 : hour < 18 ? 0.75 : 0.9;
}

/** Usage of one step that ends at `end`: one row for each app and host that were busy. */
function usageOf(end: number, seconds: number, random: () => number): Countable[] {
  const local = new Date(end - 1);
  const isWeekend = local.getDay() % 6 === 0;
  return habits.flatMap((habit) => {
    if (random() > likelihood(habit.hours, local.getHours(), isWeekend)) return [];
    const strength = (0.2 + 1.6 * random() ** 2) * (seconds / 3600);
    const met = habit.hosts.filter((_, index) => index === 0 || random() < 0.6);
    const weights = met.map((_, index) => 1 / (index + 1));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    return met.map((host, index): Countable => {
      const share = (weights[index] ?? 0) / whole;
      const rxBytes = Math.round(habit.down * strength * share);
      const txBytes = Math.round(habit.up * strength * share);
      const isLocal = host.startsWith('192.168.') || host.endsWith('.local');
      return {
        at: epochMs(end - 1),
        owner: habit.displayName === 'Spotify' ? { certainty: 'inferred', app: appOf(habit), reason: 'shared-port' } : { certainty: 'exact', app: appOf(habit) },
        host: hostOf(host),
        scope: isLocal ? 'lan' : 'internet',
        network: local.getDay() % 6 !== 0 && local.getHours() < 17 && local.getHours() > 8 ? 'Office' : 'Home Wi-Fi',
        service: 'https',
        rxBytes,
        txBytes,
        rxPackets: Math.ceil(rxBytes / 1200) + 1,
        txPackets: Math.ceil(txBytes / 400) + 1,
        connections: 1 + Math.floor(4 * random()),
        quality: null,
      };
    });
  });
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How finely a stretch before now is made, in the order in which it is kept ever more finely. */
const stretches = [
  { untilMs: 8 * dayMs, stepSeconds: 3600 },
  { untilMs: 6 * hourMs, stepSeconds: 900 },
  { untilMs: 10 * 60_000, stepSeconds: 60 },
  { untilMs: 0, stepSeconds: 10 },
] as const;

/** Writes the days before `now` into a history. The machine was asleep in each third night of the last week: that is a gap. */
export function furnish(history: History, now: number, days: number): void {
  const random = randomFrom(7);
  let time = Math.floor((now - days * dayMs) / hourMs) * hourMs;
  for (const { untilMs, stepSeconds } of stretches) {
    const stepMs = stepSeconds * 1000;
    let steps = 0;
    for (; time + stepMs <= now - untilMs; time += stepMs) {
      const end = time + stepMs;
      const local = new Date(time);
      const asleep = now - time < 7 * dayMs && local.getDate() % 3 === 0 && local.getHours() >= 4 && local.getHours() < 7;
      if (asleep) {
        history.addGap({ from: epochMs(time), to: epochMs(end), reason: 'asleep' });
      } else {
        const usages = [...usageOf(end, stepSeconds, random), ...(random() < 0.3 ? [strayOf(end, stepSeconds, random)] : [])];
        for (const usage of usages) history.add(usage);
        history.addCoverage({ from: epochMs(time), to: epochMs(end), coverage: coverageOf(usages) });
      }
      steps += 1;
      if (steps % 24 === 0) history.flush(epochMs(end));
    }
    history.flush(epochMs(time));
  }
  while (history.cleanUp(epochMs(now)).more);
}

/** The receipt of a step in which nothing was lost. */
function coverageOf(usages: readonly Countable[]): Coverage {
  const sum = (certainty: Countable['owner']['certainty']): number =>
    usages.filter(({ owner }) => owner.certainty === certainty).reduce((bytes, { rxBytes, txBytes }) => bytes + rxBytes + txBytes, 0);
  const [exactBytes, inferredBytes, unknownBytes] = [sum('exact'), sum('inferred'), sum('unknown')];
  const capturedBytes = exactBytes + inferredBytes + unknownBytes;
  return { ...noCoverage, exactBytes, inferredBytes, unknownBytes, capturedBytes, interfaceBytes: Math.round(capturedBytes * 1.01) };
}

/** What nobody could tell the owner or the name of. */
function strayOf(end: number, seconds: number, random: () => number): Countable {
  const rxBytes = Math.round(9 * megabyte * random() * (seconds / 3600));
  return {
    at: epochMs(end - 1),
    owner: { certainty: 'unknown', reason: 'process-ended' },
    host: { kind: 'address', address: `203.0.113.${Math.floor(random() * 200)}` },
    scope: 'internet',
    network: 'Home Wi-Fi',
    service: null,
    rxBytes,
    txBytes: Math.round(rxBytes / 9),
    rxPackets: Math.ceil(rxBytes / 1200) + 1,
    txPackets: 5,
    connections: 2,
    quality: null,
  };
}
