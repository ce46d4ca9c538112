import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import type { Settings } from '../../core/settings/index.ts';
import { errorCode } from '../error-code.ts';
import { passwordVariable } from './password.ts';
import type { FindPassword } from './password.ts';

export type MailSettings = Settings['mail'];

export interface Attachment {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** A mail, whole: its texts and files are in it. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly attachments: readonly Attachment[];
}

/**
 * What became of a mail. `refused` are those of its receivers whom the server did not take: the others have it. `problem`: one line
 * that names the next action; it may go better later. `off`: there is no server.
 */
export type MailOutcome = { readonly kind: 'sent'; readonly refused: readonly string[] } | { readonly kind: 'off' } | { readonly kind: 'problem'; readonly problem: string };

/** A server that answers does so in seconds; with a greeting delay, in half a minute. */
const connectionMs = 20_000;
const greetingMs = 40_000;
const silenceMs = 60_000;

/** Name under which the password is kept. */
export function accountOf({ user, host }: Pick<MailSettings, 'user' | 'host'>): string {
  return `${user}@${host}`;
}

function problem(text: string): MailOutcome {
  return { kind: 'problem', problem: text.replaceAll(/\s+/gu, ' ').slice(0, 512) };
}

/** Why no attempt is made at all; null where one may be. */
function unusable(settings: MailSettings): MailOutcome | null {
  if (settings.host === '') return { kind: 'off' };
  if (settings.to.length === 0) return problem('nobody is to get mail: set mail.to');
  if (settings.user !== '' && settings.security === 'none') return problem('a password is never sent unencrypted: set mail.security to starttls or tls, or mail.user to nothing');
  return null;
}

/** What the library calls an error, in words that name the next action (nodemailer, "Error codes"). */
function wordsFor(error: unknown, settings: MailSettings): string {
  const code = errorCode(error) ?? '';
  const said = error instanceof Error ? error.message : String(error);
  const server = `${settings.host}:${settings.port}`;
  if (/certificate|altname|self[- ]signed|CERT/iu.test(said) || code.startsWith('CERT') || code.startsWith('ERR_TLS')) {
    return `${server} has a certificate that is not trusted (${said}): check mail.host, or name its authority in mail.caFile`;
  }
  switch (code) {
    case 'EAUTH':
      return `${server} refused the name or the password: check mail.user and the password (${passwordVariable}, or the keyring)`;
    case 'EENVELOPE':
    case 'EMESSAGE':
      return `${server} refused the mail (${said}): check mail.from and mail.to`;
    case 'ETLS':
      return `${server} offers no encryption, or not this one (${said}): check mail.security and mail.port`;
    case 'EDNS':
    case 'ENOTFOUND':
      return `there is no server called ${settings.host}: check mail.host`;
    case 'ECONNECTION':
    case 'ECONNREFUSED':
    case 'ESOCKET':
      return `${server} cannot be reached (${said}): check mail.host and mail.port`;
    case 'ETIMEDOUT':
      return `${server} does not answer: check mail.host, mail.port and mail.security`;
    default:
      return `the mail could not be handed to ${server} (${said})`;
  }
}

/** The authority of the server's certificate, where it is one's own. */
function authorityIn(file: string): { readonly ca?: string } {
  return file === '' ? {} : { ca: readFileSync(file, 'utf8') };
}

/** Hands a mail to its server, once. Never throws. */
export async function sendMail(mail: Mail, settings: MailSettings, findPassword: FindPassword): Promise<MailOutcome> {
  const refused = unusable(settings);
  if (refused !== null) return refused;
  const { host, port, security, user } = settings;
  const password = user === '' ? null : await findPassword(accountOf(settings));
  if (user !== '' && password === null) {
    return problem(`there is no password for ${user}: set ${passwordVariable}, or store one with: secret-tool store --label=Tidewatch service tidewatch account '${accountOf(settings)}'`);
  }
  try {
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      connectionTimeout: connectionMs,
      greetingTimeout: greetingMs,
      socketTimeout: silenceMs,
      disableFileAccess: true,
      disableUrlAccess: true,
      tls: { minVersion: 'TLSv1.2', ...authorityIn(settings.caFile) },
      ...(password === null ? {} : { auth: { user, pass: password } }),
    });
    try {
      const { rejected } = await transport.sendMail({
        from: { name: 'Tidewatch', address: settings.from === '' ? (settings.to[0] ?? '') : settings.from },
        to: settings.to,
        subject: mail.subject,
        text: mail.text,
        ...(mail.html === null ? {} : { html: mail.html }),
        attachments: mail.attachments.map(({ name, mediaType, content }) => ({ filename: name, contentType: mediaType, content: Buffer.from(content) })),
        // RFC 3834: nobody's automatic answer is wanted.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return { kind: 'sent', refused: rejected };
    } finally {
      transport.close();
    }
  } catch (error) {
    return problem(wordsFor(error, settings));
  }
}
