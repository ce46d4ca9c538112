import type { NameSource } from '../../protocol/flow.ts';
import { createScopes } from '../flow/scope.ts';
import { readDnsMessage } from './dns-message.ts';
import { namesOfAnswer } from './dns-names.ts';
import type { AddressName } from './dns-names.ts';
import { namesOfAnnouncement } from './mdns.ts';
import { namesOfNetbios } from './netbios.ts';
import { nothing } from './reading.ts';
import type { PayloadClue, Reading, Told } from './reading.ts';

/** How the hosts of a LAN tell each other their names, without a server. */
export type LanSource = Extract<NameSource, 'mdns' | 'llmnr' | 'netbios'>;

const portOf = { mdns: 5353, llmnr: 5355, netbios: 137 } as const satisfies Record<LanSource, number>;

const lanSources = ['mdns', 'llmnr', 'netbios'] as const;

/** Packets with this hop limit have crossed no router. */
const highestHopLimit = 255;

const scopeOf = createScopes([]);

/** LLMNR has the messages of DNS (RFC 4795 2). Its answers go to another flow than its questions, which are multicast. */
function namesOfLlmnr(payload: Uint8Array): readonly AddressName[] {
  const message = readDnsMessage(payload);
  return message === null ? [] : namesOfAnswer(message);
}

const namesIn = { mdns: namesOfAnnouncement, llmnr: namesOfLlmnr, netbios: namesOfNetbios } as const;

/** The LAN protocol that a port belongs to, or null. */
export function lanSourceOf(port: number | null): LanSource | null {
  for (const source of lanSources) if (portOf[source] === port) return source;
  return null;
}

/**
 * Reads what hosts of the LAN say of themselves. Anybody there can say anything: so only names for addresses of a LAN
 * are taken, or for the address that the packet came from, and mDNS only where no router can have passed it on.
 */
export class LanReading implements Reading {
  readonly #source: LanSource;
  readonly heldBytes = 0;
  readonly isDone = false;

  constructor(source: LanSource) {
    this.#source = source;
  }

  read({ payload, flow, time, hopLimit, ends, direction }: PayloadClue): Told {
    const source = this.#source;
    const [sender, senderPort] = direction === 'ab' ? [ends.a, ends.aPort] : [ends.b, ends.bPort];
    // RFC 6762 6 and 11: a response from another port, or from afar, is not mDNS.
    if (source === 'mdns' && (hopLimit !== highestHopLimit || senderPort !== portOf.mdns)) return nothing;
    const believed = namesIn[source](payload).filter(({ address }) => address === sender || scopeOf(address) === 'lan');
    return { names: believed.map((found) => ({ kind: 'address', source, ...found, time, flow })), http: [] };
  }
}
