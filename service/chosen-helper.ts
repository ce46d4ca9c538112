import type { Granted, HelperSource } from './helper-process.ts';
import type { HelperLink } from './helper-link.ts';
import type { Log } from './log.ts';
import { ServiceError } from './service-error.ts';

/** Where a helper may come from. */
export interface HelperChoice {
  /** Captures; throws {@link ServiceError} 'no-rights' where nobody lets it. */
  readonly capturing: HelperSource;
  /** Counts, which needs no right. */
  readonly counting: HelperSource;
  readonly log: Log;
}

/**
 * A helper that captures where there is the right to, else one that counts. Nobody is asked twice by itself: after a refusal it
 * stays with counting until {@link ChosenHelper.grant} asks again.
 */
export class ChosenHelper implements HelperSource {
  readonly #choice: HelperChoice;
  /** A link that was granted, for whoever connects next. */
  #granted: HelperLink | null = null;
  #refused = false;
  #asking: Promise<Granted> | null = null;

  constructor(choice: HelperChoice) {
    this.#choice = choice;
  }

  async connect(signal: AbortSignal): Promise<HelperLink> {
    const granted = this.#granted;
    this.#granted = null;
    if (granted !== null) return granted;
    if (!this.#refused) {
      try {
        return await this.#choice.capturing.connect(signal);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#choice.log.warn('without the right to capture: counting only', { reason: error.message });
        this.#refused = true;
      }
    }
    return this.#choice.counting.connect(signal);
  }

  hasLink(): boolean {
    return this.#granted !== null;
  }

  /** Asks once at a time. What was counted until then is kept; whoever measures connects again to what captures. */
  grant(): Promise<Granted> {
    if (!this.#refused) return Promise.resolve('not-needed');
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#granted?.close();
    await Promise.all([this.#choice.capturing[Symbol.asyncDispose](), this.#choice.counting[Symbol.asyncDispose]()]);
  }

  async #ask(): Promise<Granted> {
    try {
      this.#granted = await this.#choice.capturing.connect(new AbortController().signal);
    } catch (error) {
      if (isRefusal(error)) return 'refused';
      throw error;
    }
    this.#refused = false;
    await this.#choice.counting[Symbol.asyncDispose]();
    return 'granted';
  }
}

function isRefusal(error: unknown): error is ServiceError {
  return error instanceof ServiceError && error.code === 'no-rights';
}
