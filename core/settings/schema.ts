import { z } from 'zod';
import { AlertChannel } from '../../protocol/alert.ts';
import { Plan } from '../../protocol/plan.ts';
import { InterfaceName } from '../../protocol/units.ts';
import { parseNetworkPrefix } from '../flow/network-prefix.ts';
import { hostNameOf } from '../packet/index.ts';
import { accepting, choice, flag, list, wholeNumber } from './fields.ts';
import { settingFacts } from './setting-facts.ts';
import { VolumeRule, quietHoursOf, watchEntryOf } from './alert-values.ts';

/**
 * Every setting of Tidewatch: its schema, its default, and what a person must know of it. docs/SETTINGS.md, the messages
 * about wrong values and `tidewatch settings` are made from this.
 */

const interfaceName = InterfaceName.regex(/^[^\s/:]+$/u);

const network = z.string().max(64).refine((text) => parseNetworkPrefix(text) !== null);

const domain = z.string().max(253).refine((text) => hostNameOf(text) === text);

const appId = z.string().min(1).max(4200);

const capture = z.object({
  interfaces: z
    .union([z.literal('edges'), z.array(interfaceName).min(1).max(64)])
    .default('edges')
    .register(settingFacts, {
      meaning: 'Interfaces to measure: `edges` for every one at the edge of this machine, as they come and go, or a list of names.',
      expects: '"edges" or a list of 1 to 64 names of interfaces',
      unit: null,
      effect: 'at-once',
      element: { accepts: accepting(interfaceName), expects: 'the name of an interface (1 to 15 characters)' },
    }),
  filter: z
    .string()
    .max(4096)
    .default('')
    .register(settingFacts, {
      meaning: 'Measure only what this pcap-filter(7) expression lets through; empty for everything. The totals are then of that only.',
      expects: 'a text of at most 4096 characters',
      unit: null,
      effect: 'at-once',
      element: null,
    }),
  promiscuous: flag({ meaning: 'Take frames that are not for this machine too.', effect: 'at-once' }),
  loopback: flag({ meaning: 'Measure loopback too: shown, never part of the totals.', effect: 'at-once' }),
});

const networks = z.object({
  local: list(network, 'networks such as 192.0.2.0/24 or 2001:db8::/32', {
    meaning: "Networks of one's own that count as `lan`, beside the private ones. What is in the history already keeps its scope.",
    effect: 'at-once',
  }),
});

const names = z.object({
  reverse: flag({
    meaning: 'Ask the system resolver for the names of public addresses that have no other name, for display. The resolver learns which addresses they are.',
    effect: 'at-once',
  }),
});

const retention = z.object({
  recentHours: wholeNumber({ least: 1, most: 168, unit: 'hours', default: 6 }, {
    meaning: 'How long steps of ten seconds are kept.',
    effect: 'at-once',
  }),
  minuteDays: wholeNumber({ least: 1, most: 3650, unit: 'days', default: 7 }, {
    meaning: 'How long minutes are kept; never shorter than the steps of ten seconds.',
    effect: 'at-once',
  }),
  quarterDays: wholeNumber({ least: 2, most: 3650, unit: 'days', default: 90 }, {
    meaning: 'How long quarter-hours are kept; never shorter than minutes. Days and months are kept forever.',
    effect: 'at-once',
  }),
});

const history = z.object({
  excludedApps: list(appId, 'apps as reports name them, such as /usr/bin/curl', {
    meaning: 'Apps whose traffic is kept as withheld: neither the app nor whom it talked to is named in the history. What is there already stays until it is forgotten.',
    effect: 'at-once',
  }),
  excludedDomains: list(domain, 'domains in lower case, such as example.org', {
    meaning: 'Domains that are not named in the history, with all names below them. What is there already stays until it is forgotten.',
    effect: 'at-once',
  }),
});

const display = z.object({
  rates: choice(['bytes', 'bits'], 'bytes', { meaning: 'Rates in bytes or in bits a second. Sizes are always bytes, and so is JSON.', effect: 'at-once' }),
  prefixes: choice(['si', 'iec'], 'si', { meaning: '`si`: 1 kB is 1000 bytes. `iec`: 1 KiB is 1024 bytes.', effect: 'at-once' }),
});

const web = z.object({
  port: z
    .union([z.literal('off'), z.number().int().min(1024).max(65_535)])
    .default('off')
    .register(settingFacts, {
      meaning: 'Serve the window as a web page on this port of the loopback address.',
      expects: '"off" or a whole number from 1024 to 65535',
      unit: 'port',
      effect: 'next-start',
      element: null,
    }),
});

const log = z.object({
  level: choice(['debug', 'info', 'warn', 'error', 'silent'], 'info', {
    meaning: 'What `tidewatch serve` writes about itself; --verbose says `debug` for one run.',
    effect: 'at-once',
  }),
});

/** A switch that is on unless somebody switches it off. */
function onFlag(words: Words): z.ZodDefault<z.ZodBoolean> {
  return z.boolean().default(true).register(settingFacts, { ...words, unit: null, expects: 'true or false', element: null });
}

function text(schema: z.ZodString, expects: string, words: Words): z.ZodDefault<z.ZodString> {
  return schema.default('').register(settingFacts, { ...words, unit: null, expects, element: null });
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

const webAddress = z.string().max(2048).refine((text) => text === '' || /^https?:\/\/[^\s]+$/u.test(text));

const alerts = z.object({
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
    .array(z.string().max(253).refine((text) => watchEntryOf(text) !== null))
    .max(maximumListed)
    .default([])
    .register(settingFacts, {
      meaning: 'Hosts, domains (with all names below them), addresses and networks whose use is told.',
      expects: `a list of at most ${maximumListed} hosts, domains, addresses or networks`,
      unit: null,
      effect: 'at-once',
      element: { accepts: (value) => typeof value === 'string' && watchEntryOf(value) !== null, expects: 'a host, a domain, an address or a network such as 192.0.2.0/24' },
    }),
  watchFile: text(z.string().max(4096), 'the path of a file, or nothing', {
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
  quietHours: text(z.string().max(11).refine((value) => value === '' || quietHoursOf(value) !== null), 'a time of the day such as 22:00-07:00, or nothing', {
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
  webhook: text(webAddress, 'an address that begins with https:// (or http:// for this machine), or nothing', {
    meaning: 'Where the channel `webhook` posts alerts. It is signed with the secret in TIDEWATCH_WEBHOOK_SECRET, or in the file of `alerts.webhookSecretFile`.',
    effect: 'at-once',
  }),
  webhookSecretFile: text(z.string().max(4096), 'the path of a file that only its owner may read, or nothing', {
    meaning: 'The file that holds the secret of the webhook, where TIDEWATCH_WEBHOOK_SECRET does not.',
    effect: 'at-once',
  }),
});

const plans = z.object({
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

/** All settings. Every leaf has a default and is registered in {@link settingFacts}. */
export const settingsSchema = z.object({ capture, networks, names, retention, history, display, alerts, plans, web, log });
export type Settings = z.infer<typeof settingsSchema>;

/** The name of a setting: `group.name`. */
export type SettingKey = { [Group in keyof Settings]: `${Group}.${keyof Settings[Group] & string}` }[keyof Settings];

/** Settings of which some are given: what the options of a command line say for one run. */
export type SettingsPart = { readonly [Group in keyof Settings]?: { readonly [Name in keyof Settings[Group]]?: Settings[Group][Name] | undefined } };
