import { AddressTexts } from '../../core/flow/address-texts.ts';

/** One socket as INET_DIAG tells it (linux/inet_diag.h). */
export interface SocketRecord {
  readonly family: 4 | 6;
  readonly protocol: number;
  readonly state: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly interfaceIndex: number;
  readonly uid: number;
  readonly inode: number;
  /** IPV6_V6ONLY of a listening or unconnected IPv6 socket: it takes no IPv4; null where the kernel does not say. */
  readonly ipv6Only: boolean | null;
  /** SO_COOKIE as decimal text (64 bits). */
  readonly cookie: string;
  /** Smoothed round-trip time in microseconds of a TCP socket with INET_DIAG_INFO; 0 where unknown. */
  readonly roundTripMicroseconds: number;
  /** Segments that a TCP socket has sent again in its whole life. */
  readonly retransmits: number;
  /** Segments that it may have under way; 0 where unknown. */
  readonly congestionWindow: number;
  /** What a TCP socket has moved in its whole life: payload bytes, those sent again among the sent ones; 0 where unknown. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Its segments, those without payload among them; the counters have 32 bits and begin anew. */
  readonly segmentsSent: number;
  readonly segmentsReceived: number;
}

/** What a socket tells that is no TCP socket. */
export const noTcpInfo = {
  roundTripMicroseconds: 0,
  retransmits: 0,
  congestionWindow: 0,
  bytesSent: 0,
  bytesReceived: 0,
  segmentsSent: 0,
  segmentsReceived: 0,
};

// Layout: addRecord in socket_diag.cc.
const recordLength = 112;
const ipv6OnlyBy: readonly (boolean | null)[] = [null, false, true];

const texts = new AddressTexts();

function readSocket(bytes: Uint8Array, view: DataView, at: number): SocketRecord {
  const family = view.getUint8(at + 44) === 6 ? 6 : 4;
  return {
    family,
    protocol: view.getUint8(at + 45),
    state: view.getUint8(at + 46),
    localAddress: texts.read(bytes, at + 8, family),
    localPort: view.getUint16(at + 40, true),
    remoteAddress: texts.read(bytes, at + 24, family),
    remotePort: view.getUint16(at + 42, true),
    interfaceIndex: view.getUint32(at + 48, true),
    uid: view.getUint32(at + 52, true),
    inode: view.getFloat64(at + 56, true),
    ipv6Only: ipv6OnlyBy[view.getUint8(at + 47)] ?? null,
    cookie: view.getBigUint64(at, true).toString(),
    roundTripMicroseconds: view.getUint32(at + 72, true),
    retransmits: view.getUint32(at + 76, true),
    congestionWindow: view.getUint32(at + 80, true),
    bytesSent: view.getFloat64(at + 88, true),
    bytesReceived: view.getFloat64(at + 96, true),
    segmentsSent: view.getUint32(at + 84, true),
    segmentsReceived: view.getUint32(at + 104, true),
  };
}

/** Reads the sockets of one answer. Throws RangeError where it is cut. */
export function readSockets(bytes: Uint8Array): SocketRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sockets: SocketRecord[] = [];
  for (let at = 0; at < bytes.length; at += recordLength) sockets.push(readSocket(bytes, view, at));
  return sockets;
}
