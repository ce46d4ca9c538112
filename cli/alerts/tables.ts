import type { Alert, AlertQuiet, AlertsResult, Mute } from '../../protocol/app.ts';
import type { Tone } from '../paint.ts';
import { tableLines } from '../table.ts';
import type { Canvas, Cell } from '../table.ts';
import { dateTimeText } from '../time.ts';
import { durationText } from '../units.ts';

const quietWords = {
  learning: 'learning',
  snoozed: 'snoozed',
  muted: 'muted',
  'quiet-hours': 'quiet hours',
  'in-front': 'window in front',
  'do-not-disturb': 'not disturbed',
  'rate-limit': 'too many',
  'cool-down': 'told before',
} as const;

const tones = { information: 'normal', warning: 'warning', critical: 'bad' } as const satisfies Record<Alert['severity'], Tone>;

function toldText({ told, quiet }: Alert): string {
  if (told.length > 0) return told.join(', ');
  return quiet === null ? 'nobody' : `nobody: ${quietWords[quiet]}`;
}

function lengthText({ since, until }: Alert): string {
  return until === null ? 'open' : durationText((until - since) / 1000);
}

function row(alert: Alert): readonly (string | Cell)[] {
  const { kind, severity, since, state, text, title } = alert;
  const shown = text === '' ? title : `${title}. ${text}`;
  return [dateTimeText(since), { text: lengthText(alert), tone: state === 'open' ? 'strong' : 'faint' }, kind, { text: shown, tone: tones[severity] }, { text: toldText(alert), tone: 'faint' }];
}

/** What a mute is of: `kind spike, app /usr/bin/curl`. */
export function muteText({ kind, app, domain }: Mute): string {
  const parts = [...(kind === undefined ? [] : [`kind ${kind}`]), ...(app === undefined ? [] : [`app ${app}`]), ...(domain === undefined ? [] : [`domain ${domain}`])];
  return parts.join(', ');
}

/** What holds alerts back, in lines; none where nothing does. */
export function quietLines({ snoozedUntil, mutes, learningUntil }: AlertQuiet): string[] {
  return [
    ...(snoozedUntil === null ? [] : [`Snoozed until ${dateTimeText(snoozedUntil)}: nobody is told of any alert.`]),
    ...mutes.map((mute) => `Muted: ${muteText(mute)}.`),
    ...(learningUntil === null ? [] : [`Learning what is usual until ${dateTimeText(learningUntil)}.`]),
  ];
}

/** The alerts as a table, the newest first, and what holds them back. */
export function alertLines({ alerts, quiet }: AlertsResult, canvas: Canvas): string[] {
  const columns = [
    { title: 'SINCE', align: 'left' },
    { title: 'FOR', align: 'left' },
    { title: 'KIND', align: 'left' },
    { title: 'WHAT', align: 'left', grows: true },
    { title: 'TOLD', align: 'left' },
  ] as const;
  const table = alerts.length === 0 ? ['No alerts.'] : tableLines({ columns, rows: alerts.map(row) }, canvas);
  const held = quietLines(quiet);
  return held.length === 0 ? table : [...table, '', ...held];
}
