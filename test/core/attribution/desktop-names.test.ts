import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { displayNamesOf, parseDesktopEntry } from '../../../core/attribution/index.ts';
import type { PlacedEntry } from '../../../core/attribution/index.ts';
import { AppId } from '../../../protocol/app.ts';

/** An entry by its id, name, command, and what the command's first word is a link to. */
function placed(id: string, lines: string, target?: string): PlacedEntry {
  const entry = parseDesktopEntry(`[Desktop Entry]\nType=Application\n${lines}`, []);
  assert.ok(entry !== null);
  const [path] = entry.command;
  return { id, entry, program: path === undefined ? null : { path, target: target ?? path } };
}

const names = displayNamesOf([
  placed('google-chrome', 'Name=Google Chrome\nExec=/usr/bin/google-chrome-stable %U', '/opt/google/chrome/google-chrome'),
  placed('chrome-abc-Default', 'Name=Some Page\nExec=/usr/bin/google-chrome-stable --app-id=abc', '/opt/google/chrome/google-chrome'),
  placed('chromium', 'Name=Chromium\nExec=/usr/bin/chromium %U'),
  placed('firefox-esr', 'Name=Firefox ESR\nExec=/usr/bin/firefox-esr %u', '/usr/lib/firefox-esr/firefox-esr'),
  placed('libreoffice-writer', 'Name=Writer\nExec=/usr/bin/libreoffice --writer %U', '/usr/lib/libreoffice/program/soffice'),
  placed('libreoffice-startcenter', 'Name=LibreOffice\nExec=/usr/bin/libreoffice %U', '/usr/lib/libreoffice/program/soffice'),
  placed('libreoffice-xsltfilter', 'Name=Filter\nNoDisplay=true\nExec=/usr/bin/libreoffice %U', '/usr/lib/libreoffice/program/soffice'),
  placed('htop', 'Name=Htop\nExec=/usr/bin/xterm -e htop'),
  placed('half-life', 'Name=Half-Life\nExec=/usr/games/steam steam://rungameid/70'),
  placed('org.gnome.Music', 'Name=Music\nExec=/usr/bin/python3 /usr/bin/gnome-music', '/usr/bin/python3.11'),
  placed('gnome-tweaks', 'Name=Tweaks\nExec=/usr/bin/gnome-tweaks'),
  placed('org.mozilla.firefox', 'Name=Firefox\nExec=/usr/bin/flatpak run org.mozilla.firefox'),
  placed('spotify_spotify', 'Name=Spotify\nX-SnapInstanceName=spotify\nExec=/snap/bin/spotify', '/usr/bin/snap'),
  placed('mine', 'Name=Mine\nExec=/home/a/bin/mine'),
]);

describe('the name of an app for a person', () => {
  const cases: readonly (readonly [string, string, string | null])[] = [
    ['a program that a link in /usr/bin leads to', '/usr/lib/firefox-esr/firefox-esr', 'Firefox ESR'],
    ["a program in the folder of its package's start script", '/opt/google/chrome/chrome', 'Google Chrome'],
    ['a program that a script of its name in /usr/bin starts', '/usr/lib/chromium/chromium', 'Chromium'],
    ['a program with an entry for each of its faces', '/usr/lib/libreoffice/program/soffice.bin', 'LibreOffice'],
    ['a script', 'script:/usr/bin/gnome-tweaks', 'Tweaks'],
    ['a script that the entry gives to its interpreter', 'script:/usr/bin/gnome-music', 'Music'],
    ['a Flatpak', 'flatpak:org.mozilla.firefox', 'Firefox'],
    ['a Snap', 'snap:spotify', 'Spotify'],
    ["a program in a person's own folder", '/home/a/bin/mine', 'Mine'],
    ['an interpreter that an entry only uses', '/usr/bin/python3.11', null],
    ['a terminal that an entry only uses', '/usr/bin/xterm', null],
    ['a program that an entry tells what to do', '/usr/games/steam', null],
    ["a program of the same name in a person's folder", '/home/a/chromium', null],
    ['a program beside another one in a shared folder', '/usr/bin/curl', null],
    ['a container', 'container:docker/0123456789ab', null],
    ['a module', 'script:python:http.server', null],
    ['the kernel', 'kernel:nfs', null],
  ];
  for (const [what, app, name] of cases) {
    it(`is, for ${what}, ${name ?? "the app's own"}`, () => {
      assert.equal(names.nameOf({ app: AppId.parse(app), exe: null, displayName: 'x' }), name);
    });
  }
});
