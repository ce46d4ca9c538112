/**
 * Capture files as the pcapng draft has them (draft-ietf-opsawg-pcapng): one section, its interfaces, and packets with a comment.
 * All little-endian, which a reader learns from the section's magic.
 */

/** A packet of which a first part was kept. */
export interface WrittenPacket {
  /** Number of the interface block, counted from 0. */
  readonly interface: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly wireLength: number;
  readonly kept: Uint8Array;
  /** At most {@link longestComment} bytes of it are written; empty for none. */
  readonly comment: string;
}

const sectionHeader = 0x0a0d0d0a;
const interfaceDescription = 1;
const enhancedPacket = 6;
const byteOrderMagic = 0x1a2b3c4d;

const optionComment = 1;
const interfaceName = 2;
const interfaceResolution = 9;
const userApplication = 4;

/** The names of an app and of a host, escaped: far below the 65 535 that an option holds. */
export const longestComment = 4096;

/** Headers of a frame, most. */
const snapLength = 128;

const padded = (length: number): number => (length + 3) & ~3;

/** A block of a type around a body whose length is a multiple of four. */
function block(type: number, body: Buffer): Buffer {
  const whole = Buffer.alloc(body.length + 12);
  whole.writeUInt32LE(type, 0);
  whole.writeUInt32LE(whole.length, 4);
  body.copy(whole, 8);
  whole.writeUInt32LE(whole.length, whole.length - 4);
  return whole;
}

function option(code: number, value: Buffer): Buffer {
  const whole = Buffer.alloc(4 + padded(value.length));
  whole.writeUInt16LE(code, 0);
  whole.writeUInt16LE(value.length, 2);
  value.copy(whole, 4);
  return whole;
}

const endOfOptions = Buffer.alloc(4);

/** The beginning of a file. `program` wrote it. */
export function sectionBlock(program: string): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(byteOrderMagic, 0);
  fixed.writeUInt16LE(1, 4);
  // A section of unknown length: it ends with the file.
  fixed.writeBigInt64LE(-1n, 8);
  return block(sectionHeader, Buffer.concat([fixed, option(userApplication, Buffer.from(program)), endOfOptions]));
}

/** An interface whose packets follow, with times in nanoseconds. `linkType` is a number of linktypes.html of tcpdump.org. */
export function interfaceBlock({ name, linkType }: { readonly name: string; readonly linkType: number }): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(linkType, 0);
  fixed.writeUInt32LE(snapLength, 4);
  const options = [option(interfaceName, Buffer.from(name)), option(interfaceResolution, Buffer.from([9])), endOfOptions];
  return block(interfaceDescription, Buffer.concat([fixed, ...options]));
}

/** As many bytes of a text as may be, never half a character. */
function commentBytes(comment: string): Buffer {
  const bytes = Buffer.from(comment);
  if (bytes.length <= longestComment) return bytes;
  let end = longestComment;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

/** One packet. */
export function packetBlock(packet: WrittenPacket): Buffer {
  const { kept } = packet;
  const comment = packet.comment === '' ? null : commentBytes(packet.comment);
  const options = comment === null ? 0 : 4 + padded(comment.length) + 4;
  const length = 32 + padded(kept.length) + options;
  const whole = Buffer.alloc(length);
  whole.writeUInt32LE(enhancedPacket, 0);
  whole.writeUInt32LE(length, 4);
  whole.writeUInt32LE(packet.interface, 8);
  const time = BigInt(packet.seconds) * 1_000_000_000n + BigInt(packet.nanoseconds);
  whole.writeUInt32LE(Number(time >> 32n), 12);
  whole.writeUInt32LE(Number(time & 0xffff_ffffn), 16);
  whole.writeUInt32LE(kept.length, 20);
  whole.writeUInt32LE(Math.max(packet.wireLength, kept.length), 24);
  whole.set(kept, 28);
  if (comment !== null) {
    const at = 28 + padded(kept.length);
    whole.writeUInt16LE(optionComment, at);
    whole.writeUInt16LE(comment.length, at + 2);
    comment.copy(whole, at + 4);
  }
  whole.writeUInt32LE(length, length - 4);
  return whole;
}
