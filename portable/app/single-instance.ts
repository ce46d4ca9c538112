import { chmodSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { beforeEnd } from './closing.ts';

/** What a second start tells the first. */
export interface SecondInstance {
  readonly argv: readonly string[];
  readonly workingDirectory: string;
}

const message = z.object({ argv: z.array(z.string()), workingDirectory: z.string() });
/** Longer than Linux lets a command line be in practice here; more is cut off. */
const maximumMessageBytes = 65_536;
const answerMs = 2000;

/** Who a process is: process numbers come again, with another time of start (proc_pid_stat(5), field 22). */
function identity(pid: number): string | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /su, '').split(' ');
    return `${pid}-${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}

function holderOf(lockPath: string): string | null {
  try {
    return readlinkSync(lockPath);
  } catch {
    return null;
  }
}

/** A link is made at once with what it says, so that nobody reads a lock that is half written. */
function take(lockPath: string): boolean {
  const own = identity(process.pid) ?? `${process.pid}-`;
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      symlinkSync(own, lockPath);
      return true;
    } catch {
      const holder = holderOf(lockPath);
      if (holder !== null && identity(Number(holder.split('-')[0])) === holder) return false;
      rmSync(lockPath, { force: true });
    }
  }
  return false;
}

/**
 * One program for each data folder: a lock in that folder, and a socket (in XDG_RUNTIME_DIR where there is one) on which a second
 * start tells the first what it was started with.
 */
export class SingleInstance {
  readonly #lockPath: string;
  readonly #socketPath: string;
  #holds = false;

  constructor(dataFolder: string) {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    this.#lockPath = path.join(dataFolder, 'instance-lock');
    const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
    this.#socketPath = path.join(process.env['XDG_RUNTIME_DIR'] ?? dataFolder, `tidewatch-instance-${name}.sock`);
  }

  /** True in the first program, which from then on hears of every second one; false in a second, which tells the first. */
  request(second: (instance: SecondInstance) => void): boolean {
    if (this.#holds) return true;
    this.#holds = take(this.#lockPath);
    if (this.#holds) this.#listen(second);
    else {
      const told = this.#tell({ argv: process.argv, workingDirectory: process.cwd() });
      beforeEnd(() => told);
    }
    return this.#holds;
  }

  #listen(second: (instance: SecondInstance) => void): void {
    rmSync(this.#socketPath, { force: true });
    const server = createServer({ allowHalfOpen: false }, (socket) => {
      let text = '';
      socket.setEncoding('utf8').setTimeout(answerMs, () => socket.destroy());
      socket.on('data', (part: string) => {
        text += part;
        if (text.length > maximumMessageBytes) socket.destroy();
      });
      socket.on('error', () => socket.destroy());
      socket.on('end', () => {
        const parsed = message.safeParse(parseJson(text));
        if (parsed.success) second(parsed.data);
      });
    });
    // A path that is too long for a socket: the lock still holds, only a second start is not heard of.
    server.on('error', () => undefined);
    server.listen(this.#socketPath, () => chmodSync(this.#socketPath, 0o600));
    server.unref();
    beforeEnd(async () => {
      server.close();
      rmSync(this.#socketPath, { force: true });
      rmSync(this.#lockPath, { force: true });
    });
  }

  async #tell(instance: SecondInstance): Promise<void> {
    const told = Promise.withResolvers<void>();
    const socket = connect(this.#socketPath, () => socket.end(JSON.stringify(instance)));
    socket.setTimeout(answerMs, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => told.resolve());
    await told.promise;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
