import { EventEmitter } from 'node:events';
import { app } from './app/app.ts';
import { notificationService } from './bus/notification-service.ts';
import type { CloseReason } from './bus/notification-service.ts';

export interface NotificationConstructorOptions {
  readonly title?: string;
  readonly body?: string;
  readonly silent?: boolean;
  readonly urgency?: 'low' | 'normal' | 'critical';
  readonly timeoutType?: 'default' | 'never';
  readonly actions?: readonly { readonly type: 'button'; readonly text?: string }[];
}

/** How Electron calls the reasons of NotificationClosed on Linux. */
const closeReasons: Readonly<Record<CloseReason, string>> = { expired: 'timedOut', dismissed: 'userCanceled', closed: 'applicationHidden' };

/**
 * A bubble of the desktop. Emits `show`, `click`, `action` (event with `actionIndex`, then that index), `close` and `failed`
 * (event, reason). Shown again, it replaces itself in place with its title and body as they then are.
 */
export class Notification extends EventEmitter {
  title: string;
  body: string;
  readonly #options: NotificationConstructorOptions;
  /** The number that the desktop gave it; 0 while it is not shown. */
  #number = 0;
  /** What is shown or closed later waits for what was before: a bubble has its number only once it is shown. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: NotificationConstructorOptions = {}) {
    super();
    this.#options = options;
    this.title = options.title ?? '';
    this.body = options.body ?? '';
  }

  /** Whether the desktop shows notifications now (or begins to when asked). */
  static isSupported(): boolean {
    return notificationService.isThere;
  }

  show(): void {
    this.#last = this.#last.then(() => this.#show());
  }

  close(): void {
    this.#last = this.#last.then(async () => {
      if (this.#number !== 0) await notificationService.close(this.#number);
    });
  }

  async #show(): Promise<void> {
    const { actions = [], urgency = 'normal', timeoutType = 'default', silent = false } = this.#options;
    const outcome = await notificationService.show(
      { replaces: this.#number, appName: app.getName(), title: this.title, body: this.body, urgency, stays: timeoutType === 'never', silent, actions: actions.map(({ text }) => text ?? '') },
      {
        clicked: () => this.#tell('click', {}),
        acted: (actionIndex) => this.#tell('action', { actionIndex, selectionIndex: -1 }, actionIndex, -1),
        closed: (reason) => {
          this.#number = 0;
          this.#tell('close', { reason: closeReasons[reason] });
        },
      },
    );
    if (outcome.kind === 'failed') {
      this.#tell('failed', {}, outcome.reason);
      return;
    }
    this.#number = outcome.number;
    this.#tell('show', {});
  }

  /** Apart from the queue and the bus: what a listener throws is the program's trouble. */
  #tell(event: string, ...values: readonly unknown[]): void {
    setImmediate(() => this.emit(event, ...values));
  }
}
