import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { appOf, readControlGroup } from '../../../core/attribution/index.ts';
import { AppId } from '../../../protocol/app.ts';
import { ProcessKey } from '../../../protocol/flow.ts';
import type { ProcessDescription } from '../../../protocol/flow.ts';

interface Sketch {
  readonly exe: string | null;
  readonly line?: string;
  /** Written over the arguments as one text. */
  readonly title?: string;
  readonly group?: string;
  readonly parent?: number;
  readonly deleted?: true;
  readonly cwd?: string;
}

function described({ exe, line = '', title, group, parent = 1, deleted, cwd }: Sketch): ProcessDescription {
  return {
    key: ProcessKey.parse('4321@99'),
    pid: 4321,
    parentPid: parent,
    uid: 1000,
    executable: exe,
    executableDeleted: deleted ?? false,
    commandLine: title === undefined ? line.split(' ').filter((word) => word !== '') : [title],
    controlGroup: group ?? null,
    ...(cwd === undefined ? {} : { workingDirectory: cwd }),
  };
}

const hex = '0123456789abcdef'.repeat(4);
const session = '/user.slice/user-1000.slice/session-2.scope';
const apps = '/user.slice/user-1000.slice/user@1000.service/app.slice';

describe('the app of a process', () => {
  const cases: readonly (readonly [string, Sketch, string, string])[] = [
    ['an executable', { exe: '/usr/bin/curl', line: 'curl https://example.org', group: session }, '/usr/bin/curl', 'curl'],
    ['an executable that was replaced by an update', { exe: '/usr/lib/firefox/firefox', deleted: true }, '/usr/lib/firefox/firefox', 'firefox'],
    ['a service', { exe: '/usr/sbin/nginx', group: '/system.slice/nginx.service' }, '/usr/sbin/nginx', 'nginx'],
    ['a Python script by its path', { exe: '/usr/bin/python3.11', line: 'python3 -u /home/a/backup.py --all' }, 'script:/home/a/backup.py', 'backup.py (python)'],
    ['a Python script by its name', { exe: '/usr/bin/python3.11', line: 'python3 ./backup.py' }, 'script:backup.py', 'backup.py (python)'],
    ['a script with its interpreter in the first line', { exe: '/usr/bin/python3.11', line: '/usr/bin/python3 /usr/bin/youtube-dl url' }, 'script:/usr/bin/youtube-dl', 'youtube-dl (python)'],
    ['a Python module', { exe: '/usr/bin/python3.11', line: 'python3 -Im http.server 80' }, 'script:python:http.server', 'http.server (python)'],
    ['a Python option with a value', { exe: '/usr/bin/python3', line: 'python3 -W ignore -X dev a.py' }, 'script:a.py', 'a.py (python)'],
    ['Python at a prompt', { exe: '/usr/bin/python3.11', line: 'python3', group: session }, '/usr/bin/python3.11', 'python3.11'],
    ['Python with text on its command line', { exe: '/usr/bin/python3.11', line: 'python3 -c print(1) x.py' }, '/usr/bin/python3.11', 'python3.11'],
    ['text on the command line of a unit', { exe: '/bin/bash', line: 'bash -ec sleep', group: '/system.slice/sync.service' }, 'unit:sync.service', 'sync.service'],
    ['a Node script', { exe: '/usr/bin/node', line: 'node --require x --max-old-space-size=9 server.js' }, 'script:server.js', 'server.js (node)'],
    ['Node with text', { exe: '/usr/bin/node', line: 'node -e fetch() a.js' }, '/usr/bin/node', 'node'],
    ['a shell script', { exe: '/usr/bin/bash', line: 'bash -x -o pipefail /opt/run.sh' }, 'script:/opt/run.sh', 'run.sh (shell)'],
    ['a Perl script', { exe: '/usr/bin/perl', line: 'perl -w -I lib get.pl' }, 'script:get.pl', 'get.pl (perl)'],
    ['Perl with text', { exe: '/usr/bin/perl', line: 'perl -ne print file' }, '/usr/bin/perl', 'perl'],
    ['a Ruby script', { exe: '/usr/bin/ruby3.1', line: 'ruby -rjson -Ilib feed.rb' }, 'script:feed.rb', 'feed.rb (ruby)'],
    ['a Java archive', { exe: '/usr/lib/jvm/17/bin/java', line: 'java -Xmx1g -Dx=y -jar /opt/server.jar nogui' }, 'script:/opt/server.jar', 'server.jar (java)'],
    ['a Java class', { exe: '/usr/lib/jvm/17/bin/java', line: 'java -cp a.jar:b.jar org.example.Main' }, 'script:java:org.example.Main', 'org.example.Main (java)'],
    ['a .NET program', { exe: '/usr/bin/dotnet', line: 'dotnet exec app.dll' }, 'script:app.dll', 'app.dll (dotnet)'],
    ['a Deno script', { exe: '/usr/bin/deno', line: 'deno run --allow-net serve.ts' }, 'script:serve.ts', 'serve.ts (deno)'],
    ['a script after --', { exe: '/usr/bin/python3', line: 'python3 -- -odd.py' }, 'script:-odd.py', '-odd.py (python)'],
    ['a Flatpak', { exe: '/app/lib/firefox', group: `${apps}/app-flatpak-org.mozilla.firefox-1234.scope` }, 'flatpak:org.mozilla.firefox', 'firefox'],
    ['a Snap by its group', { exe: '/x', group: `${apps}/snap.spotify.spotify-8a1b.scope` }, 'snap:spotify', 'spotify'],
    ['a Snap by its path, whatever its revision', { exe: '/snap/spotify/77/usr/bin/spotify' }, 'snap:spotify', 'spotify'],
    ['an AppImage, wherever it is mounted', { exe: '/tmp/.mount_ObsidiaB3xYz/obsidian' }, 'appimage:Obsidi/obsidian', 'obsidian'],
    ['a script by its name, with the folder it was called in', { exe: '/usr/bin/python3.11', line: 'python3 ../backup.py', cwd: '/home/a/jobs' }, 'script:/home/a/backup.py', 'backup.py (python)'],
    ['a script by a path with detours', { exe: '/usr/bin/node', line: 'node /srv/./shop/../shop/server.js' }, 'script:/srv/shop/server.js', 'server.js (node)'],
    ['a script from the root, wherever it was called', { exe: '/usr/bin/bash', line: 'bash /opt/run-nightly', cwd: '/home/a' }, 'script:/opt/run-nightly', 'run-nightly (shell)'],
    ['a module, wherever it was called', { exe: '/usr/bin/python3', line: 'python3 -m http.server', cwd: '/home/a' }, 'script:python:http.server', 'http.server (python)'],
    ['a Java archive by its name', { exe: '/usr/bin/java', line: 'java -jar server.jar', cwd: '/opt/minecraft' }, 'script:/opt/minecraft/server.jar', 'server.jar (java)'],
    ['an Electron program, by its folder', { exe: '/usr/lib/electron28/electron', line: 'electron /usr/lib/obsidian/resources/app.asar' }, 'script:/usr/lib/obsidian/resources/app.asar', 'obsidian (electron)'],
    ['a program that wrote a title over its arguments', { exe: '/usr/bin/python3.11', title: 'gunicorn: worker [shop]' }, 'script:python:gunicorn', 'gunicorn (python)'],
    ['one of many programs in a file', { exe: '/bin/busybox', line: 'wget -q http://a' }, 'script:busybox:wget', 'wget (busybox)'],
    ['one of many programs, called through the file', { exe: '/bin/busybox', line: 'busybox httpd -f' }, 'script:busybox:httpd', 'httpd (busybox)'],
    ['a program that the loader was called to load', { exe: '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', line: 'ld.so --library-path /a /opt/x/prog --flag' }, '/opt/x/prog', 'prog'],
    ['a program for Windows', { exe: '/usr/bin/wine64-preloader', line: 'C:\\Games\\game.exe -w' }, 'script:wine:C:\\Games\\game.exe', 'game.exe'],
    ['an R script', { exe: '/usr/lib/R/bin/exec/R', line: 'R --no-echo --file=plot.R --args', cwd: '/data' }, 'script:/data/plot.R', 'plot.R (R)'],
    ['a carrier that a unit runs', { exe: '/usr/bin/socat1', line: 'socat a b', group: '/system.slice/printer.service' }, 'unit:printer.service', 'printer.service'],
    ['a carrier at a prompt', { exe: '/usr/bin/socat1', line: 'socat a b', group: session }, '/usr/bin/socat1', 'socat1'],
    ['a program that a unit runs', { exe: '/usr/bin/rsync', line: 'rsync a b', group: '/system.slice/nightly.service' }, '/usr/bin/rsync', 'rsync'],
    ['an executable that RPM has replaced', { exe: '/usr/bin/curl;65f0a1b2', deleted: true }, '/usr/bin/curl', 'curl'],
    ['a file of AppImage', { exe: '/home/a/Apps/Obsidian-1.5.3-x86_64.AppImage' }, '/home/a/Apps/Obsidian-1.5.3-x86_64.AppImage', 'Obsidian'],
    ['an AppImage mounted elsewhere', { exe: '/run/user/1000/.mount_KritaaB3xYz1/usr/bin/krita' }, 'appimage:Kritaa/krita', 'krita'],
    ['an AppImage that brings its interpreter', { exe: '/tmp/.mount_PlannrA3xYz9/usr/bin/python3.11', line: 'python3.11 /tmp/.mount_PlannrA3xYz9/usr/bin/planner' }, 'appimage:Plannr/planner', 'planner'],
    ['an AppImage that unpacked itself', { exe: `/tmp/appimage_extracted_${'0123456789abcdef'.repeat(2)}/usr/bin/krita` }, 'appimage:/krita', 'krita'],
    ['a program of Nix, whatever its digest', { exe: '/nix/store/0c5b8vw40dy178xlpddw65q9gf1h2186-firefox-121.0/lib/firefox/.firefox-wrapped' }, 'store:firefox/firefox', 'firefox'],
    ['a guest of QEMU', { exe: '/usr/bin/qemu-system-x86_64', line: 'qemu-system-x86_64 -name guest=win11,debug-threads=on -S' }, 'machine:win11', 'win11'],
    ['a guest of QEMU by its bare name', { exe: '/usr/bin/qemu-system-aarch64', line: 'qemu-system-aarch64 -m 2G -name web' }, 'machine:web', 'web'],
    ['QEMU without a name for its guest', { exe: '/usr/bin/qemu-system-x86_64', line: 'qemu-system-x86_64 disk.img' }, '/usr/bin/qemu-system-x86_64', 'qemu-system-x86_64'],
    ['a guest of VirtualBox', { exe: '/usr/lib/virtualbox/VirtualBoxVM', line: 'VirtualBoxVM --comment win10 --startvm 11-22' }, 'machine:win10', 'win10'],
    ['a guest of VMware', { exe: '/usr/lib/vmware/bin/vmware-vmx', line: 'vmware-vmx -x /vm/db/db.vmx' }, 'machine:db', 'db'],
    ['a Docker container', { exe: '/usr/bin/node', line: 'node a.js', group: `/system.slice/docker-${hex}.scope` }, 'container:docker/0123456789ab', 'docker 0123456789ab'],
    ['a Docker container without systemd', { exe: '/a', group: `/docker/${hex}` }, 'container:docker/0123456789ab', 'docker 0123456789ab'],
    ['a Podman container', { exe: '/a', group: `/machine.slice/libpod-${hex}.scope/container` }, 'container:podman/0123456789ab', 'podman 0123456789ab'],
    ['a monitor of Podman, which is outside', { exe: '/usr/bin/conmon', group: `/machine.slice/libpod-conmon-${hex}.scope` }, '/usr/bin/conmon', 'conmon'],
    ['a pod of Kubernetes', { exe: '/a', group: `/kubepods/burstable/pod12-3/${hex}` }, 'container:kubernetes/0123456789ab', 'kubernetes 0123456789ab'],
    ['an LXC container', { exe: '/a', group: '/lxc.payload.web/system.slice/nginx.service' }, 'container:lxc/web', 'lxc web'],
    ['a machine of systemd-nspawn', { exe: '/a', group: '/machine.slice/machine-web\\x2d1.scope' }, 'container:nspawn/web-1', 'nspawn web-1'],
    ['a virtual machine', { exe: '/usr/bin/qemu-system-x86_64', group: '/machine.slice/machine-qemu\\x2d3\\x2dwin11.scope/emulator' }, 'machine:win11', 'win11'],
    ['a thread of the kernel', { exe: null, parent: 2 }, 'kernel:thread', 'kernel'],
    ['an unreadable process of a unit', { exe: null, line: 'secretd', group: '/system.slice/secret.service' }, 'unit:secret.service', 'secret.service'],
    ['an unreadable process, by what it calls itself', { exe: null, line: '/usr/bin/firefox' }, 'command:/usr/bin/firefox', 'firefox'],
    ['an unreadable process without a word', { exe: null }, 'command:', 'unreadable process'],
  ];
  for (const [what, sketch, app, displayName] of cases) {
    it(`is, for ${what}, ${app}`, () => assert.deepEqual(appOf(described(sketch)), { app, exe: sketch.exe, displayName }));
  }

  it('is no container where Tidewatch lives in the same one', () => {
    const group = `/docker/${hex}`;
    const home = readControlGroup(group);
    assert.equal(appOf(described({ exe: '/usr/bin/curl', group }), { home, parent: null }).app, '/usr/bin/curl');
    const other = `/docker/${hex.replace('0', 'f')}`;
    assert.equal(appOf(described({ exe: '/usr/bin/curl', group: other }), { home, parent: null }).app, 'container:docker/f123456789ab');
  });

  it('is shown by the name that a person gave to its container, and known by the number of that', () => {
    const process = { ...described({ exe: '/usr/sbin/nginx', group: `/docker/${hex}` }), containerName: 'shop' };
    assert.deepEqual(appOf(process), { app: 'container:docker/0123456789ab', exe: '/usr/sbin/nginx', displayName: 'docker shop' });
  });

  it('is the same for two processes of one program, whatever their arguments, and never a pid', () => {
    const first = appOf(described({ exe: '/usr/bin/curl', line: 'curl a' }));
    assert.deepEqual(appOf({ ...described({ exe: '/usr/bin/curl', line: 'curl b' }), pid: 5, key: ProcessKey.parse('5@1') }), first);
  });

  it('never throws, and is never empty or without end, whatever a process writes into its arguments', () => {
    const text = (maximum: number): fc.Arbitrary<string> => fc.string({ unit: 'binary', maxLength: maximum });
    const executables = fc.constantFrom('/usr/bin/python3', '/usr/bin/node', '/bin/sh', '/usr/bin/java', '/usr/bin/deno', '', '/');
    fc.assert(
      fc.property(
        fc.option(fc.oneof(executables, text(4096)), { nil: null }),
        fc.array(fc.oneof(text(256), fc.constantFrom('-', '--', '-c', '-m', '-jar', '-I', '--eval', 'run', '-W')), { maxLength: 16 }),
        fc.option(text(1024), { nil: null }),
        (executable, commandLine, controlGroup) => {
          const { app, displayName } = appOf({ ...described({ exe: executable }), commandLine, controlGroup });
          assert.ok(AppId.safeParse(app).success);
          assert.ok(displayName.length <= 128);
        },
      ),
    );
  });
});
