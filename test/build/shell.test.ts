import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { choiceLine, chooseShell } from '../../build/shell.mjs';

const desktop = { platform: 'linux', variables: { DISPLAY: ':0' }, hasElectron: false } as const;
const withElectron = { ...desktop, hasElectron: true } as const;
const server = { platform: 'linux', variables: {}, hasElectron: true } as const;

function shellOf(...parameters: Parameters<typeof chooseShell>): string {
  const choice = chooseShell(...parameters);
  return 'wrong' in choice ? choice.wrong : choice.shell;
}

describe('the shell that npm start runs', () => {
  it('is Electron where its binary is', () => assert.equal(shellOf([], withElectron), 'electron'));

  it("is the desktop's own parts where it is not", () => assert.equal(shellOf(['--hidden'], desktop), 'portable'));

  it('is the terminal where there is no display', () => assert.equal(shellOf([], server), 'none'));

  it('takes Wayland for a display', () => assert.equal(shellOf([], { ...server, variables: { WAYLAND_DISPLAY: 'wayland-0' } }), 'electron'));

  it('is the terminal on other systems without Electron', () => {
    assert.equal(shellOf([], { platform: 'darwin', variables: {}, hasElectron: false }), 'none');
    assert.equal(shellOf([], { platform: 'win32', variables: {}, hasElectron: true }), 'electron');
  });

  it('is the one that is named, in either way of writing', () => {
    assert.equal(shellOf(['--shell', 'portable'], withElectron), 'portable');
    assert.equal(shellOf(['--shell=none'], withElectron), 'none');
  });

  it('is the terminal for words that are for the live table, which get them', () => {
    const choice = chooseShell(['--duration', '5', '--json'], withElectron);
    assert.deepEqual(choice, { shell: 'none', reason: '--duration is for the terminal', words: ['--duration', '5', '--json'] });
  });

  it('gets the words that are its own', () => {
    const choice = chooseShell(['--hidden', '--shell', 'portable'], desktop);
    assert.deepEqual('words' in choice && choice.words, ['--hidden']);
  });

  it('is refused with what to do where it cannot be', () => {
    assert.match(shellOf(['--shell', 'gnome'], desktop), /choose electron, portable or none/u);
    assert.match(shellOf(['--shell'], desktop), /choose electron, portable or none/u);
    assert.match(shellOf(['--shell', 'electron'], desktop), /install-electron/u);
    assert.match(shellOf(['--shell', 'portable', '--json'], desktop), /--json is for the terminal/u);
  });

  it('is said with its reason in one line', () => {
    const choice = chooseShell([], desktop);
    assert.ok('shell' in choice);
    assert.equal(choiceLine(choice), "Tidewatch runs in the tray, on the desktop's own parts (--shell portable: Electron's binary is not installed)");
  });
});
