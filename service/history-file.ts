import type { AppParameters, AppResult } from '../protocol/app.ts';
import type { EpochMs } from '../protocol/units.ts';
import { systemClock } from './clock.ts';
import { admitted } from './app-calls.ts';
import { HistoryReader, systemCalendar } from './history/index.ts';
import { openForReading } from './history/open.ts';
import { historyHandlers } from './history-handlers.ts';
import type { HistoryQueryName } from './history-handlers.ts';

/** A history that is read as it lies on the disk, for when no service runs. */
export interface HistoryFile extends Disposable {
  /** Answers as a service would: see `appContract`. */
  query<Name extends HistoryQueryName>(name: Name, parameters: AppParameters<Name>): AppResult<Name>;
}

/** Opens a history to read it. Throws {@link ServiceError} with a `history-…` code, `history-missing` where nothing has been kept yet. */
export function openHistoryFile(path: string, now: () => EpochMs = () => systemClock.now()): HistoryFile {
  const database = openForReading(path);
  const reader = new HistoryReader(database);
  const handlers = historyHandlers({ reader: () => reader, now, calendar: systemCalendar(process.env), path });
  return {
    query: (name, parameters) => handlers[name](admitted(name, { parameters, caller: { rights: 'read' } })),
    [Symbol.dispose]: () => database.close(),
  };
}
