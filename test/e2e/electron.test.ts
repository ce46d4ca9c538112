import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { _electron } from 'playwright-core';
import { createNetwork } from '../scenario/harness/namespace.ts';
import { projectRoot } from '../scenario/harness/program.ts';
import { DesktopApp, setUpOnce } from './harness/desktop-app.ts';
import { desktopOptions } from './harness/requirements.ts';
import { Screen } from './harness/screen.ts';
import { describeAccess } from './suites/access.ts';
import { describeAfternoon } from './suites/afternoon.ts';
import { describeTrouble } from './suites/trouble.ts';

/** electron/ in Electron: the same suites, and what only Electron can be asked. Pending where its binary is not installed. */

describeAfternoon('electron');
describeTrouble('electron');
describeAccess('electron');

describe('windows in Electron', desktopOptions('electron', 120_000), () => {
  it('have the bridge and nothing of Node', async () => {
    setUpOnce();
    using network = createNetwork();
    await using screen = await Screen.open();
    await screen.startPanel();
    const app = new DesktopApp(screen, network, { shell: 'electron' });
    // Playwright puts words of its own first: they are for Electron, not for ip(8).
    const launcher = `${screen.folder}/electron.sh`;
    writeFileSync(launcher, `#!/bin/sh\nexec ip netns exec ${network.client.name} ${projectRoot}node_modules/.bin/electron "$@"\n`);
    chmodSync(launcher, 0o700);
    const running = await _electron.launch({ executablePath: launcher, args: ['--no-sandbox', projectRoot], env: { PATH: process.env['PATH'] ?? '', ...app.environment } });
    try {
      const window = await running.firstWindow();
      await window.waitForFunction('document.title.includes("Tidewatch")');
      assert.match(window.url(), /^tidewatch:\/\/app\/index\.html/u);
      assert.equal(await window.evaluate('[typeof require, typeof process, typeof module].join()'), 'undefined,undefined,undefined');
      assert.equal(await window.evaluate('Object.keys(window.tidewatch).toSorted().join()'), 'command,live,open,query');
      await assert.rejects(window.evaluate('window.tidewatch.query("toString", {})'), /no such query or command/u);
      await window.evaluate('location.href = "https://example.org/"');
      assert.match(window.url(), /^tidewatch:/u, 'it stays where it is');
    } finally {
      await running.close();
    }
  });
});
