import type { PrivacyMode, Since, Spell } from '../protocol/app.ts';
import { epochMs } from '../protocol/units.ts';
import type { EpochMs } from '../protocol/units.ts';
import type { Clock } from './clock.ts';

/**
 * The wall clock is looked at this often, because waiting is not enough: a machine that sleeps waits longer, a clock may be set,
 * and no timer of Node's waits for more than 24 days.
 */
const lookEveryMs = 1000;

/** Something that is on for a while, or until it is switched off. It is the wall clock that says when the while is over. */
class TimedSwitch implements Disposable {
  readonly #clock: Clock;
  readonly #ended: () => void;
  #since: Since | null = null;
  #timer: Disposable | null = null;

  /** `ended` is called when the time is over. */
  constructor(clock: Clock, ended: () => void) {
    this.#clock = clock;
    this.#ended = ended;
  }

  get since(): Since | null {
    return this.#since;
  }

  /** Switching on what is on lets it go on, for the new time. */
  turnOn({ forSeconds }: Spell): void {
    const now = this.#clock.now();
    this.goOn({ since: this.#since?.since ?? now, until: forSeconds === undefined ? null : epochMs(now + forSeconds * 1000) });
  }

  /** Is on as it was said to be, also by a service before this one. */
  goOn(since: Since): void {
    this.turnOff();
    this.#since = since;
    if (since.until !== null) this.#waitFor(since.until);
  }

  turnOff(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#since = null;
  }

  [Symbol.dispose](): void {
    this.turnOff();
  }

  #waitFor(until: EpochMs): void {
    const look = (): void => (this.#clock.now() < until ? this.#waitFor(until) : this.#ended());
    this.#timer = this.#clock.after(Math.min(lookEveryMs, Math.max(0, until - this.#clock.now())), look);
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

  /**
   * Goes on with what a service before this one had on. What is over meanwhile was on until its time: what was seen before that
   * stays untold.
   */
  restore({ paused, private: privacy }: PrivacyMode): void {
    if (paused === null && privacy === null) return;
    this.#pausedUntil = this.#goOn(this.#paused, paused);
    this.#privateUntil = this.#goOn(this.#private, privacy);
    this.#tell();
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

  /** Returns until when it was on, if that is over. */
  #goOn(one: TimedSwitch, since: Since | null): EpochMs {
    if (since === null) return epochMs(0);
    if (since.until !== null && since.until <= this.#clock.now()) return since.until;
    one.goOn(since);
    return epochMs(0);
  }

  #tell(): PrivacyMode {
    this.#changed();
    return this.mode;
  }
}
