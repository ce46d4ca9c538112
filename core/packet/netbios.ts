import { addressText } from '../flow/address.ts';
import { uint16, uint32 } from './bytes.ts';
import { readDnsName } from './dns-message.ts';
import type { AddressName } from './dns-names.ts';
import { hostNameOf } from './host-name.ts';

/** NetBIOS name service over UDP (RFC 1002 4.2): DNS in form, with names and types of its own. */

const headerBytes = 12;
const typeNameService = 0x20;
const flagResponse = 0x8000;
const flagGroupName = 0x8000;
const opcodeQuery = 0;
/** Registration, refresh (two numbers are in use) and multi-homed registration: a host says what it is called. */
const opcodesOfClaims: ReadonlySet<number> = new Set([5, 8, 9, 15]);
/** The 16th byte of a name: workstation and file server are hosts; others are domains, browsers, users. */
const suffixesOfHosts: ReadonlySet<number> = new Set([0x00, 0x20]);
const encodedLength = 32;
const maximumAddresses = 16;
const nameServiceEntryBytes = 6;

/** The host's name out of its first-level encoding, two letters for each byte (RFC 1001 14.1); null for other names. */
function decodeName(encoded: string): string | null {
  const [label = ''] = encoded.split('.');
  if (label.length !== encodedLength || !/^[a-p]{32}$/u.test(label)) return null;
  const byteAt = (index: number): number => ((label.charCodeAt(index * 2) - 97) << 4) | (label.charCodeAt(index * 2 + 1) - 97);
  const bytes = Array.from({ length: 16 }, (_, index) => byteAt(index));
  if (!suffixesOfHosts.has(bytes[15] ?? 0xff)) return null;
  return hostNameOf(String.fromCharCode(...bytes.slice(0, 15)).replace(/[ \0]+$/u, ''));
}

/** The addresses of one name service record, group names left out. */
function readEntries(payload: Uint8Array, start: number, end: number): readonly string[] {
  const addresses: string[] = [];
  for (let at = start; at + nameServiceEntryBytes <= end && addresses.length < maximumAddresses; at += nameServiceEntryBytes) {
    if ((uint16(payload, at) & flagGroupName) === 0) addresses.push(addressText(payload, at + 2, 4));
  }
  return addresses;
}

function readNameRecord(payload: Uint8Array, start: number): readonly AddressName[] {
  const owner = readDnsName(payload, start);
  if (owner === null || owner.end + 10 > payload.length || uint16(payload, owner.end) !== typeNameService) return [];
  const name = decodeName(owner.name);
  const dataStart = owner.end + 10;
  const dataEnd = dataStart + uint16(payload, owner.end + 8);
  if (name === null || dataEnd > payload.length) return [];
  const ttlSeconds = Math.min(uint32(payload, owner.end + 4), 2 ** 31 - 1);
  return readEntries(payload, dataStart, dataEnd).map((address) => ({ name, address, ttlSeconds }));
}

/** The names that a positive response or a registration gives. Empty for all else. */
export function namesOfNetbios(payload: Uint8Array): readonly AddressName[] {
  if (payload.length < headerBytes) return [];
  const flags = uint16(payload, 2);
  const opcode = (flags >> 11) & 0x0f;
  const isResponse = (flags & flagResponse) !== 0;
  const isPositiveAnswer = isResponse && opcode === opcodeQuery && (flags & 0x0f) === 0 && uint16(payload, 6) === 1;
  if (isPositiveAnswer && uint16(payload, 4) === 0) return readNameRecord(payload, headerBytes);
  const isClaim = !isResponse && opcodesOfClaims.has(opcode) && uint16(payload, 4) === 1 && uint16(payload, 10) === 1;
  if (!isClaim) return [];
  const question = readDnsName(payload, headerBytes);
  return question === null ? [] : readNameRecord(payload, question.end + 4);
}
