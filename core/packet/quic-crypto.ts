/** One packet to open with AES-128-GCM. */
export interface SealedPacket {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  /** The header, from its first byte through the packet number, without protection. */
  readonly associatedData: Uint8Array;
  /** Ciphertext with the 16 bytes of the tag behind it. */
  readonly sealed: Uint8Array;
}

/**
 * What reading QUIC Initial packets needs of a cryptographic library (RFC 9001 5). The keys are public: they follow from
 * the connection ID in the packet itself. No function throws on any input of the stated lengths.
 */
export interface QuicCrypto {
  /** HKDF-Extract with SHA-256 (RFC 5869 2.2): 32 bytes. */
  hkdfExtract(salt: Uint8Array, keyMaterial: Uint8Array): Uint8Array;
  /** HKDF-Expand-Label with SHA-256 and an empty context (RFC 8446 7.1). `label` is without its `tls13 ` prefix. */
  hkdfExpandLabel(secret: Uint8Array, label: string, length: number): Uint8Array;
  /** One block of AES-128 in ECB mode: key and block of 16 bytes. */
  aes128EcbBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  /** The plaintext, or null where the tag does not fit. */
  aes128GcmOpen(packet: SealedPacket): Uint8Array | null;
}
