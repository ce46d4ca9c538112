import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { maximumIconBytes } from '../../protocol/app.ts';
import { ThemeIcons } from '../../service/icons/index.ts';
import { distanceOf, parseThemeIndex } from '../../service/icons/theme-index.ts';

const png = (mark: string): Buffer => Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from(mark)]);
const svg = (mark: string): string => `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><title>${mark}</title></svg>`;

const hicolor = `[Icon Theme]
Name=Hicolor
Directories=16x16/apps,48x48/apps,scalable/apps

[16x16/apps]
Size=16
Type=Fixed

[48x48/apps]
Size=48
Type=Fixed

[scalable/apps]
Size=128
Type=Scalable
MinSize=64
MaxSize=512
`;

describe('the picture of an app', () => {
  let root: string;
  let now: number;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'tw-icons-'));
    now = 0;
    put('share/icons/hicolor/index.theme', hicolor);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function put(place: string, content: string | Buffer): void {
    mkdirSync(path.dirname(path.join(root, place)), { recursive: true });
    writeFileSync(path.join(root, place), content);
  }

  /** The icons of a desktop on which every app's entry names this picture. */
  function icons(icon: string | null): ThemeIcons {
    const variables = { XDG_DATA_DIRS: path.join(root, 'share') };
    return new ThemeIcons({ variables, homeDirectory: path.join(root, 'home') }, { iconOf: () => icon }, () => now);
  }

  /** What was found, as the text in it. */
  function found(icon: string | null, size = 48, of = icons(icon)): string | null {
    const picture = of.of('/usr/bin/notes', size);
    return picture === null ? null : `${picture.mediaType} ${/[a-z]+-mark/u.exec(Buffer.from(picture.base64, 'base64').toString())?.[0] ?? ''}`;
  }

  it('is that of the size that is asked for, or the nearest', () => {
    put('share/icons/hicolor/16x16/apps/notes.png', png('small-mark'));
    put('share/icons/hicolor/48x48/apps/notes.png', png('large-mark'));
    put('share/icons/hicolor/scalable/apps/notes.svg', svg('vector-mark'));
    assert.equal(found('notes', 48), 'image/png large-mark');
    assert.equal(found('notes', 20), 'image/png small-mark');
    assert.equal(found('notes', 256), 'image/svg+xml vector-mark');
    assert.equal(found('notes.png', 16), 'image/png small-mark');
  });

  it('is the chosen theme\'s, then that of a theme it builds on, then what has no theme', () => {
    put('home/.config/gtk-3.0/settings.ini', '[Settings]\ngtk-icon-theme-name=Fancy\n');
    put('share/icons/Fancy/index.theme', '[Icon Theme]\nInherits=Plain\nDirectories=a\n[a]\nSize=48\n');
    put('share/icons/Plain/index.theme', '[Icon Theme]\nInherits=Fancy\nDirectories=b\n[b]\nSize=48\n');
    put('share/pixmaps/notes.png', png('pixmap-mark'));
    assert.equal(found('notes'), 'image/png pixmap-mark');
    put('share/icons/hicolor/48x48/apps/notes.png', png('hicolor-mark'));
    assert.equal(found('notes'), 'image/png hicolor-mark');
    put('share/icons/Plain/b/notes.svg', svg('parent-mark'));
    assert.equal(found('notes'), 'image/svg+xml parent-mark');
    put('home/.local/share/icons/Fancy/a/notes.png', png('own-mark'));
    assert.equal(found('notes'), 'image/png own-mark');
  });

  it('is null where there is none, and where the app has no entry', () => {
    assert.equal(found('notes'), null);
    assert.equal(found(null), null);
  });

  it('is never a file outside the folders of pictures, whatever an entry or a link says', () => {
    put('secret/notes.png', png('secret-mark'));
    put('share/icons/hicolor/48x48/apps/inside.png', png('inside-mark'));
    symlinkSync(path.join(root, 'secret/notes.png'), path.join(root, 'share/icons/hicolor/48x48/apps/link.png'));
    symlinkSync('inside.png', path.join(root, 'share/icons/hicolor/48x48/apps/alias.png'));
    for (const icon of [path.join(root, 'secret/notes.png'), '../../../../secret/notes', 'link', '..', '.', '/', '', 'a/b', 'notes\0', '%2e%2e/notes', '/etc/passwd', '/proc/self/environ']) {
      assert.equal(found(icon), null, JSON.stringify(icon));
    }
    assert.equal(found('alias'), 'image/png inside-mark');
    assert.equal(found(path.join(root, 'share/icons/hicolor/48x48/apps/inside.png')), 'image/png inside-mark');
    put('share/icons/hicolor/index.theme', '[Icon Theme]\nDirectories=../../../secret\n[../../../secret]\nSize=48\n');
    assert.equal(found('notes'), null);
  });

  it('is PNG or SVG by its content, and of bounded size', () => {
    put('share/pixmaps/page.svg', '<html><script>alert(1)</script></html>');
    put('share/pixmaps/text.png', 'no picture');
    put('share/pixmaps/empty.png', '');
    put('share/pixmaps/huge.png', Buffer.concat([png('huge-mark'), Buffer.alloc(maximumIconBytes)]));
    mkdirSync(path.join(root, 'share/pixmaps/folder.png'));
    for (const icon of ['page', 'text', 'empty', 'huge', 'folder']) assert.equal(found(icon), null, icon);
  });

  it('is remembered for five minutes, as is that there is none', () => {
    const same = icons('notes');
    assert.equal(found('notes', 48, same), null);
    put('share/pixmaps/notes.png', png('late-mark'));
    assert.equal(found('notes', 48, same), null);
    now += 300_000;
    assert.equal(found('notes', 48, same), 'image/png late-mark');
  });
});

describe('the index of a theme', () => {
  it('says for which sizes each folder is', () => {
    const { folders } = parseThemeIndex(`${hicolor}\n[48x48@2]\nSize=48\nScale=2\n`.replace('scalable/apps\n', 'scalable/apps,48x48@2,missing\n'));
    assert.deepEqual(folders.map(({ path: name }) => name), ['16x16/apps', '48x48/apps', 'scalable/apps', '48x48@2']);
    assert.deepEqual(folders.map((folder) => distanceOf(folder, 96)), [80, 48, 0, 0]);
  });

  it('is read without end or failure, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.string(), (text, folder) => {
        for (const { least, most, scale } of parseThemeIndex(`[Icon Theme]\nDirectories=${folder},a\n[a]\nSize=${text}\n${text}`).folders) {
          assert.ok(Number.isSafeInteger(least) && Number.isSafeInteger(most) && scale >= 1);
        }
      }),
    );
  });
});
