import { z } from 'zod';
import { schedulePattern } from '../report/schedule.ts';
import type { ReportPeriod } from '../../protocol/scheduled-report.ts';
import { choice, flag, list, text, wholeNumber } from './fields.ts';
import { parseListenAddress } from './listen-address.ts';

/** Settings of what leaves the history for other programs: Prometheus, the ntmd socket, mail and reports. */

/** ntmd's own port, which its clients are written for. */
export const ntmdPort = 13_889;

function isSwitchedAddress(address: string): boolean {
  return address === 'off' || parseListenAddress(address) !== null;
}

export const metrics = z.object({
  address: text(
    { longest: 300, default: 'off', expects: '"off" or an address with a port, such as 127.0.0.1:9718', accepts: isSwitchedAddress },
    {
      meaning: 'Serve metrics for Prometheus at this address, under `/metrics`. They name apps and domains: an address that others reach shows them to others.',
      effect: 'next-start',
    },
  ),
  domains: wholeNumber({ least: 0, most: 1000, unit: 'domains', default: 50 }, {
    meaning: 'How many domains have a series of their own; the rest is summed as `other`.',
    effect: 'next-start',
  }),
  compatible: flag({ meaning: 'Serve the metrics of trafficmonitor too, under its names.', effect: 'next-start' }),
});

export const ntmd = z.object({
  port: text(
    { longest: 5, default: 'off', expects: `"off" or a port from 1024 to 65535, such as ${ntmdPort}`, accepts: (port) => port === 'off' || parseListenAddress(`:${port}`) !== null },
    { meaning: 'Answer the commands of ntmd on this port of the loopback address. Every user of this machine can ask it.', effect: 'next-start' },
  ),
  intervalSeconds: wholeNumber({ least: 1, most: 3600, unit: 'seconds', default: 10 }, {
    meaning: 'How long one interval of `live` and `snapshot` is.',
    effect: 'next-start',
  }),
});

/** Looks like an address of mail; whether it is one only its server knows. */
const mailAddress = z.string().max(254).regex(/^[^\s@<>,;:"\\]{1,64}@[^\s@<>,;:"\\]{1,253}$/u);

export const mail = z.object({
  host: text({ longest: 253, default: '', expects: 'the name or address of a mail server', accepts: (host) => /^[\w.:-]*$/u.test(host) }, {
    meaning: 'The server that mail is handed to (SMTP); empty where none is to be sent.',
    effect: 'at-once',
  }),
  port: wholeNumber({ least: 1, most: 65_535, unit: 'port', default: 587 }, { meaning: 'Its port: usually 587 with `starttls`, 465 with `tls`.', effect: 'at-once' }),
  security: choice(['starttls', 'tls', 'none'], 'starttls', {
    meaning: '`starttls`: encrypted after the greeting, or not at all sent. `tls`: encrypted from the first byte. `none`: readable on the way, and never with a password.',
    effect: 'at-once',
  }),
  user: text({ longest: 254, default: '', expects: 'a text of at most 254 characters' }, {
    meaning: 'The name to log in with; empty for a server that asks for none. The password is in TIDEWATCH_SMTP_PASSWORD or the keyring, never here.',
    effect: 'at-once',
  }),
  from: text({ longest: 254, default: '', expects: 'an address of mail, or empty', accepts: (from) => from === '' || mailAddress.safeParse(from).success }, {
    meaning: 'The sender; empty for the first of `mail.to`.',
    effect: 'at-once',
  }),
  caFile: text({ longest: 4096, default: '', expects: 'the absolute path of a file, or empty', accepts: (file) => file === '' || file.startsWith('/') }, {
    meaning: "A file with the certificate of the server's authority (PEM); empty for those that the system trusts.",
    effect: 'at-once',
  }),
  to: list(mailAddress, 'addresses of mail', { meaning: 'Who gets reports and mailed alerts.', effect: 'at-once' }),
});

const attachment = z.string().regex(/^(?:json|csv|parquet)$/u);

function schedule(period: ReportPeriod, example: string, when: string) {
  return text(
    { longest: 100, default: 'off', expects: `"off", a time such as ${example}, or a cron expression`, accepts: (words) => words === 'off' || schedulePattern(words, period) !== null },
    { meaning: `When the ${period} report is made: of the ${when} before. A cron expression has five fields and may say any time. One that was missed is made up once.`, effect: 'at-once' },
  );
}

export const reports = z.object({
  daily: schedule('daily', '07:00', 'day'),
  weekly: schedule('weekly', '"Mon 07:00"', 'week'),
  monthly: schedule('monthly', '"1 07:00"', 'month'),
  mail: flag({ meaning: 'Send the reports to `mail.to`.', effect: 'at-once' }),
  attachments: list(attachment, 'of json, csv and parquet', { meaning: 'Files that go with a report, in the mail and in the archive.', effect: 'at-once' }),
  archive: choice(['off', 'zip', 'tar.gz'], 'off', { meaning: 'Keep each report as a compressed file.', effect: 'at-once' }),
  archiveFolder: text({ longest: 4096, default: '', expects: 'the absolute path of a folder, or empty', accepts: (folder) => folder === '' || folder.startsWith('/') }, {
    meaning: 'Where they are kept; empty for a folder beside the history.',
    effect: 'at-once',
  }),
  archiveDays: wholeNumber({ least: 1, most: 36_500, unit: 'days', default: 400 }, {
    meaning: 'How long they are kept. Only files that Tidewatch wrote itself, and that are as it wrote them, are ever deleted.',
    effect: 'at-once',
  }),
  templates: text({ longest: 4096, default: '', expects: 'the absolute path of a folder, or empty', accepts: (folder) => folder === '' || folder.startsWith('/') }, {
    meaning: 'A folder with templates of your own, `report.html.liquid`, `mail.html.liquid` and `report.txt.liquid`; what is not there is as usual.',
    effect: 'at-once',
  }),
});
