import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { AppId } from '../../protocol/app.ts';
import { DesktopEntries, entryFolders } from '../../service/desktop-entries.ts';

describe('the desktop entries of this machine', () => {
  let root: string;
  let now: number;
  let changes: number;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'tw-desktop-'));
    now = 0;
    changes = 0;
    for (const folder of ['bin', 'home/.local/share/applications', 'share/applications/kde']) mkdirSync(path.join(root, folder), { recursive: true });
    writeFileSync(path.join(root, 'bin/notes-1.2'), '');
    chmodSync(path.join(root, 'bin/notes-1.2'), 0o755);
    symlinkSync('notes-1.2', path.join(root, 'bin/notes'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Writes an entry; the folder's time is set, because a file system may tell two changes within a tick alike. */
  function write(place: string, lines: string): void {
    const file = path.join(root, place);
    writeFileSync(file, `[Desktop Entry]\nType=Application\n${lines}\n`);
    changes += 1;
    utimesSync(path.dirname(file), changes, changes);
  }

  function entries(): DesktopEntries {
    const variables = { XDG_DATA_DIRS: path.join(root, 'share'), PATH: path.join(root, 'bin'), LANG: 'de_DE.UTF-8' };
    return new DesktopEntries({ variables, homeDirectory: path.join(root, 'home') }, () => now);
  }

  const nameOf = (one: DesktopEntries, app = path.join(root, 'bin/notes-1.2')): string | null =>
    one.nameOf({ app: AppId.parse(app), exe: app, displayName: 'x' });

  it('name a program by its command, found in PATH, through links, in the language of the person', () => {
    write('share/applications/kde/notes.desktop', 'Name=Notes\nName[de]=Notizen\nExec=notes %U');
    assert.equal(nameOf(entries()), 'Notizen');
  });

  it("are the person's own before the system's, also where the own one says that it is deleted", () => {
    write('share/applications/notes.desktop', 'Name=System\nExec=notes');
    write('home/.local/share/applications/notes.desktop', 'Name=Own\nExec=notes');
    assert.equal(nameOf(entries()), 'Own');
    write('home/.local/share/applications/notes.desktop', 'Name=Own\nExec=notes\nHidden=true');
    assert.equal(nameOf(entries()), null);
  });

  it('are read again when a folder has changed, and looked at every 30 s at most', () => {
    const one = entries();
    assert.equal(nameOf(one), null);
    write('share/applications/notes.desktop', 'Name=Notes\nExec=notes');
    now = 29_000;
    assert.equal(nameOf(one), null);
    now = 31_000;
    assert.equal(nameOf(one), 'Notes');
  });

  it('do not count where the program they need is missing', () => {
    write('share/applications/notes.desktop', 'Name=Notes\nExec=notes\nTryExec=absent');
    assert.equal(nameOf(entries()), null);
  });

  it('are no reason to fail: a folder instead of a file, a link in a circle, a file of megabytes', () => {
    mkdirSync(path.join(root, 'share/applications/folder.desktop'));
    symlinkSync('loop.desktop', path.join(root, 'share/applications/loop.desktop'));
    symlinkSync('.', path.join(root, 'share/applications/circle'));
    write('share/applications/huge.desktop', `Name=Huge\nExec=notes\nX=${'x'.repeat(2_000_000)}`);
    write('share/applications/notes.desktop', 'Name=Notes\nExec=notes');
    assert.equal(nameOf(entries()), 'Notes');
  });

  it('lie where the desktop looks for them, and where Flatpak and Snap put theirs', () => {
    assert.deepEqual(entryFolders({ variables: { XDG_DATA_DIRS: 'relative:/usr/share' }, homeDirectory: '/home/a' }), [
      '/home/a/.local/share/applications',
      '/usr/share/applications',
      '/home/a/.local/share/flatpak/exports/share/applications',
      '/var/lib/flatpak/exports/share/applications',
      '/var/lib/snapd/desktop/applications',
    ]);
  });
});
