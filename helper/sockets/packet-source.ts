import type { ProcessDescription } from '../../protocol/flow.ts';
import { readTable } from './listed-sockets.ts';
import type { ListedSockets } from './listed-sockets.ts';
import type { Budget, OwnerAnswer, OwnerQuestion, OwnerSource } from './owner-source.ts';

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

/**
 * The last rung: who sends frames of its own making (AF_PACKET), if only one process can. Such frames pass no socket that has
 * their ends, so this is never more than inferred. (The owner map sees the frames themselves.)
 */
export class PacketSource implements OwnerSource {
  readonly name = 'packet sockets';
  readonly #listed: ListedSockets;
  readonly #procNet: string;

  constructor(listed: ListedSockets, procNet = '/proc/self/net') {
    this.#listed = listed;
    this.#procNet = procNet;
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
    const [only, ...others] = this.#listed.holdersOf(inodes, budget);
    return only === undefined || others.length > 0 ? null : this.#listed.describe(only);
  }
}
