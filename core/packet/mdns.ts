import { isInternetClass, readDnsMessage } from './dns-message.ts';
import type { AddressName } from './dns-names.ts';
import { hostNameOf } from './host-name.ts';

/** Names in one announcement; a host has a handful of addresses. */
const maximumNames = 32;

/**
 * The names that hosts give themselves in a multicast DNS response (RFC 6762): owners of address records under `.local`.
 * There is no question to match, and the addresses often stand in the additional section (RFC 6763 12).
 */
export function namesOfAnnouncement(payload: Uint8Array): readonly AddressName[] {
  const message = readDnsMessage(payload, 'all');
  if (message === null || !message.isResponse || message.responseCode !== 0) return [];
  const found: AddressName[] = [];
  for (const record of message.records) {
    if (record.kind !== 'address' || record.section === 'authority' || !isInternetClass(record.class)) continue;
    const name = record.owner.endsWith('.local') ? hostNameOf(record.owner) : null;
    // A time to live of 0 takes a name back (RFC 6762 10.1).
    if (name === null || record.ttlSeconds === 0 || found.length >= maximumNames) continue;
    found.push({ name, address: record.address, ttlSeconds: record.ttlSeconds });
  }
  return found;
}
