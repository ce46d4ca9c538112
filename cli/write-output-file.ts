import { statSync } from 'node:fs';
import { writeWhole } from '../service/index.ts';
import { CommandError } from './failure.ts';
import { visible } from './terminal.ts';

class NotAFile extends Error {
  readonly code = 'ENOTSUP';
}

/** Writes what a command was asked for into a file: whole, or not at all. Throws {@link CommandError} where it cannot be written. */
export function writeOutputFile(file: string, content: string | Uint8Array): void {
  try {
    // A device, or a pipe, would be replaced by a file.
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === false) throw new NotAFile();
    writeWhole(file, content);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CommandError(`cannot write ${visible(file)} (${reason}): nothing was written; free some space, or name another place with --output`, { cause: error });
  }
}
