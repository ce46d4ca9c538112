/**
 * Set-up: whatever `npm start` or `npm test` needs and this machine lacks, done once and said aloud.
 * Plain JavaScript without packages, because it runs on the system's Node (20 or later) before anything is installed.
 *
 * In this order, since each step needs the one before it:
 *   1. Debian packages (compiler, libpcap; for the tests also their real servers and tools), with apt-get.
 *   2. npm packages, with `npm ci`; Node 24 itself is one of them.
 *   3. The native addons, with make.
 *   4. The window, with vite.
 * A step that has nothing to do costs a few milliseconds and says nothing.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { replacePackages } from './npm-packages.mjs';
import { buildWindow } from './window.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Debian packages by what needs them, each with its reason. */
const debianPackages = {
  run: {
    'g++': 'compiles the native addon',
    make: 'builds the native addon',
    'libpcap-dev': 'captures packets',
    'libbpf-dev': 'loads the owner map, which names processes that live shortly',
    'util-linux': 'setpriv starts the helper with few rights',
  },
  test: {
    iproute2: 'network namespaces for the scenario tests',
    nftables: 'independent byte counters',
    'nginx-light': 'a real web server',
    'dnsmasq-base': 'a real DNS server',
    curl: 'a real client',
    wget: 'a second real client',
    iperf3: 'bulk TCP and UDP traffic',
    openssl: 'certificates for the test servers',
    tcpdump: 'an independent capture',
    bsdutils: 'script gives the terminal tests a terminal',
    dbus: 'a real message bus',
    'python3-dbusmock': 'NetworkManager on that bus, as its interface is documented',
    chromium: 'a real browser, for names over TLS and HTTP/3 as browsers send them',
    caddy: 'a real HTTP/3 server',
    prometheus: 'a real scraper, and promtool',
    'netcat-openbsd': 'nc asks the ntmd socket as its users do',
    jq: 'reads what it answers',
    'gnome-keyring': 'a real keyring, for the password of mail',
    'libsecret-tools': 'puts a password into it',
    vnstat: 'a real history to import',
    xvfb: 'a screen without a screen, for the desktop tests',
    openbox: 'a real window manager',
    'xfce4-panel': 'a real panel with a tray',
    'xfce4-notifyd': 'a real notification service',
    'adwaita-icon-theme': 'the icons of that panel',
    imagemagick: 'import takes pictures of the screen',
    tshark: 'reads the recordings, and is measured against at reading files',
    xdotool: 'a hand on mouse and keyboard',
    'x11-utils': 'xprop tells what the window manager knows of a window',
  },
  bench: {
    nethogs: 'the peer that the capture is measured against',
    'netsniff-ng': 'trafgen floods a link',
    'libndpi-bin': 'ndpiReader, the fastest reader of files',
  },
  fuzz: {
    clang: 'libFuzzer finds the inputs',
    'libclang-rt-14-dev': 'the sanitizers that watch',
  },
};

/** Services that Debian starts as soon as their package is installed; the tests start servers of their own. */
const startedServices = /** @type {Record<string, string>} */ ({ 'nginx-light': 'nginx', caddy: 'caddy', prometheus: 'prometheus', vnstat: 'vnstat' });

/** Packages without which less is known, but all works: where they cannot be installed, set-up goes on. */
const optionalPackages = new Set(['libbpf-dev']);

/** A set-up step that may not be done here: its message is the one line a person reads. */
export class SetUpError extends Error {}

/** @param {string} line */
function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}

/**
 * Runs a command in the project's folder; its output goes to stderr, so that stdout stays the program's own.
 * @param {readonly [string, ...string[]]} words
 */
function run([command, ...words]) {
  const { status, error } = spawnSync(command, words, { cwd: root, stdio: ['inherit', 2, 2] });
  return error === undefined && status === 0;
}

/** @param {string} command */
function exists(command) {
  return (process.env['PATH'] ?? '').split(':').some((folder) => folder !== '' && existsSync(`${folder}/${command}`));
}

/**
 * Names of the packages that dpkg does not know as installed.
 * @param {readonly string[]} names
 */
function missingPackages(names) {
  const { stdout } = spawnSync('dpkg-query', ['--show', '--showformat=${Package} ${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const installed = new Set(
    (stdout ?? '').split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}

/**
 * @param {readonly (keyof typeof debianPackages)[]} purposes
 */
function installDebianPackages(purposes) {
  const reasons = Object.assign({}, ...purposes.map((purpose) => debianPackages[purpose]));
  if (!exists('dpkg-query')) {
    if (exists('g++') && exists('make') && existsSync('/usr/include/pcap/pcap.h')) return;
    throw new SetUpError(
      `This is not a Debian system: install ${Object.keys(debianPackages.run).join(', ')} (or what they are called here), then try again.`,
    );
  }
  const missing = missingPackages(Object.keys(reasons));
  const needed = missing.filter((name) => !optionalPackages.has(name));
  if (missing.length === 0) return;
  const isRoot = process.getuid?.() === 0;
  const command = `${isRoot ? '' : 'sudo '}apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!isRoot && !exists('sudo')) {
    if (needed.length === 0) return;
    throw new SetUpError(`Debian packages are missing; run as root: ${command.replace('sudo ', '')}`);
  }
  for (const name of missing) say(`installing ${name} (${reasons[name]})`);
  /** @param {[string, ...string[]]} words */
  const asRoot = (...words) => (isRoot ? run(words) : run(['sudo', ...words]));
  /** @param {...string} words */
  const aptGet = (...words) =>
    asRoot('env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet', '--quiet', ...words);
  const install = () => aptGet('install', '--yes', '--no-install-recommends', ...missing);
  // A list of packages that is absent or old is the usual reason for a failure: fetch it once, then try again.
  if (!install() && !(aptGet('update') && install())) {
    if (needed.length === 0) return;
    throw new SetUpError(`Debian packages could not be installed; see above, or run: ${command}`);
  }
  const services = existsSync('/run/systemd/system') ? missing.flatMap((name) => startedServices[name] ?? []) : [];
  if (services.length > 0) {
    say(`stopping the services that came with them: ${services.join(', ')}`);
    asRoot('systemctl', 'disable', '--quiet', '--now', ...services);
  }
}

const stampPath = `${root}node_modules/.tidewatch-set-up`;

function lockHash() {
  return createHash('sha256').update(readFileSync(`${root}package-lock.json`)).digest('hex');
}

function installNpmPackages() {
  const wanted = lockHash();
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return;
  say('installing npm packages, Node 24 among them');
  const outcome = replacePackages(root, () => run(['npm', 'ci', '--no-fund', '--no-audit', '--loglevel=error']));
  if (outcome !== 'installed') {
    const kept = outcome === 'kept' ? ' (those of before are still there, and are not what package-lock.json asks for)' : '';
    throw new SetUpError(`npm packages could not be installed${kept}: connect to the network and try again`);
  }
  writeFileSync(stampPath, wanted);
}

/**
 * Folders of native addons. Without the first nothing can be measured; without one of the others an owner source is absent,
 * which `tidewatch doctor` tells. `header` is what only that addon needs.
 */
const addons = [
  { folder: 'helper/native', need: 'needed', header: '/usr/include/pcap/pcap.h' },
  { folder: 'helper/native/process-events', need: 'optional', header: '/usr/include/linux/cn_proc.h' },
  { folder: 'helper/native/ebpf', need: 'optional', header: '/usr/include/bpf/libbpf.h' },
];

function buildNativeAddons() {
  for (const { folder, need, header } of addons) {
    if (need === 'optional' && !existsSync(header)) continue;
    /** @param {...string} words */
    const make = (...words) => run(['make', '--silent', '--directory', folder, ...words]);
    if (make('--question')) continue;
    say(`building the native addon in ${folder}`);
    if (make('--jobs=2')) continue;
    const message = `The native addon in ${folder} could not be built; see the compiler above, then run: make --directory ${folder}`;
    if (need === 'needed') throw new SetUpError(message);
    say(`${message} (going on without it)`);
  }
}

/**
 * Brings this checkout to where the given purposes can run.
 * @param {readonly (keyof typeof debianPackages)[]} purposes
 * @throws {SetUpError} where something may not be installed here; the message names the command to run.
 */
export function setUp(purposes) {
  installDebianPackages(purposes);
  installNpmPackages();
  buildNativeAddons();
  if (buildWindow(root, say) === 'failed') {
    throw new SetUpError('The window could not be built; see above, then run: node_modules/.bin/vite build --config renderer/vite.config.ts');
  }
}

/**
 * Sets up, then runs `action`; a set-up that may not be done ends the process with its one line and exit code 1.
 * @param {readonly (keyof typeof debianPackages)[]} purposes
 * @param {() => void | Promise<void>} action
 */
export async function afterSetUp(purposes, action) {
  try {
    setUp(purposes);
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    process.stderr.write(`tidewatch: ${error.message}\n`);
    process.exitCode = 1;
    return;
  }
  await action();
}
