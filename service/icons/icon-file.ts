import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { maximumIconBytes } from '../../protocol/app.ts';
import type { Icon } from '../../protocol/app.ts';

/** The bytes of a regular file of at most so many; null where it is none, is longer, or cannot be read. */
function readBytes(file: string, maximum: number): Buffer | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, 'r');
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size === 0 || status.size > maximum) return null;
    const bytes = Buffer.alloc(status.size);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, status.size, 0));
  } catch {
    // There is none, or it is not for us.
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

/** The text of a file of at most so many bytes; null where there is none. */
export function readText(file: string, maximum: number): string | null {
  return readBytes(file, maximum)?.toString('utf8') ?? null;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function mediaTypeOf(bytes: Buffer): Icon['mediaType'] | null {
  if (bytes.subarray(0, pngSignature.length).equals(pngSignature)) return 'image/png';
  return /<svg[\s>]/u.test(bytes.toString('utf8', 0, 8192)) ? 'image/svg+xml' : null;
}

function isBelow(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
}

function realPath(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}

/** Whether a file is there, and lies below one of the folders once every link has been followed. Returns where it lies. */
export function placeOf(file: string, roots: readonly string[]): string | null {
  const real = realPath(file);
  if (real === null) return null;
  return roots.some((root) => isBelow(real, realPath(root) ?? root)) ? real : null;
}

/** A picture: PNG or SVG by its content, whatever it is called. Null where it is neither, or too large. */
export function readIcon(file: string): Icon | null {
  const bytes = readBytes(file, maximumIconBytes);
  const mediaType = bytes === null ? null : mediaTypeOf(bytes);
  return bytes === null || mediaType === null ? null : { mediaType, base64: bytes.toString('base64') };
}
