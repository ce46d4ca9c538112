/// <reference types="electron" />
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as portable from '../../portable/index.ts';
import type { BrowserWindowConstructorOptions, IpcMainEvent, MenuItemConstructorOptions, NativeImage, WebContents } from '../../portable/index.ts';
import type { NotificationConstructorOptions } from '../../portable/notification.ts';

/**
 * Holds portable/ to Electron's declarations, when types are checked: each member that both have gives what Electron's gives, and
 * takes nothing that Electron's does not take. The other direction, that all which electron/ uses is there and takes what it is
 * given, is stand-in/tsconfig.json: it checks electron/ against portable/ in Electron's place.
 */

/** Classes of Electron and who stands in for them; each pair is held by a line of its own below. */
type Pairs =
  | [portable.BrowserWindow, Electron.BrowserWindow]
  | [portable.Menu, Electron.Menu]
  | [portable.MenuItem, Electron.MenuItem]
  | [NativeImage, Electron.NativeImage]
  | [WebContents, Electron.WebContents];

type IsPair<Ours, Theirs> = [Theirs] extends [null] ? false : [NonNullable<Ours>, NonNullable<Theirs>] extends Pairs ? true : false;

/** Whether what portable gives is what Electron gives, as far as portable has it. */
type Gives<Ours, Theirs> = [Ours] extends [Theirs]
  ? true
  : IsPair<Ours, Theirs> extends true
    ? true
    : [Ours, Theirs] extends [(...values: infer OurValues) => infer OurResult, (...values: infer TheirValues) => infer TheirResult]
      ? [GivesEach<OurValues, TheirValues>, Gives<OurResult, TheirResult>] extends [true, true]
        ? true
        : false
      : [Ours, Theirs] extends [readonly (infer Our)[], readonly (infer Their)[]]
        ? Gives<Our, Their>
        : [Ours, Theirs] extends [object, object]
          ? SharedGive<Ours, Theirs>
          : [Theirs] extends [null]
            ? false
            : [null] extends [Theirs]
              ? Gives<Ours, NonNullable<Theirs>>
              : false;

/** Whether it is one of the kinds that Electron has there. */
type GivesOne<Ours, Theirs> = true extends (Theirs extends unknown ? Gives<Ours, Theirs> : never) ? true : false;

/** Arguments: each of ours is one of Electron's, or takes what Electron's takes. */
type GivesEach<Ours extends readonly unknown[], Theirs extends readonly unknown[]> = {
  [Index in keyof Ours]: Index extends keyof Theirs ? (Theirs[Index] extends Ours[Index] ? true : GivesOne<Ours[Index], Theirs[Index]>) : false;
}[number] extends true
  ? true
  : false;

type Shared<Ours, Theirs> = Exclude<keyof Ours & keyof Theirs, keyof EventEmitter>;
type Differing<Ours, Theirs> = { [Key in Shared<Ours, Theirs>]: Gives<Ours[Key], Theirs[Key]> extends true ? never : Key }[Shared<Ours, Theirs>];
type SharedGive<Ours, Theirs> = [Shared<Ours, Theirs>] extends [never] ? false : [Differing<Ours, Theirs>] extends [never] ? true : false;

/** The checker names what is in here. */
type None<Differences extends never> = Differences;

/** Options that Electron does not have, or has of another type. */
type DifferingOptions<Ours, Theirs> = Differing<Required<Ours>, Required<Theirs>> | Exclude<keyof Ours, keyof Theirs>;

export type HeldToElectron = [
  None<Differing<typeof portable.app, Electron.App>>,
  None<Differing<portable.BrowserWindow, Electron.BrowserWindow>>,
  None<Differing<portable.Menu, Electron.Menu>>,
  None<Differing<portable.MenuItem, Electron.MenuItem>>,
  None<Differing<portable.Notification, Electron.Notification>>,
  None<Differing<portable.Tray, Electron.Tray>>,
  None<Differing<IpcMainEvent, Electron.IpcMainEvent>>,
  None<Differing<NativeImage, Electron.NativeImage>>,
  None<Differing<WebContents, Electron.WebContents>>,
  None<Differing<typeof portable.ipcMain, Electron.IpcMain>>,
  None<Differing<typeof portable.nativeImage, typeof Electron.nativeImage>>,
  None<Differing<typeof portable.protocol, Electron.Protocol>>,
  None<Differing<typeof portable.screen, Electron.Screen>>,
  None<Differing<typeof portable.session.defaultSession, Electron.Session>>,
  None<DifferingOptions<BrowserWindowConstructorOptions, Electron.BrowserWindowConstructorOptions>>,
  // A submenu is a template of these same options, or a menu.
  None<DifferingOptions<Omit<MenuItemConstructorOptions, 'submenu'>, Electron.MenuItemConstructorOptions>>,
  None<DifferingOptions<NotificationConstructorOptions, Electron.NotificationConstructorOptions>>,
];

const root = fileURLToPath(new URL('../..', import.meta.url));

test('every name that electron/ imports is there', () => {
  const used = globSync('electron/**/*.ts', { cwd: root }).flatMap((file) => {
    const imports = readFileSync(`${root}/${file}`, 'utf8').matchAll(/^import \{(?<names>[^}]+)\} from 'electron';$/gmu);
    return [...imports].flatMap(({ groups }) => (groups?.['names'] ?? '').split(',').map((name) => name.trim()));
  });
  assert.ok(used.length > 0);
  assert.deepEqual(used.filter((name) => !Object.hasOwn(portable, name)), []);
});
