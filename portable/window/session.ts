import type { WebContents } from './web-contents.ts';

/** What Electron asks a session's handlers, Chromium's `--deny-permission-prompts` answers here: nothing is permitted to any page. */
export const session = {
  defaultSession: {
    setPermissionRequestHandler(_handler: (contents: WebContents, permission: string, decide: (isGranted: boolean) => void) => void): void {},
    setPermissionCheckHandler(_handler: (contents: WebContents | null, permission: string) => boolean): void {},
  },
};
