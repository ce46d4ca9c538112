/**
 * IP addresses as text and as bytes. One canonical text per address (RFC 5952; IPv4-mapped IPv6 is written as IPv4), so
 * that text can be compared, kept as a key and shown.
 */

function ipv4Text(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

function isMapped(bytes: Uint8Array, offset: number): boolean {
  for (let index = 0; index < 10; index += 1) if (bytes[offset + index] !== 0) return false;
  return bytes[offset + 10] === 0xff && bytes[offset + 11] === 0xff;
}

/** Index and length of the longest run of zero groups; length is 0 where no run has two (RFC 5952 4.2.2). */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: -1, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index += 1) {
    if (groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best.length >= 2 ? best : { start: -1, length: 0 };
}

function ipv6Text(bytes: Uint8Array, offset: number): string {
  const groups: number[] = [];
  for (let index = 0; index < 16; index += 2) {
    groups.push(((bytes[offset + index] ?? 0) << 8) | (bytes[offset + index + 1] ?? 0));
  }
  const hex = (from: number, to: number): string =>
    groups.slice(from, to).map((group) => group.toString(16)).join(':');
  const run = longestZeroRun(groups);
  if (run.length === 0) return hex(0, 8);
  return `${hex(0, run.start)}::${hex(run.start + run.length, 8)}`;
}

/**
 * The canonical text of the address at `offset`: 4 bytes for family 4, 16 for family 6.
 * The caller has made sure that the bytes are there.
 */
export function addressText(bytes: Uint8Array, offset: number, family: 4 | 6): string {
  if (family === 4) return ipv4Text(bytes, offset);
  return isMapped(bytes, offset) ? ipv4Text(bytes, offset + 12) : ipv6Text(bytes, offset);
}

function parseIpv4(text: string): Uint8Array | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/u.exec(text);
  if (match === null) return null;
  const parts = match.slice(1).map(Number);
  return parts.every((part) => part <= 255) ? Uint8Array.from(parts) : null;
}

function parseGroups(text: string): number[] | null {
  if (text === '') return [];
  const groups = text.split(':');
  return groups.every((group) => /^[0-9a-f]{1,4}$/iu.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : null;
}

/** A dotted quad at the end of an IPv6 text is two of its groups (RFC 4291 2.2). */
function withoutDottedQuad(text: string): string | null {
  const colon = text.lastIndexOf(':');
  const tail = text.slice(colon + 1);
  if (!tail.includes('.')) return text;
  const quad = parseIpv4(tail);
  if (quad === null) return null;
  const [first = 0, second = 0, third = 0, fourth = 0] = quad;
  return `${text.slice(0, colon + 1)}${((first << 8) | second).toString(16)}:${((third << 8) | fourth).toString(16)}`;
}

function parseIpv6(text: string): Uint8Array | null {
  const plain = withoutDottedQuad(text);
  if (plain === null) return null;
  const halves = plain.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] ?? '');
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => 0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/**
 * The bytes of an address: 4 for IPv4 and IPv4-mapped IPv6, 16 for other IPv6. A zone (`%eth0`) is ignored.
 * Null where the text is no address.
 */
export function addressBytes(text: string): Uint8Array | null {
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text.replace(/%.*$/u, ''));
  if (bytes === null) return null;
  return isMapped(bytes, 0) ? bytes.slice(12) : bytes;
}

/** The canonical text of an address that may be written in any valid way, or null where it is none. */
export function canonicalAddress(text: string): string | null {
  const bytes = addressBytes(text);
  return bytes === null ? null : addressText(bytes, 0, bytes.length === 4 ? 4 : 6);
}
