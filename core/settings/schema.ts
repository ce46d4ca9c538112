import { z } from 'zod';
import { InterfaceName } from '../../protocol/units.ts';
import { parseNetworkPrefix } from '../flow/network-prefix.ts';
import { hostNameOf } from '../packet/index.ts';
import { alerts, plans } from './alert-settings.ts';
import { mail, metrics, ntmd, reports } from './export-settings.ts';
import { accepting, choice, flag, list, wholeNumber } from './fields.ts';
import { recorder } from './recorder-settings.ts';
import { settingFacts } from './setting-facts.ts';
import { desktop, tray } from './desktop-settings.ts';

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

/** All settings. Every leaf has a default and is registered in {@link settingFacts}. */
export const settingsSchema = z.object({ capture, networks, names, retention, history, display, tray, desktop, alerts, plans, web, metrics, ntmd, mail, reports, recorder, log });
export type Settings = z.infer<typeof settingsSchema>;

/** The name of a setting: `group.name`. */
export type SettingKey = { [Group in keyof Settings]: `${Group}.${keyof Settings[Group] & string}` }[keyof Settings];

/** Settings of which some are given: what the options of a command line say for one run. */
export type SettingsPart = { readonly [Group in keyof Settings]?: { readonly [Name in keyof Settings[Group]]?: Settings[Group][Name] | undefined } };
