import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where a service keeps its history and finds its settings, and where it meets its clients and its helper. Absolute paths. */
export interface ServicePaths {
  readonly historyPath: string;
  readonly socketPath: string;
  readonly helperSocketPath: string;
  readonly settingsPath: string;
}

/** What the paths depend on: the environment variables, who runs, and that user's home. */
export interface PathsEnvironment {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly homeDirectory: string;
}

/** A relative path in an XDG variable is to be ignored (XDG Base Directory Specification, "Basics"). */
function absolute(value: string | undefined): string | null {
  return value !== undefined && path.isAbsolute(value) ? value : null;
}

function chosen(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : path.resolve(value);
}

/**
 * A login session has /run/user/UID; root need not have one, and neither has a user of a container or of `su`. What is
 * in a directory that everybody may write to is believed only if it belongs to the user or to root (see app-client.ts).
 */
function runtimeDirectory({ variables, uid }: PathsEnvironment): string {
  const given = absolute(variables['XDG_RUNTIME_DIR']);
  if (given !== null) return given;
  if (uid === 0) return '/run/tidewatch';
  const session = `/run/user/${uid}`;
  return existsSync(session) ? session : `/tmp/tidewatch-${uid}`;
}

/**
 * The default places after the XDG Base Directory Specification, each overridden by a variable of its own:
 * TIDEWATCH_HISTORY, TIDEWATCH_SOCKET, TIDEWATCH_HELPER_SOCKET, TIDEWATCH_SETTINGS.
 */
export function defaultPaths(environment: PathsEnvironment): ServicePaths {
  const { variables, uid, homeDirectory } = environment;
  const dataHome = absolute(variables['XDG_DATA_HOME']) ?? path.join(homeDirectory, '.local/share');
  const configHome = absolute(variables['XDG_CONFIG_HOME']) ?? path.join(homeDirectory, '.config');
  return {
    historyPath: chosen(variables['TIDEWATCH_HISTORY']) ?? path.join(dataHome, 'tidewatch/history.sqlite'),
    socketPath: chosen(variables['TIDEWATCH_SOCKET']) ?? path.join(runtimeDirectory(environment), 'tidewatch/service.sock'),
    helperSocketPath: chosen(variables['TIDEWATCH_HELPER_SOCKET']) ?? `/run/tidewatch/helper-${uid}.sock`,
    settingsPath: chosen(variables['TIDEWATCH_SETTINGS']) ?? path.join(configHome, 'tidewatch/settings.json'),
  };
}
