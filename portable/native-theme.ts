import { EventEmitter } from 'node:events';
import { z } from 'zod';
import type { BusConnection } from './bus/message-bus.ts';

const portal = { destination: 'org.freedesktop.portal.Desktop', path: '/org/freedesktop/portal/desktop', interface: 'org.freedesktop.portal.Settings' } as const;
const appearance = ['org.freedesktop.appearance', 'color-scheme'] as const;
const xfce = { destination: 'org.xfce.Xfconf', path: '/org/xfce/Xfconf', interface: 'org.xfce.Xfconf' } as const;
const xfceTheme = ['xsettings', '/Net/ThemeName'] as const;

const colorScheme = z.number();
const themeName = z.string();
const settingChanged = z.tuple([z.string(), z.string(), z.unknown()]).rest(z.unknown());

/** Whether the desktop is dark. Emits `updated`. */
class NativeTheme extends EventEmitter {
  #isDark = false;

  get shouldUseDarkColors(): boolean {
    return this.#isDark;
  }

  /** For portable/ itself: follows the settings portal ("Settings", color-scheme: 1 is dark), or else Xfce's theme by its name. */
  async follow(bus: BusConnection): Promise<void> {
    await bus.onSignal({ ...portal, member: 'SettingChanged' }, (body) => this.#change(body, appearance, (value) => this.#isDarkScheme(value)));
    await bus.onSignal({ ...xfce, member: 'PropertyChanged' }, (body) => this.#change(body, xfceTheme, (value) => this.#isDarkTheme(value)));
    await Promise.all([bus.followOwner(portal.destination, () => undefined), bus.followOwner(xfce.destination, () => undefined)]);
    this.#isDark = (await this.#readPortal(bus)) ?? (await this.#readXfce(bus)) ?? false;
  }

  async #readPortal(bus: BusConnection): Promise<boolean | null> {
    const value = await bus.call({ ...portal, member: 'ReadOne', signature: 'ss', body: appearance }).catch(() => null);
    return this.#isDarkScheme(value);
  }

  async #readXfce(bus: BusConnection): Promise<boolean | null> {
    const value = await bus.call({ ...xfce, member: 'GetProperty', signature: 'ss', body: xfceTheme }).catch(() => null);
    return this.#isDarkTheme(value);
  }

  #isDarkScheme(value: unknown): boolean | null {
    const parsed = colorScheme.safeParse(value);
    // 0 is "no preference", which another source may know better.
    return parsed.success && parsed.data !== 0 ? parsed.data === 1 : null;
  }

  #isDarkTheme(value: unknown): boolean | null {
    const parsed = themeName.safeParse(value);
    return parsed.success ? /dark/iu.test(parsed.data) : null;
  }

  #change(body: readonly unknown[], [group, name]: readonly [string, string], isDark: (value: unknown) => boolean | null): void {
    const parsed = settingChanged.safeParse(body);
    if (!parsed.success || parsed.data[0] !== group || parsed.data[1] !== name) return;
    const now = isDark(parsed.data[2]) ?? false;
    if (now === this.#isDark) return;
    this.#isDark = now;
    this.emit('updated');
  }
}

export const nativeTheme = new NativeTheme();
