import { isGroupAddress } from '../../core/flow/orient.ts';
import type { SocketRecord } from '../native/index.ts';
import { judgeListeners } from './judge.ts';
import { parseSocketTable, readTable } from './listed-sockets.ts';
import type { ListedSockets } from './listed-sockets.ts';
import { unknownOwner } from './owner-source.ts';
import type { Budget, OwnerAnswer, OwnerQuestion, OwnerSource } from './owner-source.ts';
import type { Fit } from './socket-table.ts';

const icmp = 1;
const igmp = 2;
const icmpv6 = 58;

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
  readonly #listed: ListedSockets;
  readonly #procNet: string;

  constructor(listed: ListedSockets, procNet = '/proc/self/net') {
    this.#listed = listed;
    this.#procNet = procNet;
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
    return fitting.length === 0 ? unknownOwner('no-socket') : judgeListeners(this.#listed.held(fitting, budget), null);
  }
}
