import { Variant } from 'dbus-native';
import { z } from 'zod';
import type { BusConnection } from './message-bus.ts';

const service = 'org.freedesktop.Notifications';
const place = { destination: service, path: '/org/freedesktop/Notifications', interface: service } as const;
/** Bubbles that are open at one time; of the oldest beyond that no click is heard any more. */
const maximumOpen = 64;
/** How far this tells bubbles' buttons apart from "default", which is a click on the bubble itself. */
const actionPrefix = 'action-';

const numberReply = z.number().int().positive();
const capabilitiesReply = z.array(z.string());
const actionInvoked = z.tuple([z.number(), z.string()]).rest(z.unknown());
const notificationClosed = z.tuple([z.number(), z.number()]).rest(z.unknown());

export interface Bubble {
  /** The number of the bubble that this takes the place of; 0 for none. */
  readonly replaces: number;
  readonly appName: string;
  readonly title: string;
  readonly body: string;
  readonly urgency: 'low' | 'normal' | 'critical';
  /** Until it is closed, by whomever. */
  readonly stays: boolean;
  readonly silent: boolean;
  /** Labels of its buttons. */
  readonly actions: readonly string[];
}

export type CloseReason = 'expired' | 'dismissed' | 'closed';

export interface BubbleListener {
  readonly clicked: () => void;
  readonly acted: (actionIndex: number) => void;
  readonly closed: (reason: CloseReason) => void;
}

export type ShowOutcome = { readonly kind: 'shown'; readonly number: number } | { readonly kind: 'failed'; readonly reason: string };

const urgencies = { low: 0, normal: 1, critical: 2 } as const;

/** Codes of NotificationClosed ("Desktop Notifications Specification"); 4 is undefined there. */
function toCloseReason(code: number): CloseReason {
  if (code === 1) return 'expired';
  return code === 2 ? 'dismissed' : 'closed';
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The desktop's notifications (freedesktop.org, "Desktop Notifications Specification", 1.2). */
class NotificationService {
  readonly #listeners = new Map<number, BubbleListener>();
  #bus: BusConnection | null = null;
  #isOwned = false;
  #isActivatable = false;
  #capabilities: ReadonlySet<string> | null = null;

  /** Whether somebody shows notifications, or can be started to. */
  get isThere(): boolean {
    return this.#isOwned || this.#isActivatable;
  }

  /** @throws DBusError where the bus ends meanwhile. */
  async follow(bus: BusConnection): Promise<void> {
    this.#bus = bus;
    this.#isActivatable = (await bus.client.listActivatableNames()).includes(service);
    await bus.onSignal({ ...place, member: 'ActionInvoked' }, (body) => this.#acted(body));
    await bus.onSignal({ ...place, member: 'NotificationClosed' }, (body) => this.#closed(body));
    await bus.followOwner(service, (isOwned) => this.#follow(isOwned));
    bus.ended.addEventListener('abort', () => {
      this.#isActivatable = false;
      this.#follow(false);
    });
  }

  async show(bubble: Bubble, listener: BubbleListener): Promise<ShowOutcome> {
    if (this.#bus === null || !this.isThere) return { kind: 'failed', reason: 'This desktop shows no notifications.' };
    try {
      const number = await this.#notify(this.#bus, bubble);
      this.#listeners.set(number, listener);
      for (const oldest of this.#listeners.keys()) if (this.#listeners.size > maximumOpen) this.#listeners.delete(oldest);
      return { kind: 'shown', number };
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** A bubble that is gone already stays gone. */
  async close(number: number): Promise<void> {
    await this.#bus?.call({ ...place, member: 'CloseNotification', signature: 'u', body: [number] }).catch(() => undefined);
  }

  /** The owner of the bubbles went or came: those of the one before are gone without a word. */
  #follow(isOwned: boolean): void {
    this.#isOwned = isOwned;
    this.#capabilities = null;
    const listeners = [...this.#listeners.values()];
    this.#listeners.clear();
    for (const { closed } of listeners) closed('closed');
  }

  async #notify(bus: BusConnection, bubble: Bubble): Promise<number> {
    this.#capabilities ??= new Set(capabilitiesReply.parse(await bus.call({ ...place, member: 'GetCapabilities' })));
    const can = this.#capabilities;
    const actions = can.has('actions') ? ['default', '', ...bubble.actions.flatMap((label, index) => [`${actionPrefix}${index}`, label])] : [];
    const body = can.has('body-markup') ? escapeMarkup(bubble.body) : bubble.body;
    const hints = { urgency: new Variant('y', urgencies[bubble.urgency]), 'suppress-sound': new Variant('b', bubble.silent) };
    const expireMs = bubble.stays ? 0 : -1;
    const words = [bubble.appName, bubble.replaces, '', bubble.title, body, actions, hints, expireMs];
    return numberReply.parse(await bus.call({ ...place, member: 'Notify', signature: 'susssasa{sv}i', body: words }));
  }

  #acted(body: readonly unknown[]): void {
    const parsed = actionInvoked.safeParse(body);
    if (!parsed.success) return;
    const [number, key] = parsed.data;
    const listener = this.#listeners.get(number);
    if (key === 'default') listener?.clicked();
    else if (key.startsWith(actionPrefix)) listener?.acted(Number(key.slice(actionPrefix.length)));
  }

  #closed(body: readonly unknown[]): void {
    const parsed = notificationClosed.safeParse(body);
    if (!parsed.success) return;
    const [number, code] = parsed.data;
    const listener = this.#listeners.get(number);
    this.#listeners.delete(number);
    listener?.closed(toCloseReason(code));
  }
}

/** One for the process: `Notification.isSupported()` must know before it is asked. */
export const notificationService = new NotificationService();
