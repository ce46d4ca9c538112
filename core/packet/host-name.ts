/** Longest host name in text (RFC 1035 2.3.4: 255 bytes on the wire, less the first length byte and the root). */
const maximumLength = 253;

/** Letters, digits, hyphen and underscore in labels of 1 to 63: what resolvers really ask for, A-labels included. */
const labels = /^[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})*$/u;

const allDigits = /^[\d.]+$/u;
const dottedQuad = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/u;

/** ASCII only: `toLowerCase` alone would turn the Kelvin sign into the letter k. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/gu, (letters) => letters.toLowerCase());
}

function bare(text: string): string {
  const withoutPort = text.replace(/:\d{0,5}$/u, '');
  return lowerCase(withoutPort.endsWith('.') ? withoutPort.slice(0, -1) : withoutPort);
}

/**
 * A host name as protocol/units.ts defines it: lower case, no trailing dot, no port, at most 253 characters. Null for
 * everything else, IP addresses too: an address says nothing that the flow does not know (RFC 6066 3 forbids it in SNI).
 */
export function hostNameOf(text: string): string | null {
  if (text.length > maximumLength + 7) return null;
  // Most names come as they should be.
  const isBare = labels.test(text);
  const name = isBare ? text : bare(text);
  if (name.length > maximumLength || allDigits.test(name)) return null;
  return isBare || labels.test(name) ? name : null;
}

/**
 * The host that an HTTP request asked for. A dotted quad is taken as it is: the person typed it, and it may differ from
 * the address of a proxy or a forwarded port.
 */
export function httpHostOf(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed.length > maximumLength + 7) return null;
  const name = bare(trimmed);
  return dottedQuad.test(name) ? name : hostNameOf(name);
}
