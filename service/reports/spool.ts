import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { SpooledMail } from '../../protocol/scheduled-report.ts';
import { EpochMs, epochMs } from '../../protocol/units.ts';
import { makeFolder } from '../formats/make-folder.ts';
import { writeWhole } from '../formats/write-whole.ts';
import type { Mail } from '../mail/index.ts';

/** Mails that wait: a month of a server that is away. */
const maximumSpooled = 100;
/** A mail with the largest attachments that servers take. */
const maximumBytes = 67_108_864;

const minuteMs = 60_000;
const longestWaitMs = 6 * 3_600_000;

const Stored = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/u),
  since: EpochMs,
  attempts: z.number().int().min(0),
  nextAttempt: EpochMs,
  problem: z.string().max(512).nullable(),
  mail: z.object({
    subject: z.string().max(256),
    text: z.string(),
    html: z.string().nullable(),
    attachments: z.array(z.object({ name: z.string().max(255), mediaType: z.string().max(128), base64: z.string() })).max(8),
  }),
});
type Stored = z.infer<typeof Stored>;

/** A mail that waits, with what became of it so far. */
export interface Waiting extends SpooledMail {
  readonly mail: Mail;
}

/** How long is waited after so many attempts: one minute, then twice as long each time, six hours at most. */
export function waitAfter(attempts: number): number {
  return Math.min(longestWaitMs, minuteMs * 2 ** Math.min(attempts - 1, 20));
}

function waitingOf({ mail, ...rest }: Stored): Waiting {
  const attachments = mail.attachments.map(({ name, mediaType, base64 }) => ({ name, mediaType, content: Buffer.from(base64, 'base64') }));
  return { ...rest, subject: mail.subject, mail: { ...mail, attachments } };
}

function storedOf({ mail, id, since, attempts, nextAttempt, problem }: Waiting): Stored {
  const attachments = mail.attachments.map(({ name, mediaType, content }) => ({ name, mediaType, base64: Buffer.from(content).toString('base64') }));
  return { id, since, attempts, nextAttempt, problem, mail: { subject: mail.subject, text: mail.text, html: mail.html, attachments } };
}

/** Mails on the disk, a file each, until their server has them. */
export class Spool {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** All that wait, the oldest first. A file that is none of ours, or that nobody can read, is passed over. */
  list(): readonly Waiting[] {
    return this.#names().flatMap((name) => this.#read(name) ?? []).toSorted((a, b) => a.since - b.since);
  }

  /** Keeps a mail until it is removed. Returns it, and how many older ones had to give way. Throws the system's error. */
  add(mail: Mail, now: EpochMs): { readonly waiting: Waiting; readonly givenWay: number } {
    makeFolder(this.#folder);
    const held = this.list();
    const surplus = held.slice(0, Math.max(0, held.length - maximumSpooled + 1));
    for (const { id } of surplus) this.remove(id);
    const waiting: Waiting = { id: randomUUID(), subject: mail.subject, since: now, attempts: 0, nextAttempt: now, problem: null, mail };
    this.#write(waiting);
    return { waiting, givenWay: surplus.length };
  }

  /** Notes an attempt that failed. Throws the system's error. */
  postpone(waiting: Waiting, problem: string, now: EpochMs): void {
    const attempts = waiting.attempts + 1;
    this.#write({ ...waiting, attempts, problem: problem.slice(0, 512), nextAttempt: epochMs(now + waitAfter(attempts)) });
  }

  remove(id: string): void {
    rmSync(path.join(this.#folder, `${id}.json`), { force: true });
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter((name) => /^[\w-]{1,64}\.json$/u.test(name)).slice(0, 2 * maximumSpooled);
    } catch {
      // No folder is an empty one.
      return [];
    }
  }

  #read(name: string): Waiting | null {
    const file = path.join(this.#folder, name);
    try {
      if (statSync(file).size > maximumBytes) return null;
      const stored = Stored.parse(JSON.parse(readFileSync(file, 'utf8')));
      return `${stored.id}.json` === name ? waitingOf(stored) : null;
    } catch {
      // Something else than a mail: it stays, and is passed over.
      return null;
    }
  }

  #write(waiting: Waiting): void {
    writeWhole(path.join(this.#folder, `${waiting.id}.json`), JSON.stringify(storedOf(waiting)));
  }
}
