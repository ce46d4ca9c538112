/** The thread that forgets: see `forget-in-thread.ts`, which starts it. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { errorCode } from '../error-code.ts';
import { forget } from './forget.ts';
import { ThreadWork } from './forget-work.ts';
import type { ThreadAnswer } from './forget-work.ts';
import { configure } from './open.ts';
import { errorText } from './sqlite-errors.ts';

/** The writer has stopped; a reader in another process may hold the log for the length of its question. In milliseconds. */
const longestWaitMs = 10_000;

function work({ path, what }: ThreadWork): ThreadAnswer {
  let database: Database.Database | null = null;
  try {
    database = new Database(path, { fileMustExist: true, timeout: longestWaitMs });
    configure(database);
    return { kind: 'forgotten', ...forget(database, what) };
  } catch (error) {
    return { kind: 'failed', code: errorCode(error) ?? 'ERROR', message: errorText(error) };
  } finally {
    database?.close();
  }
}

// Nothing is handed over with it.
parentPort?.postMessage(work(ThreadWork.parse(workerData)), []);
