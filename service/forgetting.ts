import type { ForgottenNames, Naming } from '../core/naming/index.ts';
import type { Forgettable, ForgetPreview, Forgotten } from '../protocol/app.ts';
import type { EpochMs } from '../protocol/units.ts';
import { errorCode } from './error-code.ts';
import { ServiceError } from './service-error.ts';

/** The history as far as something can be forgotten of it. `History` is it. */
export interface ForgetfulHistory {
  forget(what: Forgettable, now: EpochMs): Promise<Forgotten>;
  /** Resolves when nothing is being forgotten. */
  settled(): Promise<void>;
  countForgettable(what: Forgettable, now: EpochMs): Promise<number>;
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
async function orServiceError<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    const code = errorCode(error);
    if (code?.startsWith('SQLITE') !== true) throw error;
    throw new ServiceError('history-unwritable', `the history could not be written (${code}): nothing was forgotten; make room on its disk and try again`, {
      cause: error,
    });
  }
}

/**
 * Forgets in a history that no service keeps.
 * Throws {@link ServiceError} 'history-unwritable'.
 */
export function forgetInHistory(history: ForgetfulHistory, what: Forgettable, now: EpochMs): Promise<Forgotten> {
  return orServiceError(() => history.forget(what, now));
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
export async function forgetEverywhere(ports: ForgettingPorts, what: Forgettable, now: EpochMs): Promise<Forgotten> {
  await ports.history.settled();
  ports.writeNow();
  ports.names.forget(namesOf(what));
  ports.feed.forget();
  ports.alerts.forget(what);
  return forgetInHistory(ports.history, what, now);
}

/** What would be forgotten. Throws {@link ServiceError} 'history-unwritable'. */
export async function previewForgetting(history: ForgetfulHistory, what: Forgettable, now: EpochMs): Promise<ForgetPreview> {
  return { rows: await orServiceError(() => history.countForgettable(what, now)) };
}
