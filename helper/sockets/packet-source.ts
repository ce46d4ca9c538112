import { readFileSync } from 'node:fs';
import type { ProcessDescription } from '../../protocol/flow.ts';
import type { Budget, OwnerAnswer, OwnerQuestion, OwnerSource, SourceLimit } from './owner-source.ts';
import type { Processes } from './processes.ts';
import type { SocketHolders } from './socket-holders.ts';

/** Longest table read, in characters: a machine has a handful of such sockets. */
const maximumText = 1_048_576;

const tcp = 6;

/**
 * Inodes of the sockets in /proc/net/packet (proc(5)) that were opened for protocol 0: they receive nothing (packet(7)), so
 * they are there to send. Those of sniffers and DHCP clients have a protocol. Lines that do not fit are left out.
 */
export function parseSendingSockets(text: string): ReadonlySet<number> {
  const inodes = text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/u);
    const inode = Number(fields[8]);
    return fields[3] === '0000' && Number.isSafeInteger(inode) && inode > 0 ? [inode] : [];
  });
  return new Set(inodes);
}

function readTable(path: string): string {
  try {
    return readFileSync(path, 'latin1').slice(0, maximumText);
  } catch {
    return '';
  }
}

/**
 * The last rung: who sends frames of its own making (AF_PACKET), if only one process can. Such frames pass no socket that has
 * their ends, so this is never more than inferred. (The owner map sees the frames themselves.)
 */
export class PacketSource implements OwnerSource {
  readonly name = 'packet sockets';
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

  /** A connection that really is one is never told here: whoever makes frames has no TCP of its own. */
  find(questions: readonly OwnerQuestion[], budget: Budget): readonly (OwnerAnswer | null)[] {
    const mine = questions.map(({ ends }) => ends.protocol !== tcp && ends.position === 'this-host' && ends.local === 'a');
    const process = mine.some(Boolean) ? this.#onlySender(budget) : null;
    return mine.map((fits) => (fits && process !== null ? { certainty: 'inferred', process, reason: 'no-socket' } : null));
  }

  #onlySender(budget: Budget): ProcessDescription | null {
    const inodes = parseSendingSockets(readTable(`${this.#procNet}/packet`));
    if (inodes.size === 0) return null;
    const holders = [...this.#holders.find(inodes, budget).values()].flatMap(({ holders }) => holders);
    const senders = new Map(holders.map((holder) => [holder.pid, holder]));
    const [only] = senders.values();
    return senders.size === 1 && only !== undefined ? this.#processes.describe(only) : null;
  }
}
