import type { Alert, AlertAct } from '../protocol/app.ts';
import { plainLine } from './words.ts';

/** What a person answers to a notification. */
export interface NotificationActs {
  readonly show: (alert: Alert) => void;
  readonly snooze: () => void;
  readonly mute: (alert: Alert) => void;
  /** The desktop shows no notifications: said once. */
  readonly failed: (reason: string) => void;
}

/** Situations that can be on the screen at once; the oldest gives way. */
const maximumShown = 32;
/** How long the line stays that says that it is over. */
const recoveryMs = 5000;

/** What a bubble says when it is made. */
export interface BubbleWords {
  readonly title: string;
  readonly body: string;
  readonly urgency: 'low' | 'normal' | 'critical';
  readonly timeoutType: 'never';
  readonly actions: { readonly type: 'button'; readonly text: string }[];
}

/** What is used of Electron's `Notification`. */
export interface Bubble {
  title: string;
  body: string;
  on(event: 'click' | 'close', listener: () => void): unknown;
  on(event: 'action', listener: (details: unknown, index: number) => void): unknown;
  on(event: 'failed', listener: (event: unknown, reason: string) => void): unknown;
  show(): void;
  close(): void;
}

interface Shown {
  readonly notification: Bubble;
  alert: Alert;
  ending: NodeJS.Timeout | null;
}

const urgencies = { information: 'low', warning: 'normal', critical: 'critical' } as const;

/** One notification for one situation: shown, replaced in place while it lasts, closed after the line that says it is over. */
export class Notifications implements Disposable {
  readonly #acts: NotificationActs;
  readonly #make: (words: BubbleWords) => Bubble;
  readonly #shown = new Map<string, Shown>();
  #hasFailed = false;

  constructor(acts: NotificationActs, make: (words: BubbleWords) => Bubble) {
    this.#acts = acts;
    this.#make = make;
  }

  /** Notifications that are on the screen now. */
  get count(): number {
    return this.#shown.size;
  }

  take(alert: Alert, act: AlertAct): void {
    if (act === 'show') this.#show(alert);
    else if (act === 'replace') this.#replace(alert);
    else if (act === 'recover') this.#recover(alert);
  }

  [Symbol.dispose](): void {
    for (const situation of this.#shown.keys()) this.#close(situation);
  }

  #show(alert: Alert): void {
    this.#close(alert.situation);
    const oldest = this.#shown.keys().next();
    if (this.#shown.size >= maximumShown && oldest.done !== true) this.#close(oldest.value);
    const notification = this.#make({
      title: plainLine(alert.title, 128),
      body: bodyOf(alert),
      urgency: urgencies[alert.severity],
      timeoutType: 'never',
      actions: [{ type: 'button', text: 'Show' }, { type: 'button', text: 'Snooze 1 h' }, { type: 'button', text: muteText(alert) }],
    });
    const shown: Shown = { notification, alert, ending: null };
    this.#shown.set(alert.situation, shown);
    notification.on('click', () => this.#acts.show(shown.alert));
    notification.on('action', (_details, index) => this.#act(shown, index));
    notification.on('close', () => this.#forget(shown));
    notification.on('failed', (_event, reason) => this.#fail(shown, reason));
    notification.show();
  }

  /** A person who has closed it does not want to see it again. */
  #replace(alert: Alert): void {
    const shown = this.#shown.get(alert.situation);
    if (shown === undefined) return;
    shown.alert = alert;
    shown.notification.title = plainLine(alert.title, 128);
    shown.notification.body = bodyOf(alert);
    shown.notification.show();
  }

  #recover(alert: Alert): void {
    const shown = this.#shown.get(alert.situation);
    if (shown === undefined) return;
    this.#replace(alert);
    shown.ending ??= setTimeout(() => this.#close(alert.situation), recoveryMs);
    shown.ending.unref();
  }

  #act(shown: Shown, index: number): void {
    const act = [() => this.#acts.show(shown.alert), () => this.#acts.snooze(), () => this.#acts.mute(shown.alert)][index];
    this.#close(shown.alert.situation);
    act?.();
  }

  #fail(shown: Shown, reason: string): void {
    this.#forget(shown);
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#acts.failed(reason);
  }

  #close(situation: string): void {
    const shown = this.#shown.get(situation);
    if (shown === undefined) return;
    this.#forget(shown);
    shown.notification.close();
  }

  #forget(shown: Shown): void {
    if (shown.ending !== null) clearTimeout(shown.ending);
    if (this.#shown.get(shown.alert.situation) === shown) this.#shown.delete(shown.alert.situation);
  }
}

/**
 * Notification servers may read mark-up in the body (Desktop Notifications Specification, "Markup"), and whether a shell escapes
 * differs: signs that look alike and begin no mark-up are right either way.
 */
function bodyOf({ text }: Alert): string {
  return plainLine(text, 512).replaceAll('<', '‹').replaceAll('>', '›');
}

function muteText({ cause }: Alert): string {
  return (cause?.app ?? null) === null ? 'Mute such alerts' : 'Mute this app';
}
