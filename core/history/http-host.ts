import { registrableDomain } from '../naming/index.ts';
import type { BucketHost } from './usage.ts';

/** An address as a `Host` field has it (RFC 9110 7.2): IPv6 in brackets or, once it was read, without. */
const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[\da-f:.]*:[\da-f:.]*\]?)$/iu;

/** The host that a request named, as a host of the history; null stands for all that have no row of their own. */
export function httpHost(name: string | null): BucketHost {
  if (name === null) return { kind: 'other-names' };
  if (address.test(name)) return { kind: 'address', address: name.replace(/^\[|\]$/gu, '') };
  return { kind: 'name', name, domain: registrableDomain(name) ?? name, source: 'http-host' };
}
