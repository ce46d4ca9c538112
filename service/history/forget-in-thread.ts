import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { Forgotten } from './forget.ts';
import { ThreadAnswer } from './forget-work.ts';
import type { ThreadWork } from './forget-work.ts';

/**
 * Forgets (see `forget`) in a thread of its own, with a connection of its own: every table and the file are written anew, which takes
 * seconds in a large history, and what is measured meanwhile must be counted. Reading goes on; who writes has to wait until this
 * has settled. Rejects with SQLite's error where the disk refuses.
 */
export async function forgetInThread(work: ThreadWork): Promise<Forgotten> {
  const worker = new Worker(new URL('./forget-thread.ts', import.meta.url), { workerData: work });
  const said = Promise.withResolvers<ThreadAnswer>();
  worker.once('message', (message: unknown) => said.resolve(ThreadAnswer.parse(message)));
  worker.once('error', said.reject);
  worker.once('exit', (code) => said.reject(new Error(`the thread that forgets ended with ${code} before it answered`)));
  const answer = await said.promise;
  if (answer.kind === 'failed') throw new Database.SqliteError(answer.message, answer.code);
  return { rows: answer.rows, freedBytes: answer.freedBytes };
}
