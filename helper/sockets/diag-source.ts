import type { ProcessDescription } from '../../protocol/flow.ts';
import type { SocketRecord } from '../native/index.ts';
import { judge, judgeListeners } from './judge.ts';
import type { HeldCandidate } from './judge.ts';
import { unknownOwner } from './owner-source.ts';
import type { Budget, MonotonicMs, OwnerAnswer, OwnerQuestion, OwnerSource, SourceLimit } from './owner-source.ts';
import type { LivingProcess } from './process-table.ts';
import type { Processes } from './processes.ts';
import { SocketDumps } from './socket-dumps.ts';
import type { Holding, SocketHolders } from './socket-holders.ts';
import type { Candidate } from './socket-table.ts';

/** What of the native addon this rung needs. */
export interface SocketDiagnosis {
  /** All sockets of one IP protocol and family. Throws with the errno's name as `code`. */
  dumpSockets(protocol: number, family: 4 | 6): readonly SocketRecord[];
  /** The socket that the kernel would give this flow to; null where there is none. Throws with the errno's name as `code`. */
  findSocket(query: {
    readonly protocol: number;
    readonly localAddress: string;
    readonly localPort: number;
    readonly remoteAddress: string;
    readonly remotePort: number;
  }): SocketRecord | null;
}

/** IP protocol numbers that INET_DIAG knows, as far as they have ports. */
const tcp = 6;
const protocols = new Set([tcp, 17, 132, 136]);
/** TCP states of include/net/tcp_states.h: a connection in the making has no socket of its own yet. */
const synReceived = 3;
const listening = 10;
const newSynReceived = 12;

/**
 * TCP questions up to which each is looked up by itself: an exact look-up is one message to the kernel, a dump grows with the
 * number of all sockets.
 */
const maximumSingleLookups = 16;

type DatedQuestion = OwnerQuestion & { readonly since: number };

/** What one round found. */
interface Found {
  readonly holdings: ReadonlyMap<number, Holding>;
  /** Each holder is described once in a round, however many sockets it has. */
  readonly described: Map<LivingProcess, ProcessDescription | null>;
}

/** The rung that asks the kernel for its sockets (sock_diag(7), INET_DIAG) and finds their holders in /proc. */
export class DiagSource implements OwnerSource {
  readonly name = 'INET_DIAG and /proc';
  readonly #diagnosis: SocketDiagnosis;
  readonly #holders: SocketHolders;
  readonly #processes: Processes;
  readonly #serviceManager: string | null;
  readonly #monotonic: MonotonicMs;
  readonly #dumps: SocketDumps;
  #refusal: SourceLimit | null = null;
  #hidden: SourceLimit | null = null;

  /** `serviceManager` is the executable of process 1, or null where it is not known. */
  constructor(parts: {
    readonly diagnosis: SocketDiagnosis;
    readonly holders: SocketHolders;
    readonly processes: Processes;
    readonly serviceManager: string | null;
    readonly monotonic: MonotonicMs;
  }) {
    this.#diagnosis = parts.diagnosis;
    this.#holders = parts.holders;
    this.#processes = parts.processes;
    this.#serviceManager = parts.serviceManager;
    this.#monotonic = parts.monotonic;
    this.#dumps = new SocketDumps((protocol) => this.#readDump(protocol), parts.monotonic);
  }

  limit(): SourceLimit | null {
    return this.#refusal ?? this.#hidden;
  }

  find(questions: readonly OwnerQuestion[], budget: Budget): readonly (OwnerAnswer | null)[] {
    const now = this.#monotonic();
    const single = questions.filter(({ ends }) => ends.protocol === tcp).length <= maximumSingleLookups;
    const candidates = questions.map((question) => this.#candidates({ since: now, ...question }, single));
    const inodes = new Set(candidates.flatMap((some) => (some ?? []).map(({ socket }) => socket.inode)));
    inodes.delete(0);
    const holdings = inodes.size === 0 ? new Map<number, Holding>() : this.#holders.find(inodes, budget);
    this.#noteRights(holdings);
    const found: Found = { holdings, described: new Map() };
    return questions.map((question, index) => this.#answer(question, candidates[index] ?? null, found));
  }

  /** The sockets that can have carried the flow; null where this rung does not know its protocol, or could not ask. */
  #candidates(question: DatedQuestion, single: boolean): readonly Candidate[] | null {
    const { ends, since } = question;
    if (!protocols.has(ends.protocol) || ends.localPort === null || ends.remotePort === null) return null;
    if (ends.protocol !== tcp) return this.#dumps.of(ends.protocol, since)?.candidates(question) ?? null;
    const connected = single ? this.#lookUp(question) : null;
    if (connected !== null && connected.state !== listening) return [{ socket: connected, fit: 'connected' }];
    if (single && connected === null) return [];
    const all = this.#dumps.of(tcp, since)?.candidates(question) ?? null;
    return all?.filter(({ fit, socket }) => fit === 'connected' || (socket.state === listening && ends.local === 'b')) ?? null;
  }

  /** One look-up of exactly this flow. The kernel answers with the listening socket where no connection fits. */
  #lookUp(question: OwnerQuestion): SocketRecord | null {
    const { protocol, localAddress, localPort, remoteAddress, remotePort } = question.ends;
    try {
      const found = this.#diagnosis.findSocket({
        protocol,
        localAddress,
        localPort: localPort ?? 0,
        remoteAddress,
        remotePort: remotePort ?? 0,
      });
      this.#refusal = null;
      return found;
    } catch (error) {
      this.#noteRefusal(error);
      return null;
    }
  }

  #readDump(protocol: number): readonly SocketRecord[] | null {
    try {
      const sockets = [...this.#diagnosis.dumpSockets(protocol, 4), ...this.#diagnosis.dumpSockets(protocol, 6)];
      this.#refusal = null;
      return sockets;
    } catch (error) {
      // A kernel without SCTP or UDP-Lite says so by ENOENT: it has no such sockets, so this rung knows nothing of them.
      if (protocol === tcp || protocol === 17) this.#noteRefusal(error);
      return null;
    }
  }

  #noteRefusal(error: unknown): void {
    const cause = error instanceof Error ? error.message : String(error);
    this.#refusal = {
      message: `the kernel refuses to list its sockets (${cause}): owners stay unknown`.slice(0, 1024),
      remedy: 'load the kernel modules inet_diag, tcp_diag and udp_diag, or use a kernel built with CONFIG_INET_DIAG',
    };
  }

  /** Rights do not come back to a process that runs: once something was hidden, it stays said. */
  #noteRights(holdings: ReadonlyMap<number, Holding>): void {
    if (![...holdings.values()].some(({ search }) => search === 'impeded')) return;
    this.#hidden = {
      message: 'some processes do not let themselves be looked at: their traffic has no sure owner',
      remedy: 'start the helper with the capabilities CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH',
    };
  }

  #answer(question: OwnerQuestion, candidates: readonly Candidate[] | null, found: Found): OwnerAnswer | null {
    if (candidates === null) return null;
    const held = candidates.map((candidate) => this.#held(candidate, found));
    if (question.ends.protocol !== tcp) return this.#notEnded(question, judge(held, this.#serviceManager));
    const connected = held.filter(({ fit }) => fit === 'connected');
    const [own] = connected;
    const inTheMaking = own !== undefined && [synReceived, newSynReceived].includes(own.socket.state);
    if (own !== undefined && !inTheMaking) return this.#notEnded(question, judge(connected, this.#serviceManager));
    return judgeListeners(held.filter(({ fit }) => fit !== 'connected'), this.#serviceManager);
  }

  #held(candidate: Candidate, found: Found): HeldCandidate {
    const holding = found.holdings.get(candidate.socket.inode) ?? { holders: [], search: 'whole' };
    const holders = holding.holders
      .map((living) => ({ process: this.#describe(living, found), startTicks: Number(living.startTicks) }))
      .filter((holder): holder is HeldCandidate['holders'][number] => holder.process !== null);
    return { ...candidate, holders, search: holding.search };
  }

  #describe(living: LivingProcess, { described }: Found): ProcessDescription | null {
    const known = described.get(living);
    if (known !== undefined) return known;
    const description = this.#processes.describe(living);
    described.set(living, description);
    return description;
  }

  /** A socket without holder is the kernel's, or hidden, only if it is still there after the search; else its process ended meanwhile. */
  #notEnded(question: OwnerQuestion, answer: OwnerAnswer): OwnerAnswer {
    if (answer.certainty !== 'unknown' || (answer.reason !== 'kernel' && answer.reason !== 'no-rights')) return answer;
    const now = this.#lookUp(question);
    return now === null || now.inode === 0 ? unknownOwner('process-ended') : answer;
  }
}
