import type { PrivacyMode, Since, Spell } from '../protocol/app.ts';
import { epochMs } from '../protocol/units.ts';
import type { EpochMs } from '../protocol/units.ts';
import type { Clock } from './clock.ts';

/** Something that is on for a while, or until it is switched off. */
class TimedSwitch implements Disposable {
  readonly #clock: Clock;
  readonly #ended: () => void;
  #on: { readonly since: Since; readonly timer: Disposable | null } | null = null;

  /** `ended` is called when the time is over. */
  constructor(clock: Clock, ended: () => void) {
    this.#clock = clock;
    this.#ended = ended;
  }

  get since(): Since | null {
    return this.#on?.since ?? null;
  }

  /** Switching on what is on lets it go on, for the new time. The time is that of a clock that nobody can set. */
  turnOn({ forSeconds }: Spell): void {
    const now = this.#clock.now();
    const since = this.#on?.since.since ?? now;
    this.turnOff();
    if (forSeconds === undefined) {
      this.#on = { since: { since, until: null }, timer: null };
      return;
    }
    const milliseconds = forSeconds * 1000;
    const over = (): void => {
      this.turnOff();
      this.#ended();
    };
    this.#on = { since: { since, until: epochMs(now + milliseconds) }, timer: this.#clock.after(milliseconds, over) };
  }

  turnOff(): void {
    this.#on?.timer?.[Symbol.dispose]();
    this.#on = null;
  }

  [Symbol.dispose](): void {
    this.turnOff();
  }
}

/** Which of the two a stretch of time belongs to. Paused counts more: then there is nothing to be private about. */
export type Withheld = 'paused' | 'private' | 'open';

/**
 * The pause and the private mode. A stretch of time belongs to one as soon as a part of it does: what is measured comes in
 * intervals, and none of them may tell of an instant that was not to be told of.
 */
export class PrivacySwitch implements Disposable {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #paused: TimedSwitch;
  readonly #private: TimedSwitch;
  #pausedUntil: EpochMs = epochMs(0);
  #privateUntil: EpochMs = epochMs(0);

  /** `changed` is called after each change, also of a time that is over. */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
    this.#paused = new TimedSwitch(clock, () => this.resume());
    this.#private = new TimedSwitch(clock, () => this.endPrivate());
  }

  get mode(): PrivacyMode {
    return { paused: this.#paused.since, private: this.#private.since };
  }

  pause(spell: Spell): PrivacyMode {
    this.#paused.turnOn(spell);
    return this.#tell();
  }

  resume(): PrivacyMode {
    this.#paused.turnOff();
    this.#pausedUntil = this.#clock.now();
    return this.#tell();
  }

  beginPrivate(spell: Spell): PrivacyMode {
    this.#private.turnOn(spell);
    return this.#tell();
  }

  endPrivate(): PrivacyMode {
    this.#private.turnOff();
    this.#privateUntil = this.#clock.now();
    return this.#tell();
  }

  /** What a stretch that began at `from` and ends now, or ended a little ago, belongs to. */
  withheldSince(from: number): Withheld {
    if (this.#paused.since !== null || from < this.#pausedUntil) return 'paused';
    return this.#private.since !== null || from < this.#privateUntil ? 'private' : 'open';
  }

  [Symbol.dispose](): void {
    this.#paused[Symbol.dispose]();
    this.#private[Symbol.dispose]();
  }

  #tell(): PrivacyMode {
    this.#changed();
    return this.mode;
  }
}
