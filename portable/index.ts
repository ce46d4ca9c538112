/** The part of Electron's API that electron/ uses, under Electron's names (README.md). */
import './bus/session.ts';

export { app } from './app/app.ts';
export { Menu, MenuItem } from './menu.ts';
export { nativeImage } from './native-image.ts';
export { Notification } from './notification.ts';
export { Tray } from './tray.ts';
