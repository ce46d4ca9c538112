import { CommanderError } from 'commander';
import { ServiceError } from '../service/service-error.ts';
import type { ServiceErrorCode } from '../service/service-error.ts';
import { visible } from './harmless.ts';

/** Exit codes (docs/CLI.md): they are part of what scripts rely on. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2 } as const;

/** The command was written wrongly: exit code 2. The message is one line that says how it is written. */
export class UsageError extends Error {
  readonly code = 'usage';

  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** The command was right and could not be done: exit code 1. The message is one line that names the next action. */
export class CommandError extends Error {
  readonly code = 'failed';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
  }
}

/** Failures of the service that are mistakes in what was written on the command line, whatever machine it runs on. */
const usageCodes: ReadonlySet<ServiceErrorCode> = new Set(['bad-network', 'bad-filter']);

/** What is said of a failure and with what code the process ends. */
export interface Verdict {
  readonly exitCode: number;
  /** One harmless line without the program's name; empty where there is nothing to say. */
  readonly line: string;
}

function oneLine(text: string): string {
  return visible(text.trim().replace(/\s*\n\s*/gu, ' '));
}

/** "error: unknown option '--jsn'\n(Did you mean --json?)" becomes one line that ends with where the answer is. */
function ofCommander(error: CommanderError, commandName: string): Verdict {
  if (error.exitCode === 0 || error.code === 'commander.help') return { exitCode: exitCodes.done, line: '' };
  const message = oneLine(error.message.replace(/^error: /u, '')).replace(/[.:]?\s*\(Did you mean (?:one of )?(.*)\?\)$/u, ': did you mean $1?');
  return { exitCode: exitCodes.wrongUsage, line: `${message} (see \`${commandName} --help\`)` };
}

/** `commandName` is the command that was run, in full (`tidewatch live`), for the hint where help is. */
export function verdictOn(error: unknown, commandName: string): Verdict {
  if (error instanceof CommanderError) return ofCommander(error, commandName);
  if (error instanceof UsageError) return { exitCode: exitCodes.wrongUsage, line: oneLine(error.message) };
  if (error instanceof CommandError) return { exitCode: exitCodes.failed, line: oneLine(error.message) };
  if (error instanceof ServiceError) {
    const exitCode = usageCodes.has(error.code) ? exitCodes.wrongUsage : exitCodes.failed;
    return { exitCode, line: oneLine(error.message) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    exitCode: exitCodes.failed,
    line: oneLine(`a defect in Tidewatch: ${message}; run it again with --verbose and report what it prints`),
  };
}
