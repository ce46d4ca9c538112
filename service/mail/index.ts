/** Mail to the server that a person has set up: see README.md. */
export { systemPassword } from './password.ts';
export type { FindPassword } from './password.ts';
export { sendMail } from './send.ts';
export type { Attachment, Mail, MailOutcome, MailSettings } from './send.ts';
