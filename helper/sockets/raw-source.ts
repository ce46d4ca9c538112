import { readFileSync } from 'node:fs';
import { addressText } from '../../core/flow/address.ts';
import { isGroupAddress } from '../../core/flow/orient.ts';
import type { SocketRecord } from '../native/index.ts';
import { judgeListeners } from './judge.ts';
import { unknownOwner } from './owner-source.ts';
import type { Budget, OwnerAnswer, OwnerQuestion, OwnerSource, SourceLimit } from './owner-source.ts';
import type { Processes } from './processes.ts';
import type { SocketHolders } from './socket-holders.ts';
import type { Fit } from './socket-table.ts';

const icmp = 1;
const igmp = 2;
const icmpv6 = 58;
/** Longest table read, in characters: a machine has a handful of such sockets. */
const maximumText = 1_048_576;

/** `0100007F:0001`: the address as the machine's words in hexadecimal (little-endian here), then the port. */
function endOf(text: string): { readonly address: string; readonly port: number } | null {
  const [words = '', port = ''] = text.split(':');
  if (!/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/u.test(words) || !/^[0-9A-F]{4}$/u.test(port)) return null;
  const bytes = Uint8Array.from((words.match(/.{8}/gu) ?? []).flatMap((word) => (word.match(/../gu) ?? []).reverse().map((hex) => Number.parseInt(hex, 16))));
  return { address: addressText(bytes, 0, bytes.length === 4 ? 4 : 6), port: Number.parseInt(port, 16) };
}

/**
 * The sockets of a table like /proc/net/raw or /proc/net/icmp (proc(5)). In the raw tables the "local port" is the IP protocol
 * number, in the icmp tables it is the echo identifier: `protocol` says which to take. Lines that do not fit are left out.
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
      roundTripMicroseconds: 0,
      retransmits: 0,
      congestionWindow: 0,
    };
    return [record];
  });
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'latin1').slice(0, maximumText);
  } catch {
    return '';
  }
}

function fitOfRaw(socket: SocketRecord, { ends }: OwnerQuestion): Fit | null {
  if (socket.protocol !== ends.protocol || (socket.family === 6) !== ends.localAddress.includes(':')) return null;
  const any = socket.family === 4 ? '0.0.0.0' : '::';
  if (socket.remoteAddress === ends.remoteAddress) return 'connected';
  if (socket.remoteAddress !== any) return null;
  if (socket.localAddress === ends.localAddress) return 'bound';
  return socket.localAddress === any ? 'wildcard' : null;
}

/** Whether the kernel itself speaks here: it answers echo requests, finds neighbours and tells routers of groups. */
function isKernels({ ends }: OwnerQuestion): boolean {
  if (ends.protocol === igmp) return true;
  if (ends.protocol !== icmp && ends.protocol !== icmpv6) return false;
  const neighbour = ends.protocol === icmpv6 && (isGroupAddress(ends.remoteAddress) || ends.remoteAddress.startsWith('fe80:'));
  return ends.local === 'b' || neighbour;
}

/** The rung for protocols without ports: ping sockets and raw sockets, as /proc/net lists them. Never more than inferred. */
export class RawSource implements OwnerSource {
  readonly name = 'raw and ping sockets';
  readonly #holders: SocketHolders;
  readonly #processes: Processes;
  readonly #procNet: string;

  constructor(parts: { readonly holders: SocketHolders; readonly processes: Processes; readonly procNet?: string }) {
    this.#holders = parts.holders;
    this.#processes = parts.processes;
    this.#procNet = parts.procNet ?? '/proc/self/net';
  }

  limit(): SourceLimit | null {
    return null;
  }

  find(questions: readonly OwnerQuestion[], budget: Budget): readonly (OwnerAnswer | null)[] {
    const mine = questions.map((question) => question.ends.localPort === null);
    const sockets = mine.some(Boolean) ? this.#sockets() : [];
    return questions.map((question, index) => (mine[index] === true ? this.#answer(question, sockets, budget) : null));
  }

  #sockets(): readonly SocketRecord[] {
    const table = (name: string, protocol: 'from-port' | number): readonly SocketRecord[] =>
      parseSocketTable(readTable(`${this.#procNet}/${name}`), protocol);
    // Daemons keep raw ICMPv6 sockets open for router advertisements: only those with a remote tell anything.
    const raw6 = table('raw6', 'from-port').filter((socket) => socket.protocol !== icmpv6 || socket.remoteAddress !== '::');
    return [...table('icmp', icmp), ...table('icmp6', icmpv6), ...table('raw', 'from-port'), ...raw6];
  }

  #answer(question: OwnerQuestion, sockets: readonly SocketRecord[], budget: Budget): OwnerAnswer {
    if (isKernels(question)) return unknownOwner('kernel');
    const fitting = sockets.flatMap((socket) => {
      const fit = fitOfRaw(socket, question);
      return fit === null ? [] : [{ socket, fit }];
    });
    if (fitting.length === 0) return unknownOwner('no-socket');
    const holdings = this.#holders.find(new Set(fitting.map(({ socket }) => socket.inode)), budget);
    const held = fitting.map((candidate) => ({
      ...candidate,
      search: holdings.get(candidate.socket.inode)?.search ?? 'whole',
      holders: (holdings.get(candidate.socket.inode)?.holders ?? []).flatMap((living) => {
        const process = this.#processes.describe(living);
        return process === null ? [] : [{ process, startTicks: Number(living.startTicks) }];
      }),
    }));
    return judgeListeners(held, null);
  }
}
