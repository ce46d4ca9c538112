import { z } from 'zod';
import { Alert } from '../../protocol/alert.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { Mail } from '../mail/index.ts';

/** What is sent of an alert, as it lies in the file until it is taken: with all that it names, because what is withheld meanwhile is not sent. */
export const Message = z.object({
  event: z.enum(['opened', 'over']),
  alert: Alert,
  apps: z.array(z.string()),
  domains: z.array(z.string()),
});
export type Message = z.infer<typeof Message>;

/** The message of a stored text; null where it is none. */
export function messageIn(content: string): Message | null {
  try {
    return Message.safeParse(JSON.parse(content)).data ?? null;
  } catch {
    // No JSON: nothing that was stored by this program.
    return null;
  }
}

/** The body that a webhook gets. Its fields are stable: new ones may be added. */
export function webhookBody(key: string, { event, alert }: Pick<Message, 'event' | 'alert'>): string {
  return JSON.stringify({ version: 1, key, event, alert });
}

const utcTime = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** The mail that says the same. */
export function mailOf({ event, alert }: Pick<Message, 'event' | 'alert'>): Mail {
  const { title, text, since, until } = alert;
  const times = until === null ? `Since ${utcTime(since)}.` : `From ${utcTime(since)} to ${utcTime(until)}.`;
  return {
    subject: `${event === 'over' ? 'Over: ' : ''}${title}`,
    text: `${text}\n\n${times}\n\nTidewatch on this machine tells you of this because of its settings: tidewatch settings\n`,
    html: null,
    attachments: [],
  };
}

/** What a test is: an alert that never was. */
export function testAlert(now: EpochMs): Alert {
  return {
    id: 0, kind: 'trouble', situation: 'test', state: 'open', severity: 'information', since: now, changedAt: now, until: null,
    title: 'This is a test', text: 'Tidewatch can reach you here.', cause: null, told: [], quiet: null,
  };
}
