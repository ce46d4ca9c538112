import path from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { ServicePaths } from '../service/paths.ts';

/** Options that every command takes, before or after its name. */
export const GlobalOptions = z.object({
  history: z.string().optional(),
  socket: z.string().optional(),
  helperSocket: z.string().optional(),
  settings: z.string().optional(),
  verbose: z.boolean().default(false),
});
export type GlobalOptions = z.infer<typeof GlobalOptions>;

/** Adds the global options to the program. */
export function withGlobalOptions(program: Command): Command {
  return program
    .option('--history <path>', 'the history file (default: $TIDEWATCH_HISTORY, or in the XDG data folder)')
    .option('--socket <path>', "the service's socket (default: $TIDEWATCH_SOCKET, or in the XDG runtime folder)")
    .option('--helper-socket <path>', "the capture helper's socket (default: $TIDEWATCH_HELPER_SOCKET, or in /run/tidewatch)")
    .option('--settings <path>', 'the file of the settings (default: $TIDEWATCH_SETTINGS, or in the XDG configuration folder)')
    .option('--verbose', 'say more on standard error; with a failure, where in the program it happened');
}

/** The paths to use: what the options name (relative to the current folder), else the defaults. */
export function chosenPaths(options: GlobalOptions, defaults: ServicePaths): ServicePaths {
  const chosen = (given: string | undefined, otherwise: string): string => (given === undefined ? otherwise : path.resolve(given));
  return {
    historyPath: chosen(options.history, defaults.historyPath),
    socketPath: chosen(options.socket, defaults.socketPath),
    helperSocketPath: chosen(options.helperSocket, defaults.helperSocketPath),
    settingsPath: chosen(options.settings, defaults.settingsPath),
  };
}
