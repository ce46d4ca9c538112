import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { languagesOf, parseDesktopEntry } from '../../../core/attribution/index.ts';

function entryOf(lines: string): string {
  return `[Desktop Entry]\nType=Application\n${lines}\n`;
}

describe('a desktop entry', () => {
  it('says its name in the language of the person, else in one near to it, else in its own', () => {
    const text = entryOf('Name=Files\nName[de]=Dateien\nName[de_AT]=Dateien (AT)\nName[sr@latin]=Datoteke');
    const names = ['de_AT.UTF-8', 'de_CH.UTF-8', 'sr_RS.UTF-8@latin', 'fr_FR.UTF-8', 'C', ''].map(
      (locale) => parseDesktopEntry(text, languagesOf(locale))?.name,
    );
    assert.deepEqual(names, ['Dateien (AT)', 'Dateien', 'Datoteke', 'Files', 'Files', 'Files']);
  });

  const commands: readonly (readonly [string, readonly string[]])[] = [
    ['/usr/bin/google-chrome-stable %U', ['/usr/bin/google-chrome-stable']],
    ['"/opt/My App/run" --new "a \\"quoted\\" one" 100%%', ['/opt/My App/run', '--new', 'a "quoted" one', '100%']],
    ['env BAMF_HINT=/x /snap/bin/spotify %U', ['/snap/bin/spotify']],
    ['/usr/bin/env -u FOO GDK=x11 /usr/bin/slack', ['/usr/bin/slack']],
    ['GTK_THEME=a gimp', ['gimp']],
    ['', []],
    ['"unfinished', ['unfinished']],
    ['env', []],
  ];
  for (const [exec, words] of commands) {
    it(`has, for ${exec === '' ? 'no command' : exec}, the words ${JSON.stringify(words)}`, () => {
      const quoted = exec.replaceAll('\\', '\\\\');
      assert.deepEqual(parseDesktopEntry(entryOf(`Name=x\nExec=${quoted}`), [])?.command, words);
    });
  }

  it('tells the rest: package, window, picture, whether it is for menus', () => {
    const text = `# a comment\n[Other]\nName=no\n${entryOf('Name=Maps\nTryExec=maps\nStartupWMClass=Maps\nIcon=org.maps\nNoDisplay=true\nX-Flatpak=org.gnome.Maps\nX-SnapInstanceName=maps')}[Desktop Action new]\nName=New\nExec=other`;
    assert.deepEqual(parseDesktopEntry(text, []), {
      name: 'Maps', command: [], tryExec: 'maps', windowClass: 'Maps', icon: 'org.maps', hiddenFromMenus: true, flatpak: 'org.gnome.Maps', snap: 'maps',
    });
  });

  const refused: readonly (readonly [string, string])[] = [
    ['is deleted', entryOf('Name=x\nHidden=true')],
    ['is a link', '[Desktop Entry]\nType=Link\nName=x'],
    ['has no name', entryOf('Exec=x')],
    ['has a name of control characters only', entryOf('Name=\u202e\u0007')],
    ['is something else', 'GIF89a'],
    ['is empty', ''],
  ];
  for (const [what, text] of refused) it(`does not count where it ${what}`, () => assert.equal(parseDesktopEntry(text, []), null));

  it('never throws, and gives a name of one short line, whatever it is made of', () => {
    const line = fc.oneof(fc.constantFrom('[Desktop Entry]', 'Type=Application', 'Exec="a \\" b', 'Exec=%', 'Name[de]=', '='), fc.string({ unit: 'binary' }).map((text) => `Name=${text}`));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const entry = parseDesktopEntry(['[Desktop Entry]', 'Type=Application', ...lines].join('\n'), ['de']);
        assert.ok(entry === null || (entry.name.length > 0 && entry.name.length <= 128 && !/[\p{Cc}\u202e]/u.test(entry.name)));
      }),
    );
  });
});
