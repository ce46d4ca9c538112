import { closeSync, openSync, readFileSync, readdirSync, statSync, writeSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { projectRoot } from '../../scenario/harness/program.ts';

/** A large classic pcap file (little-endian, microseconds; pcap-savefile(5)) made of a small one, or of nothing. */
export interface LargeCapture {
  readonly path: string;
  readonly packets: number;
  readonly bytes: number;
  readonly origin: string;
}

const fileHeaderBytes = 24;
const recordHeaderBytes = 16;
const littleEndianMicroseconds = 0xa1b2c3d4;

/** Where captures made by others may lie, beside the checkout. */
const captureFolder = `${projectRoot}../shared/captures`;

/** The largest capture there that is a classic little-endian pcap, or null. */
function largestCapture(): { readonly name: string; readonly bytes: Uint8Array } | null {
  if (!existsSync(captureFolder)) return null;
  const files = readdirSync(captureFolder)
    .filter((name) => name.endsWith('.pcap'))
    .map((name) => ({ name, size: statSync(`${captureFolder}/${name}`).size }))
    .toSorted((a, b) => b.size - a.size);
  for (const { name } of files) {
    const bytes = readFileSync(`${captureFolder}/${name}`);
    if (bytes.length > fileHeaderBytes && bytes.readUInt32LE(0) === littleEndianMicroseconds) return { name, bytes };
  }
  return null;
}

/** Where each record begins, and the seconds its time stamp holds. A record that is cut off is left out. */
function records(bytes: DataView): readonly { readonly offset: number; readonly end: number; readonly seconds: number }[] {
  const found: { offset: number; end: number; seconds: number }[] = [];
  let offset = fileHeaderBytes;
  while (offset + recordHeaderBytes <= bytes.byteLength) {
    const end = offset + recordHeaderBytes + bytes.getUint32(offset + 8, true);
    if (end > bytes.byteLength) break;
    found.push({ offset, end, seconds: bytes.getUint32(offset, true) });
    offset = end;
  }
  return found;
}

/** A silence longer than this is cut to it, in seconds: a capture joined of two, years apart, would outrun 32 bits of seconds. */
const longestSilence = 60;

/** The seconds of each record with all silences cut; time that runs backwards stays as it is. */
function withoutSilences(seconds: readonly number[]): readonly number[] {
  let cut = 0;
  return seconds.map((second, index) => {
    const silence = second - (seconds[index - 1] ?? second);
    if (silence > longestSilence) cut += silence - longestSilence;
    return second - cut;
  });
}

/** Writes `source` again and again, each time later by as long as it lasts, until there are `wanted` packets. */
function repeat(source: Uint8Array, path: string, wanted: number): { packets: number; bytes: number } {
  const copy = Uint8Array.from(source);
  const view = new DataView(copy.buffer);
  const found = records(view);
  const times = withoutSilences(found.map(({ seconds }) => seconds));
  const lasts = Math.max(...times) - Math.min(...times) + 1;
  const end = found.at(-1)?.end ?? fileHeaderBytes;
  const file = openSync(path, 'w');
  writeSync(file, copy, 0, fileHeaderBytes);
  let packets = 0;
  let bytes = fileHeaderBytes;
  for (let round = 0; packets < wanted && found.length > 0; round += 1) {
    for (const [index, { offset }] of found.entries()) view.setUint32(offset, (times[index] ?? 0) + round * lasts, true);
    writeSync(file, copy, fileHeaderBytes, end - fileHeaderBytes);
    packets += found.length;
    bytes += end - fileHeaderBytes;
  }
  closeSync(file);
  return { packets, bytes };
}

/** Frames of 64 bytes between 10 000 pairs of ports, a microsecond apart: all headers and hardly any payload. */
function smallPackets(): Uint8Array {
  const flows = 10_000;
  const frame = 64;
  const file = Buffer.alloc(fileHeaderBytes + flows * (recordHeaderBytes + frame));
  file.writeUInt32LE(littleEndianMicroseconds, 0);
  file.writeUInt16LE(2, 4);
  file.writeUInt16LE(4, 6);
  file.writeUInt32LE(65_535, 16);
  file.writeUInt32LE(1, 20); // DLT_EN10MB
  for (let flow = 0; flow < flows; flow += 1) {
    const record = fileHeaderBytes + flow * (recordHeaderBytes + frame);
    file.writeUInt32LE(1_700_000_000, record);
    file.writeUInt32LE(flow, record + 4);
    file.writeUInt32LE(frame, record + 8);
    file.writeUInt32LE(frame, record + 12);
    const ethernet = record + recordHeaderBytes;
    file.writeUInt16BE(0x0800, ethernet + 12);
    const ip = ethernet + 14;
    file.writeUInt8(0x45, ip);
    file.writeUInt16BE(frame - 14, ip + 2);
    file.writeUInt8(64, ip + 8);
    file.writeUInt8(17, ip + 9);
    file.writeUInt32BE(0xc6336402, ip + 12); // 198.51.100.2
    file.writeUInt32BE(0xc633640b, ip + 16); // 198.51.100.11
    file.writeUInt16BE(10_000 + flow, ip + 20);
    file.writeUInt16BE(9000, ip + 22);
    file.writeUInt16BE(frame - 34, ip + 24);
  }
  return file;
}

/** Makes a file of at least `wanted` packets in `folder`: of the largest real capture at hand, or null where there is none. */
export function repeatRealCapture(folder: string, wanted: number): LargeCapture | null {
  const found = largestCapture();
  if (found === null) return null;
  const path = `${folder}/real.pcap`;
  return { path, ...repeat(found.bytes, path, wanted), origin: `${found.name}, repeated` };
}

/** Makes a file of at least `wanted` small packets of 10 000 flows. */
export function synthesizeCapture(folder: string, wanted: number): LargeCapture {
  const path = `${folder}/small.pcap`;
  return { path, ...repeat(smallPackets(), path, wanted), origin: '64-byte frames of 10 000 flows' };
}
