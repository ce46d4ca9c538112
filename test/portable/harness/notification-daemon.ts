import { createClient, defineInterface } from 'dbus-native';
import type { DefinedInterface, MessageBus } from 'dbus-native';

const service = 'org.freedesktop.Notifications';
const servicePath = '/org/freedesktop/Notifications';

/** What a program asked to be shown. */
export interface Shown {
  readonly number: number;
  readonly replaces: number;
  readonly appName: string;
  readonly title: string;
  readonly body: string;
  /** Keys and labels in turn. */
  readonly actions: readonly string[];
  readonly urgency: unknown;
  readonly expireMs: number;
}

interface Asked {
  readonly app_name: string;
  readonly replaces_id: number;
  readonly summary: string;
  readonly body: string;
  readonly actions: readonly string[];
  readonly hints: Readonly<Record<string, unknown>>;
  readonly expire_timeout: number;
}

/** A notification service that shows nothing and does what a test says a person did. */
export class NotificationDaemon implements AsyncDisposable {
  readonly shown: Shown[] = [];
  readonly closed: number[] = [];
  readonly #bus: MessageBus;
  readonly #interface: DefinedInterface;
  #lastNumber = 0;

  constructor(address: string, capabilities: readonly string[] = ['actions', 'body', 'body-markup']) {
    this.#bus = createClient({ busAddress: address, authMethods: ['EXTERNAL'] });
    this.#interface = defineInterface({
      name: service,
      signals: { ActionInvoked: { args: { id: 'u', key: 's' } }, NotificationClosed: { args: { id: 'u', reason: 'u' } } },
      methods: {
        GetCapabilities: { out: { capabilities: 'as' }, handler: () => capabilities },
        CloseNotification: { in: { id: 'u' }, handler: ({ id }: { id: number }) => void this.closed.push(id) },
        Notify: {
          in: { app_name: 's', replaces_id: 'u', app_icon: 's', summary: 's', body: 's', actions: 'as', hints: 'a{sv}', expire_timeout: 'i' },
          out: { id: 'u' },
          handler: (asked: Asked) => this.#show(asked),
        },
      },
    });
  }

  async start(): Promise<void> {
    await this.#bus.export(servicePath, this.#interface);
    await this.#bus.requestName(service, 0);
  }

  act(number: number, key: string): void {
    this.#interface.emit['ActionInvoked']?.(number, key);
  }

  /** Codes of the specification: 1 expired, 2 dismissed, 3 closed by the program. */
  tellClosed(number: number, code: number): void {
    this.#interface.emit['NotificationClosed']?.(number, code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
  }

  #show({ app_name: appName, replaces_id: replaces, summary: title, body, actions, hints, expire_timeout: expireMs }: Asked): number {
    const number = replaces === 0 ? (this.#lastNumber += 1) : replaces;
    this.shown.push({ number, replaces, appName, title, body, actions, urgency: hints['urgency'], expireMs });
    return number;
  }
}
