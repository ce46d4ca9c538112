import { readFileSync } from 'node:fs';

/** Both ends of a loopback connection, as the server sees them. */
export interface Ends {
  readonly localPort: number;
  readonly remotePort: number;
}

/** 127.0.0.1 as proc(5) writes it: the bytes of the address as a word of this machine, in hexadecimal; in IPv6 mapped. */
const loopback = /^(?:0{16}(?:FFFF0000|0000FFFF))?(?:0100007F|7F000001)$/u;

function portOf(end: string | undefined): number | null {
  const [address = '', port = ''] = end?.split(':') ?? [];
  return loopback.test(address) ? Number.parseInt(port, 16) : null;
}

/** The user of the socket that is the other end, among the lines of /proc/net/tcp or tcp6 (proc(5)), or null. */
export function userAmong(lines: string, { localPort, remotePort }: Ends): number | null {
  for (const line of lines.split('\n')) {
    const [, local, remote, , , , , uid] = line.trim().split(/\s+/u);
    if (portOf(local) === remotePort && portOf(remote) === localPort) return Number(uid);
  }
  return null;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Another system, or no IPv6: nothing is known.
    return '';
  }
}

/** The user whose program is at the other end of a loopback connection; null where the system does not tell. */
export function peerUser(ends: Ends): number | null {
  return userAmong(read('/proc/net/tcp'), ends) ?? userAmong(read('/proc/net/tcp6'), ends);
}

/** Whether the other end is known to belong to another user, who may not have what this one does. */
export function isForeignUser(ends: Ends): boolean {
  const user = peerUser(ends);
  return user !== null && user !== 0 && user !== process.getuid?.();
}
