import path from 'node:path';
import type { AppParameters, AppResult } from '../protocol/app.ts';
import { openHistoryFile } from '../service/index.ts';
import type { HistoryQueryName } from '../service/index.ts';
import type { Edges } from './edges.ts';
import { chosenPaths } from './global-options.ts';
import type { GlobalOptions } from './global-options.ts';
import { attach } from './service-session.ts';

/** Whoever answers questions to the history. `close` ends the connection, or closes the file. */
export interface HistorySession {
  ask<Name extends HistoryQueryName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>>;
  close(): Promise<void>;
}

/**
 * The service that keeps this very history, which knows the last seconds too; else the file itself. Throws `ServiceError`, also
 * where there is no history.
 */
export async function askHistory(options: GlobalOptions, edges: Edges): Promise<HistorySession> {
  const { historyPath, socketPath } = chosenPaths(options, edges.defaultPaths);
  const running = await attach(socketPath);
  if (running !== null) {
    const isSameHistory = options.history === undefined || path.resolve((await running.client.query('identify', {})).historyPath) === historyPath;
    if (isSameHistory) return { ask: (name, parameters) => running.client.query(name, parameters), close: () => running.close() };
    await running.close();
  }
  const file = openHistoryFile(historyPath);
  return { ask: async (name, parameters) => file.query(name, parameters), close: async () => file[Symbol.dispose]() };
}
