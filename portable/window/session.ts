/** What Electron asks a session's handlers, Chromium's `--deny-permission-prompts` answers here: nothing is permitted to any page. */
export const session = {
  defaultSession: {
    setPermissionRequestHandler(_handler: ((...asked: never[]) => void) | null): void {},
    setPermissionCheckHandler(_handler: ((...asked: never[]) => boolean) | null): void {},
  },
};
