import { randomUUID } from 'node:crypto';
import type { Naming } from '../../core/alert/moment-of.ts';
import type { AlertChange } from '../../core/alert/situations.ts';
import type { AlertChannel, ChannelTested } from '../../protocol/app.ts';
import type { Clock } from '../clock.ts';
import type { Delivery, KeptAlerts, StoredDelivery } from '../history/index.ts';
import type { Log } from '../log.ts';
import type { Mail, MailOutcome } from '../mail/index.ts';
import { mailOf, messageIn, testAlert, webhookBody } from './messages.ts';
import type { Message } from './messages.ts';
import { Outbox } from './outbox.ts';
import type { Attempt } from './outbox.ts';
import type { Webhook } from './webhook.ts';

export interface ChannelPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly kept: () => KeptAlerts;
  readonly random: () => number;
  /** What may be named, as it is now. */
  readonly naming: () => Naming;
  readonly webhook: Webhook;
  /** Hands over one mail, once; absent where there is no mail. */
  readonly sendMail?: (mail: Mail) => Promise<MailOutcome>;
}

const remote = ['webhook', 'mail'] as const satisfies readonly AlertChannel[];
type RemoteChannel = (typeof remote)[number];

/** The channels that lead away from this machine: what goes there is stored first, then sent. */
export class Channels implements AsyncDisposable {
  readonly #ports: ChannelPorts;
  readonly #outboxes: Readonly<Record<RemoteChannel, Outbox>>;

  constructor(ports: ChannelPorts) {
    this.#ports = ports;
    const outbox = (channel: RemoteChannel, attempt: (message: Message, key: string, ended: AbortSignal) => Promise<Attempt>): Outbox =>
      new Outbox({ ...ports, channel, attempt: (delivery, ended) => this.#attempt(delivery, (message) => attempt(message, delivery.key, ended)) });
    this.#outboxes = {
      webhook: outbox('webhook', (message, key, ended) => ports.webhook.post({ key, body: webhookBody(key, message) }, ended)),
      mail: outbox('mail', (message) => this.#mail(mailOf(message))),
    };
  }

  /** What is to be sent of these changes: that something has begun, and that it is over. */
  deliveriesOf(changes: readonly AlertChange[]): readonly Delivery[] {
    return changes.flatMap((change) => remote.filter((channel) => isFor(change, channel)).map((channel) => this.#deliveryOf(change, channel)));
  }

  /** Sends what waits. */
  wake(): void {
    for (const channel of remote) {
      this.#outboxes[channel].bound();
      this.#outboxes[channel].wake();
    }
  }

  /** The settings have changed: what waits may go through now. */
  hurry(): void {
    for (const channel of remote) this.#outboxes[channel].hurry();
  }

  /** Sends something that says it is a test, at once and once. */
  async test(channel: RemoteChannel): Promise<ChannelTested> {
    const message = { event: 'opened', alert: testAlert(this.#ports.clock.now()) } as const;
    const key = `test-${randomUUID()}`;
    const { webhook } = this.#ports;
    const attempt =
      channel === 'mail' ? await this.#mail(mailOf(message)) : await webhook.post({ key, body: webhookBody(key, message) }, new AbortController().signal);
    if (attempt.kind !== 'sent') return { ok: false, message: attempt.reason };
    if (channel === 'mail') return { ok: true, message: 'the mail was handed over' };
    return { ok: true, message: webhook.isSigned ? 'the webhook has taken it, signed' : 'the webhook has taken it, unsigned: there is no secret' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(remote.map((channel) => this.#outboxes[channel][Symbol.asyncDispose]()));
  }

  #deliveryOf({ alert, apps, domains, step }: AlertChange, channel: RemoteChannel): Delivery {
    const message: Message = { event: step === 'over' ? 'over' : 'opened', alert, apps: [...apps], domains: [...domains] };
    return { key: randomUUID(), alert: alert.id, channel, madeAt: this.#ports.clock.now(), content: JSON.stringify(message) };
  }

  #attempt({ content }: StoredDelivery, send: (message: Message) => Promise<Attempt>): Promise<Attempt> {
    const message = messageIn(content);
    if (message === null) return Promise.resolve({ kind: 'never', reason: 'it is no message' });
    const naming = this.#ports.naming();
    const isWithheld = message.apps.some((app) => !naming.mayNameApp(app)) || message.domains.some((domain) => !naming.mayNameHost(domain));
    return isWithheld ? Promise.resolve({ kind: 'never', reason: 'it names what is withheld now' }) : send(message);
  }

  async #mail(mail: Mail): Promise<Attempt> {
    const outcome = await (this.#ports.sendMail?.(mail) ?? Promise.resolve<MailOutcome>({ kind: 'off' }));
    switch (outcome.kind) {
      case 'sent':
        return { kind: 'sent' };
      case 'off':
        return { kind: 'later', reason: 'there is no mail server: set mail.host' };
      case 'problem':
        return { kind: 'later', reason: outcome.problem };
    }
  }
}

/** The end is told to whoever was told of the beginning, where there is something to say about it. */
function isFor({ alert, step }: AlertChange, channel: RemoteChannel): boolean {
  return alert.told.includes(channel) && step !== 'changed';
}
