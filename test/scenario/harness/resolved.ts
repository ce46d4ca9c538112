import { existsSync, writeFileSync } from 'node:fs';
import { peerAddresses } from './namespace.ts';
import type { Network } from './namespace.ts';
import type { Program } from './program.ts';
import { until } from './until.ts';

/**
 * The real systemd-resolved in the client's namespace, with files of its own: its sockets lie in a /run that only it and who
 * enters its mount namespace see, and nothing of the machine's resolver changes.
 */

/** The stub's address, on the client's loopback. */
export const stubAddress = '127.0.0.53';

const installed = '/lib/systemd/systemd-resolved';
const program = process.env['TIDEWATCH_SYSTEMD_RESOLVED'] ?? installed;

/**
 * Why it cannot be run here, or undefined. Installing the package may make it the machine's resolver: unpacking it somewhere
 * (`apt-get download systemd-resolved`, `dpkg -x`) and naming the program is enough.
 */
export const pendingResolved = existsSync(program)
  ? undefined
  : `pending: ${program} not found; install Debian's systemd-resolved, or unpack it and name its program in TIDEWATCH_SYSTEMD_RESOLVED`;

const setUp = `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/resolve /run/systemd/resolved.conf.d
cp "$1/resolved.conf" /run/systemd/resolved.conf.d/tidewatch.conf
if ! getent passwd systemd-resolve > /dev/null; then
  cp /etc/passwd /etc/group "$1"
  echo 'systemd-resolve:x:64999:64999::/:/usr/sbin/nologin' >> "$1/passwd"
  echo 'systemd-resolve:x:64999:' >> "$1/group"
  mount --bind "$1/passwd" /etc/passwd
  mount --bind "$1/group" /etc/group
fi
chown systemd-resolve:systemd-resolve /run/systemd/resolve
exec "$2"`;

export interface RunningResolver {
  readonly program: Program;
  /** The socket on which it tells its answers, as seen from outside its mount namespace. */
  readonly monitorSocket: string;
  /** Words that run a command in the client's namespace among the resolver's files. */
  readonly enter: readonly string[];
}

/** Starts it with the laboratory's DNS server, and makes it the resolver of the programs in the client's namespace. */
export async function startResolved(network: Network): Promise<RunningResolver> {
  writeFileSync(`${network.folder}/resolved.conf`, `[Resolve]\nDNS=${peerAddresses.resolver}\nDNSSEC=no\nLLMNR=no\nMulticastDNS=no\n`);
  const resolver = network.client.start('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', setUp, 'sh', network.folder, program]);
  const monitorSocket = `/proc/${resolver.pid}/root/run/systemd/resolve/io.systemd.Resolve.Monitor`;
  await until('systemd-resolved to listen', 10_000, () => {
    if (!resolver.running) throw new Error(`systemd-resolved ended: ${resolver.stderr}`);
    return existsSync(monitorSocket);
  });
  network.client.useResolver(stubAddress);
  return { program: resolver, monitorSocket, enter: ['nsenter', `--mount=/proc/${resolver.pid}/ns/mnt`] };
}
