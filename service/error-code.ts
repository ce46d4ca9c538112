/** The `code` that Node and its libraries put on their errors (`ENOENT`, `EADDRINUSE`, …), or null where there is none. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
