import { createClient, toPlain } from 'dbus-native';
import type { MessageBus } from 'dbus-native';
import { z } from 'zod';
import { until } from '../../scenario/harness/until.ts';

/** What is said between programs and the notification service, overheard on the bus ("D-Bus Specification", match rules, `eavesdrop`). */

const service = 'org.freedesktop.Notifications';

/** A call of Notify (Desktop Notifications Specification, "D-Bus Protocol"). */
export interface Shown {
  readonly replaces: number;
  readonly title: string;
  readonly body: string;
  /** What the buttons say; a click on the bubble itself has no words. */
  readonly actions: readonly string[];
  /** The number that the service gave it; null until it answered. */
  id: number | null;
}

const Notify = z.tuple([z.string(), z.number(), z.string(), z.string(), z.string(), z.array(z.string())]).rest(z.unknown());

export class NotificationWatch implements AsyncDisposable {
  readonly shown: Shown[] = [];
  /** Numbers of what was closed, by whomever. */
  readonly closed: number[] = [];
  readonly #bus: MessageBus;
  readonly #waiting = new Map<string, Shown>();

  private constructor(bus: MessageBus) {
    this.#bus = bus;
    bus.connection.on('error', () => undefined);
    bus.connection.on('message', (message) => {
      const body = z.array(z.unknown()).catch([]).parse(toPlain(message.body ?? []));
      if (message.member === 'Notify' && message.interface === service) this.#note(`${message.sender} ${message.serial}`, body);
      else if (message.member === 'NotificationClosed') this.closed.push(Number(body[0]));
      else if (message.replySerial !== undefined) this.#answer(`${message.destination} ${message.replySerial}`, body[0]);
    });
  }

  static async open(busAddress: string): Promise<NotificationWatch> {
    const bus = createClient({ busAddress, authMethods: ['EXTERNAL'] });
    const watch = new NotificationWatch(bus);
    for (const rule of [`type='method_call',interface='${service}'`, `type='signal',interface='${service}'`, "type='method_return'"]) {
      await bus.addMatch(`eavesdrop='true',${rule}`);
    }
    return watch;
  }

  /** Waits until something was shown that fits. */
  async next(what: string, fits: (shown: Shown) => boolean, within = 30_000): Promise<Shown> {
    const before = this.shown.length;
    try {
      return await until(what, within, () => this.shown.slice(before).find((shown) => shown.id !== null && fits(shown)));
    } catch (error) {
      throw new Error(`shown so far: ${JSON.stringify(this.shown)}`, { cause: error });
    }
  }

  async untilClosed(id: number, within = 20_000): Promise<void> {
    await until(`notification ${id} to close`, within, () => this.closed.includes(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
  }

  #note(call: string, body: readonly unknown[]): void {
    const read = Notify.safeParse(body);
    if (!read.success) return;
    const [, replaces, , title, text, actions] = read.data;
    const shown: Shown = { replaces, title, body: text, actions: actions.filter((text, index) => index % 2 === 1 && text !== ''), id: null };
    this.shown.push(shown);
    this.#waiting.set(call, shown);
  }

  #answer(call: string, id: unknown): void {
    const shown = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (shown !== undefined && typeof id === 'number') shown.id = id;
  }
}
