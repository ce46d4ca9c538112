import { pino } from 'pino';
import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

type Fields = Readonly<Record<string, string | number | boolean | null>>;

/**
 * What the service writes about itself. Never the content of a packet; texts from outside only as fields, which the
 * writer escapes.
 */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** A log of which more or less can be asked while it is written. */
export interface AdjustableLog extends Log {
  setLevel(level: LogLevel): void;
}

/** JSON lines on standard error, so that standard output stays the shell's. */
export function createLog(level: LogLevel): AdjustableLog {
  const logger = pino({ name: 'tidewatch', level, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: true }));
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    setLevel: (next) => {
      logger.level = next;
    },
  };
}

/** A burst that a person can read, then silence until the next minute: traffic must not be able to fill a disk. */
const linesPerMinute = 60;
const minuteMs = 60_000;

/**
 * A log that writes at most {@link linesPerMinute} lines a minute and then says how many it left out. Errors always
 * pass: they are written where something ends, not where traffic flows.
 */
export function rateLimited(log: Log, clock: Clock): Log {
  let minuteStart = clock.monotonic();
  let written = 0;
  let leftOut = 0;
  const admit = (): boolean => {
    if (clock.monotonic() - minuteStart >= minuteMs) {
      if (leftOut > 0) log.warn('log lines were left out', { leftOut });
      [minuteStart, written, leftOut] = [clock.monotonic(), 0, 0];
    }
    if (written < linesPerMinute) {
      written += 1;
      return true;
    }
    leftOut += 1;
    return false;
  };
  return {
    debug: (message, fields) => admit() && log.debug(message, fields),
    info: (message, fields) => admit() && log.info(message, fields),
    warn: (message, fields) => admit() && log.warn(message, fields),
    error: (message, fields) => log.error(message, fields),
  };
}
