/** Mail to the server that a person has set up: see README.md. */
import type { FindPassword } from './password.ts';
import type { Mail, MailOutcome, MailSettings } from './send.ts';

export { systemPassword } from './password.ts';
export type { FindPassword } from './password.ts';
export type { Attachment, Mail, MailOutcome, MailSettings } from './send.ts';

/** Hands a mail to its server, once. Never throws. What mail takes is loaded with the first one: most services send none. */
export async function sendMail(mail: Mail, settings: MailSettings, findPassword: FindPassword): Promise<MailOutcome> {
  const mailer = await import('./send.ts');
  return mailer.sendMail(mail, settings, findPassword);
}
