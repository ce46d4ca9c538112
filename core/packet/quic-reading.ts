import { ByteStream } from './byte-stream.ts';
import { copied, sameBytes } from './bytes.ts';
import type { QuicCrypto } from './quic-crypto.ts';
import { clientInitialKeys, cryptoPiecesOf, openInitial } from './quic-initial.ts';
import type { InitialKeys } from './quic-initial.ts';
import { initialPacketsOf } from './quic-packet.ts';
import type { InitialPacket } from './quic-packet.ts';
import type { QuicVersion } from './quic-version.ts';
import { nothing } from './reading.ts';
import type { PayloadClue, Reading, Told } from './reading.ts';
import { HandshakeReader } from './tls-client-hello.ts';
import type { ClientHello } from './tls-client-hello.ts';

/** Connections tried on one flow: a Retry makes a second, and a port may be used again. */
const maximumConnections = 4;

/** Packets that no keys opened before a flow is given up: each costs two derivations at most. */
const maximumFailures = 16;

/** The largest offset of handshake bytes that is put together. */
const maximumOffset = 65_536;

/** One connection by its first destination ID: its keys, and the handshake bytes so far. */
class QuicConnection {
  readonly #crypto: QuicCrypto;
  readonly #destinationId: Uint8Array;
  /** Keys by version: in a negotiation the version changes, and the ID they come from stays (RFC 9369 4.1). */
  readonly #keys = new Map<QuicVersion, InitialKeys>();
  readonly #stream = new ByteStream();
  readonly #handshake = new HandshakeReader();

  constructor(crypto: QuicCrypto, destinationId: Uint8Array) {
    this.#crypto = crypto;
    this.#destinationId = copied(destinationId);
    this.#stream.push(0, new Uint8Array(0));
  }

  get heldBytes(): number {
    return this.#stream.waitingBytes + this.#handshake.heldBytes;
  }

  isNamed(destinationId: Uint8Array): boolean {
    return sameBytes(destinationId, this.#destinationId);
  }

  open(packet: InitialPacket): Uint8Array | null {
    const known = this.#keys.get(packet.version);
    const keys = known ?? clientInitialKeys(this.#crypto, packet.version, this.#destinationId);
    if (known === undefined) this.#keys.set(packet.version, keys);
    return openInitial(this.#crypto, keys, packet);
  }

  /** Takes the content of a packet; returns the ClientHello once it is whole. */
  take(content: Uint8Array): ClientHello | 'not-tls' | null {
    for (const { offset, bytes } of cryptoPiecesOf(content)) {
      if (offset > maximumOffset) continue;
      for (const piece of this.#stream.push(offset, bytes)) {
        const outcome = this.#handshake.push(piece);
        if (outcome.kind === 'hello') return outcome.hello;
        if (outcome.kind === 'not-tls') return 'not-tls';
      }
    }
    return null;
  }
}

/**
 * Reads the Initial packets of one UDP flow. Keys stay bound to the first destination ID, which the client changes once
 * the server has answered; after a Retry they follow from the new one. So every packet is tried with the keys of the
 * connections at hand, and then with those of its own destination ID.
 */
export class QuicReading implements Reading {
  readonly #crypto: QuicCrypto;
  #connections: readonly QuicConnection[] = [];
  #client: 'ab' | 'ba' | null = null;
  #failures = 0;
  #isDone = false;

  constructor(crypto: QuicCrypto) {
    this.#crypto = crypto;
  }

  get heldBytes(): number {
    return this.#connections.reduce((sum, connection) => sum + connection.heldBytes, 0);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  read(clue: PayloadClue): Told {
    if (this.#client !== null && clue.direction !== this.#client) return nothing;
    for (const packet of initialPacketsOf(clue.payload)) {
      const hello = this.#readPacket(packet, clue.direction);
      if (hello !== null) return this.#tell(hello, clue);
    }
    return nothing;
  }

  #tell({ name, encryptedClientHello }: ClientHello, { flow, time }: PayloadClue): Told {
    this.#isDone = true;
    this.#connections = [];
    if (name === null) return nothing;
    return { names: [{ kind: 'flow', flow, source: 'quic-sni', name, time, encryptedClientHello }], http: [] };
  }

  #readPacket(packet: InitialPacket, direction: 'ab' | 'ba'): ClientHello | null {
    const opened = this.#open(packet);
    if (opened === null) {
      this.#failures += 1;
      if (this.#failures >= maximumFailures) this.#isDone = true;
      return null;
    }
    this.#client = direction;
    const { connection, content } = opened;
    const hello = connection.take(content);
    if (hello !== 'not-tls') return hello;
    this.#connections = this.#connections.filter((one) => one !== connection);
    return null;
  }

  #open(packet: InitialPacket): { readonly connection: QuicConnection; readonly content: Uint8Array } | null {
    const named = this.#connections.find((connection) => connection.isNamed(packet.destinationId));
    const candidates = named === undefined ? [...this.#connections, new QuicConnection(this.#crypto, packet.destinationId)] : [named];
    for (const connection of candidates) {
      const content = connection.open(packet);
      if (content === null) continue;
      if (!this.#connections.includes(connection)) this.#connections = [...this.#connections, connection].slice(-maximumConnections);
      return { connection, content };
    }
    return null;
  }
}
