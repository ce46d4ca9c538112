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

/** What the question leads to; null where that is its own name alone, because no record is an alias. */
function reachedFrom(name: string, answers: readonly DnsRecord[]): Reached | null {
  if (answers.every(({ kind }) => kind === 'address')) return null;
  const reached: Reached = new Map([[name, Number.MAX_SAFE_INTEGER]]);
  for (let step = 0; step < maximumChain && follow(answers, reached); step += 1);
  return reached;
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
  const reached = reachedFrom(question.name, answers);
  const found: AddressName[] = [];
  for (const record of answers) {
    const isReached = reached === null ? record.owner === question.name : reached.has(record.owner);
    const ttlSeconds = Math.min(reached?.get(record.owner) ?? record.ttlSeconds, record.ttlSeconds);
    if (!isReached || found.length >= maximumNamesPerMessage) continue;
    if (record.kind === 'address') found.push({ name, address: record.address, ttlSeconds });
    else if (record.kind === 'service') for (const address of record.hints.slice(0, maximumNamesPerMessage - found.length)) found.push({ name, address, ttlSeconds });
  }
  return found;
}
