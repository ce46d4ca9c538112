/** The thread that reads one log after another: see `bandwhich-import.ts`, which starts it. */
import { createReadStream } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { parseBandwhichLine } from './bandwhich-line.ts';
import type { BandwhichConnection } from './bandwhich-line.ts';
import type { BandwhichRow, BrokenLine } from './bandwhich-block.ts';

/** What the thread is told. */
const Task = z.discriminatedUnion('kind', [z.object({ kind: z.literal('read'), file: z.string() }), z.object({ kind: z.literal('next') })]);

/** What the thread says. After `block` it waits for `next`. */
export type ThreadWord =
  | { readonly kind: 'block'; readonly rows: readonly BandwhichRow[]; readonly bytes: number; readonly lines: number }
  | { readonly kind: 'done'; readonly lines: number; readonly broken: number; readonly examples: readonly BrokenLine[] }
  | { readonly kind: 'failed'; readonly reason: string };

/** Rows in one block: some megabytes of memory. */
const rowsInBlock = 20_000;
/** No line of bandwhich has as many bytes; a file without lines is read no further. */
const longestLine = 65_536;
const brokenShown = 20;
/** Connections of a file that are known to have been met. */
const maximumMet = 200_000;

const port = parentPort;
let wake: () => void = () => undefined;

function say(word: ThreadWord): void {
  // Nothing is handed over with it.
  port?.postMessage(word, []);
}

function keyOf(line: BandwhichConnection): string {
  return `${line.interface} ${line.localPort} ${line.remote} ${line.remotePort} ${line.protocol}`;
}

async function read(file: string): Promise<void> {
  const met = new Set<string>();
  const examples: BrokenLine[] = [];
  let [rows, lines, broken, told] = [[] as BandwhichRow[], 0, 0, 0];
  const stream = createReadStream(file, { encoding: 'utf8', highWaterMark: 262_144 });
  let isConnections = false;
  const hand = async (): Promise<void> => {
    const next = new Promise<void>((resolve) => (wake = resolve));
    say({ kind: 'block', rows, bytes: stream.bytesRead - told, lines });
    told = stream.bytesRead;
    rows = [];
    await next;
  };
  for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
    lines += 1;
    const line = text.length > longestLine ? ({ kind: 'broken' } as const) : parseBandwhichLine(text);
    if (line.kind === 'refresh') {
      if (rows.length >= rowsInBlock) await hand();
    } else if (line.kind === 'connection') {
      const key = keyOf(line);
      const isNew = !met.has(key) && met.size < maximumMet;
      if (isNew) met.add(key);
      // The same bytes stand in the lines of the processes, without whom they were exchanged with.
      if (!isConnections) rows = rows.filter((row) => row.line.kind === 'connection' || row.line.second !== line.second);
      isConnections = true;
      rows.push({ line, isNew });
    } else if (line.kind === 'process') {
      if (!isConnections) rows.push({ line, isNew: false });
    } else if (line.kind === 'broken') {
      broken += 1;
      if (examples.length < brokenShown) examples.push({ file, line: lines, text: text.slice(0, 80) });
    }
  }
  if (rows.length > 0) await hand();
  say({ kind: 'done', lines, broken, examples });
}

port?.on('message', (message: unknown) => {
  const task = Task.parse(message);
  if (task.kind === 'next') wake();
  else read(task.file).catch((error: unknown) => say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }));
});
