import path from 'node:path';

/** Where a service keeps its history and meets its clients and its helper. Absolute paths. */
export interface ServicePaths {
  readonly historyPath: string;
  readonly socketPath: string;
  readonly helperSocketPath: string;
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

/** Root has no session and so no /run/user/0 on most machines; the helper's directory is root's anyway. */
function runtimeDirectory(environment: PathsEnvironment): string {
  const given = absolute(environment.variables['XDG_RUNTIME_DIR']);
  if (given !== null) return path.join(given, 'tidewatch');
  return environment.uid === 0 ? '/run/tidewatch/service' : `/run/user/${environment.uid}/tidewatch`;
}

/**
 * The default places after the XDG Base Directory Specification, each overridden by a variable of its own:
 * TIDEWATCH_HISTORY, TIDEWATCH_SOCKET, TIDEWATCH_HELPER_SOCKET.
 */
export function defaultPaths(environment: PathsEnvironment): ServicePaths {
  const { variables, uid, homeDirectory } = environment;
  const dataHome = absolute(variables['XDG_DATA_HOME']) ?? path.join(homeDirectory, '.local/share');
  return {
    historyPath: chosen(variables['TIDEWATCH_HISTORY']) ?? path.join(dataHome, 'tidewatch/history.sqlite'),
    socketPath: chosen(variables['TIDEWATCH_SOCKET']) ?? path.join(runtimeDirectory(environment), 'service.sock'),
    helperSocketPath: chosen(variables['TIDEWATCH_HELPER_SOCKET']) ?? `/run/tidewatch/helper-${uid}.sock`,
  };
}
