import { isInternetClass } from './dns-message.ts';
import type { DnsMessage, DnsRecord } from './dns-message.ts';
import { hostNameOf } from './host-name.ts';

/** A name that an answer gave for an address. */
export interface AddressName {
  readonly name: string;
  readonly address: string;
  /** The shortest time to live on the way from the name to the address, in seconds. */
  readonly ttlSeconds: number;
}

/** One answer never gives more: the largest real ones have about 30 addresses. */
const maximumNamesPerMessage = 128;

/** Longest chain of aliases followed; resolvers stop at 8 to 16. */
const maximumChain = 32;

/** The names that the question leads to, each with the shortest time to live on the way. */
type Reached = Map<string, number>;

function aliasTarget(record: DnsRecord, reached: Reached): { name: string; from: string } | null {
  switch (record.kind) {
    case 'alias':
      return { name: record.target, from: record.owner };
    case 'service':
      return record.target === '' ? null : { name: record.target, from: record.owner };
    case 'subtree-alias': {
      // A DNAME renames everything below its owner (RFC 6672 2.2); the matching CNAME may be missing.
      for (const name of reached.keys()) {
        if (!name.endsWith(`.${record.owner}`)) continue;
        return { name: name.slice(0, -record.owner.length) + record.target, from: name };
      }
      break;
    }
    case 'address':
      break;
  }
  return null;
}

/** Adds what the aliases among the records lead to; returns whether anything was new. */
function follow(records: readonly DnsRecord[], reached: Reached): boolean {
  let grew = false;
  for (const record of records) {
    if (record.kind === 'address') continue;
    const target = aliasTarget(record, reached);
    if (target === null || reached.has(target.name)) continue;
    const ttlSeconds = reached.get(target.from);
    if (ttlSeconds === undefined) continue;
    reached.set(target.name, Math.min(ttlSeconds, record.ttlSeconds));
    grew = true;
  }
  return grew;
}

/** Port-prefixed HTTPS questions (`_8443._https.name`, RFC 9460 9.1) are about the name that follows. */
function askedHost(name: string): string | null {
  return hostNameOf(name.startsWith('_') ? name.replace(/^_\d+\._https\./u, '') : name);
}

/**
 * The question's name with every address that the answer section leads it to, whatever the order of the records: the
 * name a person asked for, never the name of the CDN behind it. Empty unless the message is a successful, whole response.
 */
export function namesOfAnswer(message: DnsMessage): readonly AddressName[] {
  const question = message.questions[0];
  if (!message.isResponse || message.isTruncated || message.responseCode !== 0 || message.opcode !== 0) return [];
  if (question === undefined || message.questions.length !== 1 || !isInternetClass(question.class)) return [];
  const name = askedHost(question.name);
  if (name === null) return [];
  const answers = message.records.filter((record) => record.section === 'answer' && isInternetClass(record.class));
  const reached: Reached = new Map([[question.name, Number.MAX_SAFE_INTEGER]]);
  for (let step = 0; step < maximumChain && follow(answers, reached); step += 1);
  const found: AddressName[] = [];
  for (const record of answers) {
    const ttlSeconds = Math.min(reached.get(record.owner) ?? -1, record.ttlSeconds);
    if (ttlSeconds < 0) continue;
    const addresses = record.kind === 'address' ? [record.address] : record.kind === 'service' ? record.hints : [];
    for (const address of addresses) if (found.length < maximumNamesPerMessage) found.push({ name, address, ttlSeconds });
  }
  return found;
}
