import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { pack } from 'tar-stream';
import type { EpochMs } from '../../protocol/units.ts';
import type { ArchiveForm } from './archive.ts';

/** A file in an archived report. */
export interface ArchivedFile {
  readonly name: string;
  readonly content: Uint8Array;
}

async function tarOf(files: readonly ArchivedFile[], at: EpochMs): Promise<Uint8Array> {
  const tar = pack();
  for (const { name, content } of files) tar.entry({ name, mode: 0o600, mtime: new Date(at) }, Buffer.from(content));
  tar.finalize();
  const parts: Buffer[] = [];
  tar.on('data', (part) => {
    if (Buffer.isBuffer(part)) parts.push(part);
  });
  await once(tar, 'end');
  return gzipSync(Buffer.concat(parts));
}

/** The files in one, compressed. */
export async function compressed(files: readonly ArchivedFile[], form: ArchiveForm, at: EpochMs): Promise<Uint8Array> {
  if (form === 'tar.gz') return tarOf(files, at);
  return zipSync(Object.fromEntries(files.map(({ name, content }) => [name, content])), { level: 9, mtime: new Date(at) });
}
