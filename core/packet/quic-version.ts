/** What differs between the versions of QUIC, as far as their Initial packets go. */
export interface QuicVersion {
  /** Salt of the initial secret. */
  readonly salt: Uint8Array;
  /** Labels of the client's keys. */
  readonly labels: { readonly key: string; readonly iv: string; readonly headerProtection: string };
  /** The two type bits of long headers. */
  readonly types: { readonly initial: number; readonly retry: number };
}

const labels = { key: 'quic key', iv: 'quic iv', headerProtection: 'quic hp' };
const types = { initial: 0, retry: 3 };

/** RFC 9001 5.2; drafts 33 and 34 had it already. */
const version1: QuicVersion = {
  salt: Uint8Array.of(0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a),
  labels,
  types,
};

/** RFC 9369 3.2 and 3.3. */
const version2: QuicVersion = {
  salt: Uint8Array.of(0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9),
  labels: { key: 'quicv2 key', iv: 'quicv2 iv', headerProtection: 'quicv2 hp' },
  types: { initial: 1, retry: 0 },
};

/** draft-ietf-quic-tls-29 5.2, in use until draft 32. */
const draft29: QuicVersion = {
  salt: Uint8Array.of(0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99),
  labels,
  types,
};

/** draft-ietf-quic-tls-23 5.2, in use until draft 28 and in Facebook's mvfst. */
const draft23: QuicVersion = {
  salt: Uint8Array.of(0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02),
  labels,
  types,
};

const drafts = 0xff00_0000;

/** The version by its number on the wire; null for those that are not read: unknown, reserved, Google's own. */
export function quicVersionOf(number: number): QuicVersion | null {
  if (number === 1) return version1;
  if (number === 0x6b33_43cf) return version2;
  if (number === 0xface_b002 || number === 0xface_b00e) return draft23;
  const draft = number - drafts;
  if (draft < 23 || draft > 34) return null;
  if (draft >= 33) return version1;
  return draft >= 29 ? draft29 : draft23;
}
