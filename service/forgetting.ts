import type { ForgottenNames, Naming } from '../core/naming/index.ts';
import type { Forgettable, ForgetPreview, Forgotten } from '../protocol/app.ts';
import type { EpochMs } from '../protocol/units.ts';
import { errorCode } from './error-code.ts';
import { ServiceError } from './service-error.ts';

/** The history as far as something can be forgotten of it. `History` is it. */
export interface ForgetfulHistory {
  forget(what: Forgettable, now: EpochMs): Forgotten;
  forgetNames(names: ForgottenNames): void;
  countForgettable(what: Forgettable, now: EpochMs): number;
}

/** Which names of addresses go with it. */
function namesOf(what: Forgettable): ForgottenNames {
  switch (what.kind) {
    case 'app':
      return { what: 'app', key: what.app };
    case 'domain':
      return { what: 'domain', key: what.domain };
    case 'host':
      return { what: 'host', key: what.host };
    case 'range':
      return { what: 'between', from: what.from, to: what.to };
  }
}

/** SQLite's refusals (a full disk, a file that became read-only) as what a person can do about them. */
function orServiceError<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    const code = errorCode(error);
    if (code?.startsWith('SQLITE') !== true) throw error;
    throw new ServiceError('history-unwritable', `the history could not be written (${code}): nothing was forgotten; make room on its disk and try again`, {
      cause: error,
    });
  }
}

/**
 * Forgets in a history that no service keeps: the names first, so that the file that is written anew is without them.
 * Throws {@link ServiceError} 'history-unwritable'.
 */
export function forgetInHistory(history: ForgetfulHistory, what: Forgettable, now: EpochMs): Forgotten {
  return orServiceError(() => {
    history.forgetNames(namesOf(what));
    return history.forget(what, now);
  });
}

/** What holds names in a running service. */
export interface ForgettingPorts {
  readonly history: ForgetfulHistory;
  readonly names: Pick<Naming, 'forget'>;
  readonly feed: { forget(): void };
  readonly alerts: { forget(what: Forgettable): void };
  /** Writes what is held in memory, so that it is forgotten with the rest. */
  readonly writeNow: () => void;
}

/** Forgets everywhere: in what is held, among the names in memory, in the picture for newcomers, and in the file. */
export function forgetEverywhere(ports: ForgettingPorts, what: Forgettable, now: EpochMs): Forgotten {
  ports.writeNow();
  ports.names.forget(namesOf(what));
  ports.feed.forget();
  ports.alerts.forget(what);
  return forgetInHistory(ports.history, what, now);
}

/** What would be forgotten. Throws {@link ServiceError} 'history-unwritable'. */
export function previewForgetting(history: ForgetfulHistory, what: Forgettable, now: EpochMs): ForgetPreview {
  return orServiceError(() => ({ rows: history.countForgettable(what, now) }));
}
