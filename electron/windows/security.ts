import { app, Menu, session } from 'electron';
import type { WebContents } from 'electron';
import { isOwnPage } from './pages.ts';

/** Contents show our page and stay on it: no navigation, no windows, no guests. */
function confine(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Holds for every window of the run: call it before the first. */
export function confineWindows(): void {
  app.on('web-contents-created', (_event, contents) => confine(contents));
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  // The usual menu can reload, zoom and open the developer tools.
  Menu.setApplicationMenu(null);
}
