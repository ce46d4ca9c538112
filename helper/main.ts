import { performance } from 'node:perf_hooks';
import pino from 'pino';
import type { Logger } from 'pino';
import packageJson from '../package.json' with { type: 'json' };
import { epochMs } from '../protocol/units.ts';
import { readArguments, usage } from './arguments.ts';
import type { HelperArguments } from './arguments.ts';
import { startHelper } from './helper.ts';
import type { Helper } from './helper.ts';
import { SocketPlaceError } from './link/socket-place.ts';
import { loadNative } from './native/index.ts';

/**
 * The privileged process. It captures, finds owners and names, and serves them over one Unix socket; it runs nothing, opens no
 * network connection and writes no file but its socket (helper/README.md has the rules as a numbered contract).
 * Exit codes: 0 it was ended, 1 it failed, 2 wrong usage.
 */

/** The helper while it runs: whatever ends this process ends it first, so that its socket goes, too. */
let running: Helper | null = null;

function fail(log: Logger, error: unknown): never {
  log.fatal({ err: error }, error instanceof Error ? error.message : 'unexpected failure');
  running?.close();
  process.exit(1);
}

async function run(options: HelperArguments, log: Logger): Promise<void> {
  const stop = (reason: string): void => {
    log.info({ reason }, 'ending');
    running?.close();
    process.exit(0);
  };
  running = await startHelper({
    options,
    log,
    native: loadNative(),
    version: packageJson.version,
    startedAt: epochMs(Date.now()),
    monotonic: () => performance.now(),
    end: () => stop('stop was asked for'),
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stop(signal));
  // Whoever started this process holds the other end of its standard input: when it ends, so does this.
  if (!options.detached) {
    process.stdin.once('end', () => stop('standard input ended'));
    process.stdin.once('error', () => stop('standard input failed'));
    process.stdin.resume();
  }
  log.info({ socket: options.socketPath }, 'listening');
}

const options = readArguments(process.argv.slice(2));
if (typeof options === 'string') {
  process.stderr.write(`${options}\n${usage}\n`);
  process.exitCode = 2;
} else {
  const log = pino({ level: options.verbose ? 'debug' : 'info', base: { name: 'helper' } }, pino.destination({ fd: 2, sync: true }));
  process.once('uncaughtException', (error) => fail(log, error));
  try {
    await run(options, log);
  } catch (error) {
    if (!(error instanceof SocketPlaceError)) fail(log, error);
    log.fatal({ code: error.code }, error.message);
    process.exitCode = 1;
  }
}
