import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appOf } from '../../../core/attribution/index.ts';
import type { KnownParent } from '../../../core/attribution/index.ts';
import type { ProcessDescription } from '../../../protocol/flow.ts';
import { ProcessKey } from '../../../protocol/flow.ts';

/** A process by its executable and arguments; `1:` before the executable makes it process 1. */
function processOf(sketch: string): ProcessDescription {
  const [executable = '', ...words] = sketch.replace(/^1:/u, '').split(' ');
  const pid = sketch.startsWith('1:') ? 1 : 4321;
  return {
    key: ProcessKey.parse(`${pid}@99`),
    pid,
    parentPid: 1,
    uid: 1000,
    executable,
    executableDeleted: false,
    commandLine: [executable.slice(executable.lastIndexOf('/') + 1), ...words],
    controlGroup: null,
  };
}

/** The app of the last of a line of ancestors, the eldest first. */
function appOfLine(sketches: readonly string[]): string {
  let parent: KnownParent | null = null;
  for (const sketch of sketches) {
    const process = processOf(sketch);
    parent = { app: appOf(process, { home: { kind: 'none' }, parent }), pid: process.pid, executable: process.executable };
  }
  return parent?.app.app ?? '';
}

const chrome = '/opt/google/chrome/chrome';
const electron = '/usr/lib/electron28/electron';

describe('a part of an app', () => {
  const parts: readonly (readonly [string, readonly string[], string])[] = [
    ["a browser's network process", [chrome, `${chrome} --type=utility --utility-sub-type=network.mojom.NetworkService`], chrome],
    ["a browser's child through its zygote", [chrome, `${chrome} --type=zygote`, `${chrome} --type=renderer`], chrome],
    ["a browser's reporter of crashes", [chrome, '/opt/google/chrome/chrome_crashpad_handler --monitor-self'], chrome],
    ["Firefox's child of another program", ['/usr/lib/firefox/firefox', '/usr/lib/firefox/plugin-container -contentproc'], '/usr/lib/firefox/firefox'],
    ['a network process that several browsers share', ['/usr/bin/epiphany', '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/WebKitNetworkProcess 7 12'], '/usr/bin/epiphany'],
    ['the same in a sandbox', ['/usr/bin/epiphany', '/usr/bin/bwrap --args 9', '/usr/lib/webkitgtk-6.0/WebKitWebProcess 1 2'], '/usr/bin/epiphany'],
    ["an Electron app's network process", [`${electron} /usr/lib/obsidian/app.asar`, `${electron} --type=utility`], 'script:/usr/lib/obsidian/app.asar'],
    ["an editor's inner tool", ['/usr/share/code/code', '/usr/share/code/resources/app/node_modules/rg/bin/rg pattern'], '/usr/share/code/code'],
    ['what git fetches with', ['/usr/bin/git fetch', '/usr/lib/git-core/git-remote-http origin'], '/usr/bin/git'],
    ['what git fetches with, through its own parts', ['/usr/bin/git clone', '/usr/lib/git-core/git remote-https', '/usr/lib/git-core/git-remote-https o'], '/usr/bin/git'],
    ['what apt fetches with', ['/usr/bin/apt-get update', '/usr/lib/apt/methods/http'], '/usr/bin/apt-get'],
    ['a worker of a script', ['/usr/bin/python3.11 /opt/train.py', '/usr/bin/python3.11 -c from_multiprocessing.spawn'], 'script:/opt/train.py'],
  ];
  for (const [what, line, app] of parts) it(`${what} is ${app}`, () => assert.equal(appOfLine(line), app));

  const apart: readonly (readonly [string, readonly string[], string])[] = [
    ['a program that a script runs', ['/usr/bin/bash /opt/backup.sh', '/usr/bin/curl http://a'], '/usr/bin/curl'],
    ['a program that lies beside its starter in a shared folder', ['/usr/bin/xterm', '/usr/bin/curl a'], '/usr/bin/curl'],
    ["a program that lies beside its starter in a person's folder", ['/home/a/tools/start', '/home/a/tools/server'], '/home/a/tools/server'],
    ['a script that a script runs', ['/usr/bin/python3 /opt/a.py', '/usr/bin/python3 /opt/b.py'], 'script:/opt/b.py'],
    ['a program that Electron runs', [`${electron} /opt/a.asar`, '/usr/bin/ssh host'], '/usr/bin/ssh'],
    ['a browser that the session starts', ['/usr/lib/systemd/systemd --user', chrome], chrome],
    ['a part whose app has ended, so that process 1 has it', ['1:/usr/lib/systemd/systemd', '/opt/google/chrome/chrome_crashpad_handler'], '/opt/google/chrome/chrome_crashpad_handler'],
    ['an interpreter at a prompt, under one at a prompt', ['/usr/bin/bash', '/usr/bin/bash'], '/usr/bin/bash'],
    ['a script that lies in the folder of its starter', ['/opt/ide/ide', '/opt/ide/python3 /home/a/x.py'], 'script:/home/a/x.py'],
  ];
  for (const [what, line, app] of apart) it(`is not ${what}: that is ${app}`, () => assert.equal(appOfLine(line), app));
});
