import { closeSync, openSync, readSync } from 'node:fs';
import { addressText } from '../../core/flow/address.ts';
import type { ProcessDescription } from '../../protocol/flow.ts';
import { noTcpInfo } from '../native/index.ts';
import type { SocketRecord } from '../native/index.ts';
import type { HeldCandidate } from './judge.ts';
import type { Budget } from './owner-source.ts';
import type { LivingProcess } from './process-table.ts';
import type { Processes } from './processes.ts';
import type { SocketHolders } from './socket-holders.ts';
import type { Candidate } from './socket-table.ts';

/** Longest table that is read, in bytes: some 13 000 TCP sockets; a longer one is cut at its last whole line. */
const maximumBytes = 2 ** 21;

/** `0100007F:0001`: the address as the machine's words in hexadecimal (little-endian here), then the port. */
function endOf(text: string): { readonly address: string; readonly port: number } | null {
  const [words = '', port = ''] = text.split(':');
  if (!/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/u.test(words) || !/^[0-9A-F]{4}$/u.test(port)) return null;
  const bytes = Uint8Array.from((words.match(/.{8}/gu) ?? []).flatMap((word) => (word.match(/../gu) ?? []).reverse().map((hex) => Number.parseInt(hex, 16))));
  return { address: addressText(bytes, 0, bytes.length === 4 ? 4 : 6), port: Number.parseInt(port, 16) };
}

/**
 * The sockets of a table like /proc/net/tcp, /proc/net/raw or /proc/net/icmp (proc_pid_net(5)). In the raw tables the "local port" is
 * the IP protocol number, in the icmp tables it is the echo identifier: `protocol` says which to take. Lines that do not fit are
 * left out.
 */
export function parseSocketTable(text: string, protocol: 'from-port' | number): readonly SocketRecord[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/u);
    const local = endOf(fields[1] ?? '');
    const remote = endOf(fields[2] ?? '');
    const inode = Number(fields[9]);
    if (local === null || remote === null || !Number.isSafeInteger(inode)) return [];
    const record: SocketRecord = {
      family: local.address.includes(':') ? 6 : 4,
      protocol: protocol === 'from-port' ? local.port : protocol,
      state: Number.parseInt(fields[3] ?? '', 16),
      localAddress: local.address,
      localPort: local.port,
      remoteAddress: remote.address,
      remotePort: remote.port,
      interfaceIndex: 0,
      uid: Number(fields[7]),
      inode,
      ipv6Only: null,
      cookie: '0',
      ...noTcpInfo,
    };
    return [record];
  });
}

/** A table below /proc, as far as it is read at all; empty where it is not there. */
export function readTable(path: string): string {
  let file: number | null = null;
  try {
    file = openSync(path, 'r');
    return readLines(file);
  } catch {
    return '';
  } finally {
    if (file !== null) closeSync(file);
  }
}

const buffer = Buffer.alloc(65_536);

/** The kernel gives a table in pieces of a page or so. */
function readLines(file: number): string {
  const pieces: string[] = [];
  for (let length = 0; length < maximumBytes; ) {
    const got = readSync(file, buffer, 0, buffer.length, null);
    if (got === 0) return pieces.join('');
    pieces.push(buffer.toString('latin1', 0, got));
    length += got;
  }
  const text = pieces.join('');
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

/** Finds who holds sockets that a table lists, whichever table that is. */
export class ListedSockets {
  readonly #holders: SocketHolders;
  readonly #processes: Processes;

  constructor(parts: { readonly holders: SocketHolders; readonly processes: Processes }) {
    this.#holders = parts.holders;
    this.#processes = parts.processes;
  }

  /** Each socket that can have carried a flow with everyone who holds it. */
  held(candidates: readonly Candidate[], budget: Budget): readonly HeldCandidate[] {
    const inodes = new Set(candidates.map(({ socket }) => socket.inode));
    inodes.delete(0);
    const holdings = this.#holders.find(inodes, budget);
    return candidates.map((candidate) => {
      const { holders, search } = holdings.get(candidate.socket.inode) ?? { holders: [], search: 'whole' };
      return { ...candidate, search, holders: holders.flatMap((living) => this.#described(living)) };
    });
  }

  /** Everyone who holds one of these sockets, each once. */
  holdersOf(inodes: ReadonlySet<number>, budget: Budget): readonly LivingProcess[] {
    const holders = [...this.#holders.find(inodes, budget).values()].flatMap(({ holders }) => holders);
    return [...new Map(holders.map((holder) => [holder.pid, holder])).values()];
  }

  /** Null where the process has ended and nobody had described it. */
  describe(living: LivingProcess): ProcessDescription | null {
    return this.#processes.describe(living);
  }

  #described(living: LivingProcess): HeldCandidate['holders'] {
    const process = this.describe(living);
    return process === null ? [] : [{ process, startTicks: Number(living.startTicks) }];
  }
}
