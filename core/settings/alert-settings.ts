import { z } from 'zod';
import { AlertChannel } from '../../protocol/alert.ts';
import { Plan } from '../../protocol/plan.ts';
import { quietHoursOf } from '../alert/quiet-hours.ts';
import { VolumeRule } from '../alert/volume-rule.ts';
import { watchEntryOf } from '../alert/watch-entry.ts';
import { accepting, choice, flag, list, text, wholeNumber } from './fields.ts';
import type { Words } from './fields.ts';
import { settingFacts } from './setting-facts.ts';

/** The settings of alerts and data plans. */

/** More of a list than anybody types. */
const maximumListed = 256;

const appId = z.string().min(1).max(4200);

/** A switch that is on unless somebody switches it off. */
function onFlag(words: Words): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(true).register(settingFacts, { ...words, unit: null, expects: 'true or false', element: null });
}

/** Where alerts of one kind go: the desktop, unless somebody chooses otherwise. */
function channels(what: string) {
  const expects = 'desktop, webhook, mail';
  return z
    .array(AlertChannel)
    .max(AlertChannel.options.length)
    .default(['desktop'])
    .register(settingFacts, {
      meaning: `Where ${what} are told. Nowhere: they are only in the history of alerts.`,
      expects: `a list of ${expects}`,
      unit: null,
      effect: 'at-once',
      element: { accepts: accepting(AlertChannel), expects },
    });
}

function isWebAddress(value: string): boolean {
  return value === '' || /^https?:\/\/[^\s]+$/u.test(value);
}

function isQuietHours(value: string): boolean {
  return value === '' || quietHoursOf(value) !== null;
}

function isWatchEntry(value: unknown): boolean {
  return typeof value === 'string' && watchEntryOf(value) !== null;
}

export const alerts = z.object({
  spikeBytesPerSecond: wholeNumber({ least: 0, most: 1_000_000_000_000, unit: 'bytes a second', default: 20_000_000 }, {
    meaning: 'The rate, down or up, from which on a person is told of a spike; 0 for never.',
    effect: 'at-once',
  }),
  spikeSeconds: wholeNumber({ least: 1, most: 3600, unit: 'seconds', default: 10 }, {
    meaning: 'How long that rate must last.',
    effect: 'at-once',
  }),
  unusual: choice(['off', 'rare', 'normal', 'often'], 'normal', {
    meaning: 'Tell of a quarter of an hour with much more internet traffic than this machine has at this hour of the week. Needs three days of history.',
    effect: 'at-once',
  }),
  volumes: z
    .array(VolumeRule)
    .max(32)
    .default([])
    .register(settingFacts, {
      meaning: 'Tell of more than `bytes` in `seconds`, for the machine, an app, a domain or a network (`key`; null for any one of them).',
      expects: 'a list of at most 32 rules {"of":"machine"|"app"|"domain"|"network","key":…,"direction":"both"|"down"|"up","bytes":…,"seconds":…}',
      unit: null,
      effect: 'at-once',
      element: { accepts: accepting(VolumeRule), expects: 'a rule with of, key, direction, bytes and seconds (60 to 86400)' },
    }),
  firstSeen: onFlag({ meaning: 'Tell of an app that uses the network for the first time.', effect: 'at-once' }),
  newDomainApps: list(appId, 'apps as reports name them', {
    meaning: 'Apps of which a new domain is told.',
    effect: 'at-once',
  }),
  newCountryApps: list(appId, 'apps as reports name them', {
    meaning: 'Apps of which a new country is told.',
    effect: 'at-once',
  }),
  uploadTimes: wholeNumber({ least: 0, most: 1000, unit: 'times', default: 10 }, {
    meaning: 'Tell of an app that sends so many times what it ever sent in an hour; 0 for never.',
    effect: 'at-once',
  }),
  uploadLeastBytes: wholeNumber({ least: 1_000_000, most: 1_000_000_000_000, unit: 'bytes', default: 200_000_000 }, {
    meaning: 'What an app may send in an hour without a word, whatever it did before.',
    effect: 'at-once',
  }),
  watchList: z
    .array(z.string().max(253).refine(isWatchEntry))
    .max(maximumListed)
    .default([])
    .register(settingFacts, {
      meaning: 'Hosts, domains (with all names below them), addresses and networks whose use is told.',
      expects: `a list of at most ${maximumListed} hosts, domains, addresses or networks`,
      unit: null,
      effect: 'at-once',
      element: { accepts: isWatchEntry, expects: 'a host, a domain, an address or a network such as 192.0.2.0/24' },
    }),
  watchFile: text({ longest: 4096, default: '', expects: 'the path of a file, or nothing' }, {
    meaning: 'A file with more of them, one in a line, or in the form of hosts(5): a blocklist. It is told as one, with counts.',
    effect: 'at-once',
  }),
  httpRequestsPerSecond: wholeNumber({ least: 0, most: 1_000_000, unit: 'requests a second', default: 10 }, {
    meaning: 'Requests of plain HTTP, on average over a span, from which on a person is told; 0 for never.',
    effect: 'at-once',
  }),
  httpSeconds: wholeNumber({ least: 10, most: 3600, unit: 'seconds', default: 120 }, { meaning: 'The span of that average.', effect: 'at-once' }),
  planForecast: onFlag({ meaning: 'Tell of a data plan that will not last until its cycle ends.', effect: 'at-once' }),
  trouble: onFlag({ meaning: 'Tell of what keeps Tidewatch from measuring.', effect: 'at-once' }),
  learningHours: wholeNumber({ least: 0, most: 720, unit: 'hours', default: 24 }, {
    meaning: 'How long a new history only learns what is usual; then one message says what it has learnt.',
    effect: 'at-once',
  }),
  quietHours: text({ longest: 11, default: '', expects: 'a time of the day such as 22:00-07:00, or nothing', accepts: isQuietHours }, {
    meaning: 'Hours of the local clock in which nobody is told of anything.',
    effect: 'at-once',
  }),
  whileInFront: flag({ meaning: 'Show notifications of the desktop even while the window is in front.', effect: 'at-once' }),
  whileNotDisturbed: flag({ meaning: 'Show notifications of the desktop even while it is asked not to disturb.', effect: 'at-once' }),
  perHour: wholeNumber({ least: 1, most: 1000, unit: 'alerts', default: 12 }, { meaning: 'Alerts of all kinds that a person is told in an hour, at most.', effect: 'at-once' }),
  coolDownMinutes: wholeNumber({ least: 0, most: 10_080, unit: 'minutes', default: 30 }, {
    meaning: 'How long after its end the same situation is not told again.',
    effect: 'at-once',
  }),
  keptDays: wholeNumber({ least: 1, most: 3650, unit: 'days', default: 365 }, { meaning: 'How long alerts are kept.', effect: 'at-once' }),
  spikeChannels: channels('spikes'),
  unusualChannels: channels('unusual rates'),
  volumeChannels: channels('volumes'),
  firstSeenChannels: channels('first sights'),
  uploadChannels: channels('unusual uploads'),
  watchListChannels: channels('sights of the watch list'),
  httpHitsChannels: channels('many requests of plain HTTP'),
  planChannels: channels('data plans'),
  troubleChannels: channels('troubles'),
  webhook: text({ longest: 2048, default: '', expects: 'an address that begins with https:// (or http:// for this machine), or nothing', accepts: isWebAddress }, {
    meaning: 'Where the channel `webhook` posts alerts. It is signed with the secret in TIDEWATCH_WEBHOOK_SECRET, or in the file of `alerts.webhookSecretFile`.',
    effect: 'at-once',
  }),
  webhookSecretFile: text({ longest: 4096, default: '', expects: 'the path of a file that only its owner may read, or nothing' }, {
    meaning: 'The file that holds the secret of the webhook, where TIDEWATCH_WEBHOOK_SECRET does not.',
    effect: 'at-once',
  }),
});

export const plans = z.object({
  list: z
    .array(Plan)
    .max(32)
    .default([])
    .register(settingFacts, {
      meaning: 'Data plans: how much may be used in a cycle. `tidewatch plan add` writes one.',
      expects: 'a list of at most 32 plans {"name":…,"network":…,"capBytes":…,"cycle":{"kind":"monthly","day":1},"direction":"both","scope":"internet","hours":null,"tellAtPercent":[80,100]}',
      unit: null,
      effect: 'at-once',
      element: { accepts: accepting(Plan), expects: 'a plan; `tidewatch plan add --help` says what it needs' },
    }),
});
