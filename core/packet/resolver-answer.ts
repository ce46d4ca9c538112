import { readDnsMessage } from './dns-message.ts';
import { namesOfAnswer } from './dns-names.ts';
import type { AddressName } from './dns-names.ts';
import { hostNameOf } from './host-name.ts';

/** What a resolver answered, as it tells it: not a message of the wire, but the parts of one or several. */
export interface ResolverAnswer {
  /** Names in the order in which they were asked: what the program asked first, then what aliases led to. */
  readonly asked: readonly string[];
  /** Resource records in wire format (RFC 1035 3.2.1), names not compressed. */
  readonly records: readonly Uint8Array[];
}

/** Records of one answer that are looked at. The largest real ones have about 30. */
const maximumRecords = 256;
/** Aliases between messages that are followed; resolvers stop at 8 to 16. */
const maximumAsked = 16;

/** A name on the wire; its characters are checked, so each is one byte. Null where it is no host name. */
function wireName(name: string): number[] | null {
  if (hostNameOf(name) === null) return null;
  return [...name.split('.').flatMap((label) => [label.length, ...Array.from(label, (letter) => letter.charCodeAt(0))]), 0];
}

/** The parts put together to the message that the reader of DNS knows. Null where the name is none. */
function message(name: string, records: readonly Uint8Array[]): Uint8Array | null {
  const question = wireName(name);
  if (question === null) return null;
  const kept = records.slice(0, maximumRecords);
  const head = [0, 0, 0x81, 0x80, 0, 1, kept.length >> 8, kept.length & 0xff, 0, 0, 0, 0, ...question, 0, 1, 0, 1];
  const bytes = new Uint8Array(head.length + kept.reduce((sum, record) => sum + record.length, 0));
  bytes.set(head);
  let at = head.length;
  for (const record of kept) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}

/**
 * The first name that was asked, with every address that the records lead to from any of the names that were asked. Names
 * without a dot and those below `local` are left out: hosts of the LAN answer for them (RFC 4795, RFC 6762 3), and what they
 * say of themselves must not weigh as much as what a resolver says.
 */
export function namesOfResolverAnswer({ asked, records }: ResolverAnswer): readonly AddressName[] {
  const names = asked.slice(0, maximumAsked).flatMap((name) => hostNameOf(name) ?? []);
  const [first] = names;
  if (first === undefined || !first.includes('.') || first.endsWith('.local')) return [];
  const found = new Map<string, AddressName>();
  for (const name of names) {
    const bytes = message(name, records);
    const read = bytes === null ? null : readDnsMessage(bytes);
    for (const answer of read === null ? [] : namesOfAnswer(read)) {
      if (!found.has(answer.address)) found.set(answer.address, { ...answer, name: first });
    }
  }
  return [...found.values()];
}
