import { AddressTexts } from '../flow/address-texts.ts';
import { uint16, uint32, uint8 } from './bytes.ts';
import { NameText } from './name-text.ts';

/**
 * DNS messages (RFC 1035 4), read so that any bytes are safe. A damaged header or question gives null; a damaged record
 * ends the reading there, and what came before it is kept.
 */

export type DnsSection = 'answer' | 'authority' | 'additional';

/** Which sections of a message are wanted. */
export type DnsSections = 'answer' | 'all';

/** What this program needs of a resource record. `owner` and `target` are lower case, without a final dot. */
export type DnsRecord = {
  readonly section: DnsSection;
  readonly owner: string;
  /** As on the wire: mDNS uses the top bit for something else (RFC 6762 10.2). */
  readonly class: number;
  readonly ttlSeconds: number;
} & (
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'alias'; readonly target: string }
  | { readonly kind: 'subtree-alias'; readonly target: string }
  /** HTTPS and SVCB (RFC 9460). `target` is empty where it stands for the owner itself. */
  | { readonly kind: 'service'; readonly aliasMode: boolean; readonly target: string; readonly hints: readonly string[] }
);

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface DnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  readonly isTruncated: boolean;
  /** 0 is success (RFC 1035 4.1.1 RCODE). */
  readonly responseCode: number;
  readonly questions: readonly DnsQuestion[];
  readonly records: readonly DnsRecord[];
}

/** More questions than one are not used by anyone; more than this is noise. */
const maximumQuestions = 8;

/** A 64 KiB answer could claim 5 000 records; real ones have less than 100. */
const maximumRecords = 512;

/** Longest name on the wire (RFC 1035 2.3.4). */
const maximumNameBytes = 255;

const headerBytes = 12;
const classInternet = 1;
const typeA = 1;
const typeCname = 5;
const typeAaaa = 28;
const typeDname = 39;
const typeSvcb = 64;
const typeHttps = 65;

interface NameAt {
  readonly name: string;
  /** Offset of the first byte after the name where it stands (a pointer is two bytes). */
  readonly end: number;
}

/** One lower-case character for each byte of a label; a dot inside a label or a byte that no host name has is `\ufffd`. */
const characters = Uint16Array.from({ length: 256 }, (_, code) => {
  const letter = String.fromCharCode(code);
  return /[A-Za-z\d_-]/u.test(letter) ? letter.toLowerCase().charCodeAt(0) : 0xfffd;
});

const dot = 46;

/** Where a name is put together before it becomes a text. */
const written = new NameText(maximumNameBytes);

const addresses = new AddressTexts();

/**
 * The name at `start`, following compression (RFC 1035 4.1.4): each pointer must lead to a smaller offset than the part
 * it ends, so that loops cannot be. Null for a broken name. The root is the empty text.
 */
export function readDnsName(bytes: Uint8Array, start: number): NameAt | null {
  let wireBytes = 1;
  let offset = start;
  let partStart = start;
  let end = -1;
  written.clear();
  while (offset < bytes.length) {
    const labelBytes = uint8(bytes, offset);
    if (labelBytes === 0) return { name: written.text(), end: end < 0 ? offset + 1 : end };
    if (labelBytes >= 0xc0) {
      const target = uint16(bytes, offset) & 0x3fff;
      if (offset + 2 > bytes.length || target >= partStart) return null;
      if (end < 0) end = offset + 2;
      offset = target;
      partStart = target;
      continue;
    }
    wireBytes += labelBytes + 1;
    if (labelBytes > 63 || wireBytes > maximumNameBytes || offset + 1 + labelBytes > bytes.length) return null;
    if (written.length > 0) written.add(dot);
    for (let index = offset + 1; index <= offset + labelBytes; index += 1) written.add(characters[uint8(bytes, index)] ?? 0);
    offset += labelBytes + 1;
  }
  return null;
}

/** Questions of one message; null where one is broken. */
function readQuestions(bytes: Uint8Array, count: number): { questions: DnsQuestion[]; end: number } | null {
  const questions: DnsQuestion[] = [];
  let end = headerBytes;
  for (let index = 0; index < count; index += 1) {
    const at = readDnsName(bytes, end);
    if (at === null || at.end + 4 > bytes.length) return null;
    questions.push({ name: at.name, type: uint16(bytes, at.end), class: uint16(bytes, at.end + 2) });
    end = at.end + 4;
  }
  return { questions, end };
}

/** The address hints among the parameters of an HTTPS or SVCB record (RFC 9460 7.3: keys 4 and 6). */
function readHints(bytes: Uint8Array, start: number, end: number): readonly string[] {
  const hints: string[] = [];
  let offset = start;
  while (offset + 4 <= end) {
    const key = uint16(bytes, offset);
    const valueEnd = offset + 4 + uint16(bytes, offset + 2);
    if (valueEnd > end) break;
    const size = key === 4 ? 4 : 16;
    if (key === 4 || key === 6) {
      for (let at = offset + 4; at + size <= valueEnd; at += size) hints.push(addresses.read(bytes, at, key));
    }
    offset = valueEnd;
  }
  return hints;
}

/** A record's fields but for its data, and where those stand. */
interface RecordAt {
  readonly section: DnsSection;
  readonly owner: string;
  readonly class: number;
  readonly ttlSeconds: number;
  readonly type: number;
  readonly dataStart: number;
  readonly dataEnd: number;
}

/** What a record says, or null for a type that names nothing. `'broken'` where its data contradict its type. */
function readRecordData(bytes: Uint8Array, at: RecordAt): DnsRecord | null | 'broken' {
  const { section, owner, ttlSeconds, type, dataStart, dataEnd } = at;
  const size = dataEnd - dataStart;
  switch (type) {
    case typeA:
    case typeAaaa: {
      const family = type === typeA ? 4 : 6;
      if (size !== (family === 4 ? 4 : 16)) return 'broken';
      return { kind: 'address', section, owner, class: at.class, ttlSeconds, address: addresses.read(bytes, dataStart, family) };
    }
    case typeCname:
    case typeDname: {
      const target = readDnsName(bytes, dataStart);
      if (target === null || target.end > dataEnd) return 'broken';
      return { kind: type === typeCname ? 'alias' : 'subtree-alias', section, owner, class: at.class, ttlSeconds, target: target.name };
    }
    case typeSvcb:
    case typeHttps: {
      const target = readDnsName(bytes, dataStart + 2);
      if (target === null || target.end > dataEnd) return 'broken';
      const aliasMode = uint16(bytes, dataStart) === 0;
      const hints = readHints(bytes, target.end, dataEnd);
      return { kind: 'service', section, owner, class: at.class, ttlSeconds, aliasMode, target: target.name, hints };
    }
    default:
      return null;
  }
}

/** The time to live: with its top bit set it counts as 0 (RFC 2181 8). */
function readTtl(bytes: Uint8Array, offset: number): number {
  const seconds = uint32(bytes, offset);
  return seconds >= 2 ** 31 ? 0 : seconds;
}

/** Where the records begin, and which of them are wanted. */
interface RecordsAt {
  readonly start: number;
  readonly question: DnsQuestion | undefined;
  readonly sections: DnsSections;
}

function readRecords(bytes: Uint8Array, { start, question, sections }: RecordsAt): DnsRecord[] {
  const answerEnd = uint16(bytes, 6);
  const authorityEnd = answerEnd + uint16(bytes, 8);
  const count = Math.min(sections === 'answer' ? answerEnd : authorityEnd + uint16(bytes, 10), maximumRecords);
  const records: DnsRecord[] = [];
  let offset = start;
  for (let index = 0; index < count; index += 1) {
    // Nearly every record points at the question's name, which stands right after the header.
    const isQuestionName = question !== undefined && uint16(bytes, offset) === (0xc000 | headerBytes);
    const owner = isQuestionName ? { name: question.name, end: offset + 2 } : readDnsName(bytes, offset);
    if (owner === null || owner.end + 10 > bytes.length) break;
    const dataStart = owner.end + 10;
    const dataEnd = dataStart + uint16(bytes, owner.end + 8);
    if (dataEnd > bytes.length) break;
    const section = index < answerEnd ? 'answer' : index < authorityEnd ? 'authority' : 'additional';
    const record = readRecordData(bytes, {
      section,
      owner: owner.name,
      class: uint16(bytes, owner.end + 2),
      ttlSeconds: readTtl(bytes, owner.end + 4),
      type: uint16(bytes, owner.end),
      dataStart,
      dataEnd,
    });
    if (record === 'broken') break;
    if (record !== null) records.push(record);
    offset = dataEnd;
  }
  return records;
}

/** Whether the bytes begin a question (RFC 1035 4.1.1 QR). */
export function isDnsQuestion(bytes: Uint8Array): boolean {
  return (uint8(bytes, 2) & 0x80) === 0;
}

/**
 * Reads one DNS message; of its records those of the answer section, where all that a resolver was asked for stands, or of
 * all three. Null where the bytes are none.
 */
export function readDnsMessage(bytes: Uint8Array, sections: DnsSections = 'answer'): DnsMessage | null {
  if (bytes.length < headerBytes) return null;
  const flags = uint16(bytes, 2);
  const questionCount = uint16(bytes, 4);
  if (questionCount > maximumQuestions) return null;
  const asked = readQuestions(bytes, questionCount);
  if (asked === null) return null;
  return {
    id: uint16(bytes, 0),
    isResponse: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0x0f,
    isTruncated: (flags & 0x0200) !== 0,
    responseCode: flags & 0x0f,
    questions: asked.questions,
    records: readRecords(bytes, { start: asked.end, question: asked.questions[0], sections }),
  };
}

/** Whether a record or question is of the Internet class; mDNS uses the top bit of the field otherwise. */
export function isInternetClass(value: number): boolean {
  return (value & 0x7fff) === classInternet;
}
