import { createHmac } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { errorCode } from '../error-code.ts';
import type { Attempt } from './outbox.ts';

export const secretVariable = 'TIDEWATCH_WEBHOOK_SECRET';

/** Where alerts are posted, and how they are signed. */
export interface WebhookSettings {
  readonly webhook: string;
  readonly webhookSecretFile: string;
}

export interface WebhookPorts {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly settings: () => WebhookSettings;
}

/** One message, and the key by which its receiver knows one that comes twice. */
export interface Post {
  readonly key: string;
  readonly body: string;
}

/** A receiver that takes longer has it handed again, with the same key. */
const answerMs = 10_000;

const maximumSecretBytes = 4096;

/** Answers that say that the message itself is wrong (RFC 9110 15.5): the same one would be refused again. */
const refusals: ReadonlySet<number> = new Set([400, 405, 406, 410, 411, 413, 414, 415, 422]);

type Found<Value> = { readonly kind: 'found'; readonly value: Value } | { readonly kind: 'problem'; readonly problem: string };

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/u.test(host);
}

/** The address to post to: encrypted, or on this machine. */
export function webhookAddress(text: string): Found<URL> {
  if (text === '') return { kind: 'problem', problem: 'there is no webhook: set alerts.webhook' };
  if (!URL.canParse(text)) return { kind: 'problem', problem: 'alerts.webhook is no address' };
  const address = new URL(text);
  if (address.protocol === 'https:' || (address.protocol === 'http:' && isLoopback(address.hostname))) return { kind: 'found', value: address };
  return { kind: 'problem', problem: 'alerts.webhook must begin with https://: only on this machine may it be http://' };
}

/** The secret of the environment, else of the file; null where there is none of either. */
function secretOf({ environment, settings }: WebhookPorts): Found<string | null> {
  const given = environment[secretVariable] ?? '';
  if (given !== '') return { kind: 'found', value: given };
  const file = settings().webhookSecretFile;
  return file === '' ? { kind: 'found', value: null } : secretIn(file);
}

function secretIn(file: string): Found<string> {
  const problem = (words: string): Found<string> => ({ kind: 'problem', problem: `the file of alerts.webhookSecretFile ${words}` });
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, 'r');
    const facts = fstatSync(descriptor);
    if (!facts.isFile() || facts.size > maximumSecretBytes) return problem('holds no secret');
    if ((facts.mode & 0o077) !== 0) return problem('may be read by others: chmod 600 it');
    const secret = readFileSync(descriptor, 'utf8').trim();
    return secret === '' ? problem('is empty') : { kind: 'found', value: secret };
  } catch (error) {
    return problem(`cannot be read (${errorCode(error) ?? 'unknown'})`);
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA256 (RFC 2104) over the time of sending, a full stop, and the body. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

function headersOf({ key, body }: Post, secret: string | null, seconds: number): Record<string, string> {
  const signed = secret === null ? {} : { 'Tidewatch-Signature': signatureOf(secret, seconds, body) };
  return { 'Content-Type': 'application/json', 'User-Agent': 'Tidewatch', 'Idempotency-Key': key, ...signed };
}

/** Posts messages to the receiver that a person has set. */
export class Webhook {
  readonly #ports: WebhookPorts;

  constructor(ports: WebhookPorts) {
    this.#ports = ports;
  }

  /** Why nothing can be sent; null where it can. */
  problem(): string | null {
    const address = webhookAddress(this.#ports.settings().webhook);
    if (address.kind === 'problem') return address.problem;
    const secret = secretOf(this.#ports);
    return secret.kind === 'problem' ? secret.problem : null;
  }

  /** Whether messages are signed. */
  get isSigned(): boolean {
    const secret = secretOf(this.#ports);
    return secret.kind === 'found' && secret.value !== null;
  }

  /** One attempt. Never rejects; no reason holds the address's path or the secret. */
  async post(post: Post, ended: AbortSignal): Promise<Attempt> {
    const address = webhookAddress(this.#ports.settings().webhook);
    const secret = secretOf(this.#ports);
    if (address.kind === 'problem') return { kind: 'later', reason: address.problem };
    if (secret.kind === 'problem') return { kind: 'later', reason: secret.problem };
    const headers = headersOf(post, secret.value, Math.floor(this.#ports.clock.now() / 1000));
    return this.#request(address.value, { headers, body: post.body }, ended);
  }

  async #request(address: URL, { headers, body }: { readonly headers: Record<string, string>; readonly body: string }, ended: AbortSignal): Promise<Attempt> {
    const late = new AbortController();
    const timer = this.#ports.clock.after(answerMs, () => late.abort());
    try {
      // A redirect could lead the message anywhere: it is no answer.
      const response = await fetch(address, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.any([late.signal, ended]) });
      await response.body?.cancel();
      if (response.ok) return { kind: 'sent' };
      const reason = `${address.host} answered ${response.status}`;
      return refusals.has(response.status) ? { kind: 'never', reason } : { kind: 'later', reason };
    } catch (error) {
      if (late.signal.aborted) return { kind: 'later', reason: `${address.host} did not answer in ${answerMs / 1000} s` };
      return { kind: 'later', reason: `${address.host} cannot be reached (${causeOf(error)})` };
    } finally {
      timer[Symbol.dispose]();
    }
  }
}

/** The code of what went wrong: the message of fetch says only that it did. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  return errorCode(cause) ?? errorCode(error) ?? 'the connection ended';
}
