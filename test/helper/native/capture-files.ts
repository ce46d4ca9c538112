/** Capture files made by hand: classic pcap and pcapng, in both byte orders. */
import { bytes, zeros } from './frames.ts';
import type { Bytes } from './frames.ts';

export interface Frame {
  readonly data: Bytes;
  /** Bytes on the wire, where the capture kept fewer (or claims to). */
  readonly originalLength?: number;
  /** Nanoseconds since 1970. */
  readonly time?: bigint;
}

export type ByteOrder = 'little' | 'big';

const nanosecondsPerSecond = 1_000_000_000n;

function word(value: number, order: ByteOrder): Bytes {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value >>> 0, order === 'little');
  return out;
}

function half(value: number, order: ByteOrder): Bytes {
  const out = new Uint8Array(2);
  new DataView(out.buffer).setUint16(0, value, order === 'little');
  return out;
}

export interface PcapOptions {
  readonly linkType?: number;
  readonly order?: ByteOrder;
  readonly resolution?: 'microseconds' | 'nanoseconds';
}

export function pcapFile(frames: readonly Frame[], options: PcapOptions = {}): Bytes {
  const { linkType = 1, order = 'little', resolution = 'nanoseconds' } = options;
  const w = (value: number): Bytes => word(value, order);
  const magic = resolution === 'nanoseconds' ? 0xa1b23c4d : 0xa1b2c3d4;
  const unit = resolution === 'nanoseconds' ? 1n : 1000n;
  const header = [w(magic), half(2, order), half(4, order), w(0), w(0), w(262144), w(linkType)];
  const records = frames.flatMap(({ data, originalLength = data.length, time = 0n }) => [
    w(Number(time / nanosecondsPerSecond)),
    w(Number((time % nanosecondsPerSecond) / unit)),
    w(data.length),
    w(originalLength),
    data,
  ]);
  return bytes(...header, ...records);
}

/** A pcapng block: type, length, body padded to four bytes, length. */
export function block(type: number, body: Bytes, order: ByteOrder = 'little'): Bytes {
  const padded = bytes(body, zeros((4 - (body.length % 4)) % 4));
  const length = word(padded.length + 12, order);
  return bytes(word(type, order), length, padded, length);
}

export function sectionBlock(order: ByteOrder = 'little'): Bytes {
  const unknownLength = bytes(word(0xffffffff, order), word(0xffffffff, order));
  return block(0x0a0d0d0a, bytes(word(0x1a2b3c4d, order), half(1, order), half(0, order), unknownLength), order);
}

export interface InterfaceFields {
  readonly linkType: number;
  readonly snapLength?: number;
  /** if_tsresol (option 9). */
  readonly resolution?: number;
}

export function interfaceBlock(fields: InterfaceFields, order: ByteOrder = 'little'): Bytes {
  const resolution =
    fields.resolution === undefined ? zeros(0) : bytes(half(9, order), half(1, order), fields.resolution, 0, 0, 0, zeros(4));
  return block(1, bytes(half(fields.linkType, order), 0, 0, word(fields.snapLength ?? 0, order), resolution), order);
}

/** `stamp` is in units of the interface. */
export function enhancedPacketBlock(interfaceNumber: number, stamp: bigint, frame: Frame, order: ByteOrder = 'little'): Bytes {
  const { data, originalLength = data.length } = frame;
  const head = [interfaceNumber, Number(stamp >> 32n), Number(stamp & 0xffffffffn), data.length, originalLength];
  return block(6, bytes(...head.map((value) => word(value, order)), data), order);
}

export function simplePacketBlock(frame: Frame, order: ByteOrder = 'little'): Bytes {
  return block(3, bytes(word(frame.originalLength ?? frame.data.length, order), frame.data), order);
}
