import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter } from 'node:path';
import { root } from './set-up.mjs';

/**
 * Runs a program of this checkout in the foreground, with Node 24 and the project's tools first on PATH.
 * Signals that reach this process alone (a supervisor's SIGTERM) are passed on; a terminal's Ctrl-C reaches both anyway.
 * @param {string} command
 * @param {readonly string[]} words
 * @returns {Promise<number>} the exit code; 128 + signal number where a signal ended it, as shells say it.
 */
export async function runInForeground(command, words) {
  const child = spawn(command, words, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${root}node_modules/.bin${delimiter}${process.env['PATH'] ?? ''}` },
  });
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => child.kill(signal);
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, passOn);
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const [code, signal] = await once(child, 'exit');
  for (const name of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.off(name, passOn);
  process.off('SIGINT', ignore);
  const signalNumbers = /** @type {Record<string, number>} */ ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 });
  return code ?? 128 + (signalNumbers[signal] ?? 0);
}
