import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder like /sys/class/net, for devices that this machine does not have. */
export class FakeSysfs implements Disposable {
  readonly classNet = mkdtempSync(join(tmpdir(), 'tidewatch-sysfs-'));

  /** Writes one interface; `files` go over those of an Ethernet device that is up. A value that begins with `->` is a link. */
  add(name: string, files: Readonly<Record<string, string>>): void {
    const folder = join(this.classNet, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'statistics'), { recursive: true });
    const all = { type: '1', ifindex: '5', iflink: '5', flags: '0x1003', uevent: `INTERFACE=${name}\n`, ...files };
    for (const [file, text] of Object.entries(all)) {
      if (text.startsWith('->')) symlinkSync(text.slice(2), join(folder, file));
      else if (text === '/') mkdirSync(join(folder, file));
      else writeFileSync(join(folder, file), `${text}\n`);
    }
  }

  remove(name: string): void {
    rmSync(join(this.classNet, name), { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.classNet, { recursive: true });
  }
}
