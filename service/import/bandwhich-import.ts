import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ScopeOf } from '../../core/flow/scope.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { History } from '../history/index.ts';
import { ServiceError } from '../service-error.ts';
import { sourceOf, usageOf } from './bandwhich-block.ts';
import type { BandwhichBlock, BrokenLine } from './bandwhich-block.ts';
import type { ThreadWord } from './bandwhich-thread.ts';
import type { FoundFile } from './found-files.ts';

/** Threads beyond this wait for the one that writes. */
const mostThreads = 4;
/** Seconds of a file, by interface, that are remembered to be its own, and how many of them at least. */
const maximumRemembered = 100_000;
const secondsOfABlock = 100;
/** Broken lines that are shown. */
const mostShown = 20;

export interface ImportProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly lines: number;
}

export interface BandwhichImportPorts {
  readonly history: History;
  readonly scopeOf: ScopeOf;
  readonly now: () => EpochMs;
  /** Only what lies in it is taken over; absent: all. */
  readonly range?: { readonly from?: EpochMs; readonly to?: EpochMs };
  readonly progress: (progress: ImportProgress) => void;
}

/** What became of an import. Seconds are counted for each interface. */
export interface ImportResult {
  readonly files: number;
  readonly lines: number;
  readonly brokenLines: number;
  readonly broken: readonly BrokenLine[];
  readonly importedSeconds: number;
  /** Taken over before. */
  readonly knownSeconds: number;
  /** Measured by Tidewatch itself. */
  readonly measuredSeconds: number;
  readonly rxBytes: number;
  readonly txBytes: number;
}

/** The next word of a thread. Rejects where the thread has ended instead. */
function saidBy(worker: Worker): Promise<ThreadWord> {
  return new Promise((resolve, reject) => {
    const heard = (word: ThreadWord): void => {
      worker.off('error', reject);
      resolve(word);
    };
    worker.once('message', heard);
    worker.once('error', reject);
  });
}

class Import {
  readonly #ports: BandwhichImportPorts;
  readonly #isMeasured: (second: number) => boolean;
  readonly #totalBytes: number;
  readonly #shown: BrokenLine[] = [];
  /** Seconds that do not count, by interface: each is told of once. */
  readonly #refused = new Set<string>();
  #doneBytes = 0;
  #lines = 0;
  #broken = 0;
  readonly #seconds = { imported: 0, known: 0, measured: 0 };
  readonly #bytes = { rx: 0, tx: 0 };

  constructor(files: readonly FoundFile[], ports: BandwhichImportPorts) {
    this.#ports = ports;
    this.#totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#isMeasured = ports.history.imported.measuredHere(ports.history.measuredUntil());
  }

  /** One thread reads files until there are no more. */
  async run(files: FoundFile[]): Promise<void> {
    const worker = new Worker(new URL('./bandwhich-thread.ts', import.meta.url));
    try {
      for (let file = files.shift(); file !== undefined; file = files.shift()) await this.#readFile(worker, file);
    } finally {
      await worker.terminate();
    }
  }

  result(files: number): ImportResult {
    const { imported, known, measured } = this.#seconds;
    return {
      files, lines: this.#lines, brokenLines: this.#broken, broken: this.#shown,
      importedSeconds: imported, knownSeconds: known, measuredSeconds: measured, rxBytes: this.#bytes.rx, txBytes: this.#bytes.tx,
    };
  }

  async #readFile(worker: Worker, { path, bytes }: FoundFile): Promise<void> {
    // What this file itself has just taken over is not known from before.
    let own = new Set<string>();
    let told = 0;
    worker.postMessage({ kind: 'read', file: path }, []);
    for (;;) {
      const word = await saidBy(worker);
      if (word.kind === 'failed') throw new ServiceError('file-unreadable', `cannot read ${path} (${word.reason}): what was read before it has been taken over; take it away or mend it, then import again`);
      if (word.kind === 'done') {
        this.#finish(word);
        this.#doneBytes += Math.max(0, bytes - told);
        this.#tell();
        return;
      }
      this.#take(word.rows, own);
      // Time goes on within a file: what is long past does not come again.
      if (own.size > maximumRemembered) own = new Set([...own].slice(-secondsOfABlock));
      told += word.bytes;
      this.#doneBytes += word.bytes;
      this.#tell();
      worker.postMessage({ kind: 'next' }, []);
    }
  }

  #finish({ lines, broken, examples }: Extract<ThreadWord, { kind: 'done' }>): void {
    this.#lines += lines;
    this.#broken += broken;
    this.#shown.push(...examples.slice(0, mostShown - this.#shown.length));
  }

  #tell(): void {
    this.#ports.progress({ doneBytes: Math.min(this.#doneBytes, this.#totalBytes), totalBytes: this.#totalBytes, lines: this.#lines });
  }

  #take(block: BandwhichBlock, own: Set<string>): void {
    const { history, scopeOf, now } = this.#ports;
    const wanted = block.filter(({ line }) => this.#isWanted(line.second) && this.#mayCount(sourceOf(line), line.second, own));
    for (const { line } of wanted) {
      this.#bytes.rx += line.download;
      this.#bytes.tx += line.upload;
    }
    history.writeImported(wanted.map((row) => usageOf(row, scopeOf)), now());
  }

  #isWanted(second: number): boolean {
    const { from = 0, to = Infinity } = this.#ports.range ?? {};
    return second * 1000 >= from && second * 1000 < to;
  }

  /** Whether a second of a source is counted: it was neither taken over from another file nor measured here. */
  #mayCount(source: string, second: number, own: Set<string>): boolean {
    const key = `${second} ${source}`;
    if (own.has(key)) return true;
    if (this.#refused.has(key)) return false;
    const verdict = this.#isMeasured(second) ? 'measured' : this.#ports.history.imported.has({ source, second }) ? 'known' : 'imported';
    this.#seconds[verdict] += 1;
    if (verdict === 'imported') {
      own.add(key);
      this.#ports.history.imported.note({ source, second });
      return true;
    }
    if (this.#refused.size > maximumRemembered) this.#refused.clear();
    this.#refused.add(key);
    return false;
  }
}

/** Takes logs of `bandwhich --raw` over into a history. Throws {@link ServiceError} for a file that cannot be read. */
export async function importBandwhich(files: readonly FoundFile[], ports: BandwhichImportPorts): Promise<ImportResult> {
  const task = new Import(files, ports);
  const queue = [...files];
  const threads = Math.max(1, Math.min(mostThreads, availableParallelism(), files.length));
  const outcomes = await Promise.allSettled(Array.from({ length: threads }, () => task.run(queue)));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return task.result(files.length);
}
