import type { Calendar } from '../core/history/calendar.ts';
import type { AppParameters, AppResult } from '../protocol/app.ts';
import type { EpochMs } from '../protocol/units.ts';
import type { HistoryReader } from './history/index.ts';

/** What the history can be asked for. */
export type HistoryAnswers = Pick<
  HistoryReader,
  'report' | 'top' | 'compare' | 'steps' | 'hours' | 'rhythm' | 'quality' | 'http' | 'receipt' | 'apps' | 'facts' | 'seen'
>;

/** The methods of the contract that the history alone answers: of a running service, or of a file that no service keeps. */
export type HistoryQueryName = 'report' | 'top' | 'compare' | 'steps' | 'hours' | 'rhythm' | 'quality' | 'http' | 'receipt' | 'apps' | 'historyFacts' | 'seen';

export interface HistoryHandlerPorts {
  /** The history as it is now. */
  readonly reader: () => HistoryAnswers;
  readonly now: () => EpochMs;
  readonly calendar: Calendar;
  readonly path: string;
}

/** What is done for each of them: at once, whoever asks. */
export type HistoryHandlers = { readonly [Name in HistoryQueryName]: (parameters: AppParameters<Name>) => AppResult<Name> };

export function historyHandlers({ reader, now, calendar, path }: HistoryHandlerPorts): HistoryHandlers {
  return {
    report: (request) => reader().report(request, now()),
    top: (query) => reader().top(query, now()),
    compare: (query) => reader().compare(query, now()),
    steps: (query) => reader().steps(query, now()),
    hours: (query) => reader().hours(query, now(), calendar),
    rhythm: (query) => reader().rhythm(query, now(), calendar),
    quality: (query) => reader().quality(query, now()),
    http: (query) => reader().http(query, now()),
    receipt: (query) => reader().receipt(query, now()),
    apps: (query) => reader().apps(query),
    historyFacts: () => reader().facts(path),
    seen: ({ what, key }) => ({ seen: reader().seen(what, key) }),
  };
}
