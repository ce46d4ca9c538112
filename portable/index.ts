/** The part of Electron's API that electron/ uses, under Electron's names (README.md). */
import './desktop.ts';

export { app } from './app/app.ts';
export { Menu, MenuItem } from './menu.ts';
export type { MenuItemConstructorOptions } from './menu.ts';
export { nativeImage } from './native-image.ts';
export type { NativeImage } from './native-image.ts';
export { Notification } from './notification.ts';
export { powerMonitor } from './power-monitor.ts';
export { Tray } from './tray.ts';
export { BrowserWindow } from './window/browser-window.ts';
export type { BrowserWindowConstructorOptions } from './window/browser-window.ts';
export { ipcMain } from './window/ipc-main.ts';
export { protocol } from './window/protocol.ts';
export { screen } from './window/screen.ts';
export { session } from './window/session.ts';
export type { IpcEvent as IpcMainEvent, IpcEvent as IpcMainInvokeEvent, WebContents } from './window/web-contents.ts';
