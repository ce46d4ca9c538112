import { readHeaderRecords } from '../../core/flow/header-records.ts';
import type { PacketHeaders } from '../../protocol/helper.ts';
import { maximumPieceBytes } from '../../protocol/recording.ts';
import type { RecordedPiece } from '../../protocol/recording.ts';
import { CaptureBlocks } from './capture-blocks.ts';
import type { BlockRules } from './capture-blocks.ts';

/** What waits for its names, or for the client, most: some 300 000 packets. What comes then is missed, and counted. */
const maximumWaitingBytes = 67_108_864;

/** Intervals that must end after headers came, until they are written: then their flows have been told of, and named. */
const patience = 2;

/** The headers of one recording on their way to a client: first they wait for their names, then for the client. */
export class TakenRecording {
  readonly id: number;
  readonly #blocks: CaptureBlocks;
  #unnamed: { readonly message: PacketHeaders; readonly interval: number }[] = [];
  #waiting: { readonly block: Buffer; readonly kind: 'begin' | 'interface' | 'packet' }[];
  #waitingBytes = 0;
  #interval = 0;
  #missed = 0;

  constructor(id: number, rules: BlockRules) {
    this.id = id;
    this.#blocks = new CaptureBlocks(rules);
    this.#waiting = [{ kind: 'begin', block: this.#blocks.begin() }];
  }

  /** Headers came. Throws RangeError where they are damaged and there is no room for them. */
  take(message: PacketHeaders): void {
    this.#missed += message.missed;
    if (this.#waitingBytes + message.records.length > maximumWaitingBytes) {
      this.#missed += [...readHeaderRecords(Buffer.from(message.records, 'base64'))].length;
      return;
    }
    this.#waitingBytes += message.records.length;
    this.#unnamed.push({ message, interval: this.#interval });
  }

  /** An interval has ended: what came before the one before it has its names. Throws RangeError where records are damaged. */
  intervalEnded(): void {
    this.#interval += 1;
    this.#name((interval) => this.#interval - interval >= patience);
  }

  /** Nothing more comes: what waits for names gets those that are known. */
  finish(): void {
    this.#name(() => true);
  }

  /** What the client takes now. */
  piece(): RecordedPiece {
    const blocks: Buffer[] = [];
    let bytes = 0;
    let packets = 0;
    for (const { block, kind } of this.#waiting) {
      if (bytes + block.length > maximumPieceBytes) break;
      bytes += block.length;
      blocks.push(block);
      if (kind === 'packet') packets += 1;
    }
    this.#waiting = this.#waiting.slice(blocks.length);
    this.#waitingBytes -= bytes;
    const missed = this.#missed;
    this.#missed = 0;
    return { bytes: Buffer.concat(blocks).toString('base64'), packets, missed, more: this.#waiting.length > 0 };
  }

  #name(isDue: (interval: number) => boolean): void {
    const due = this.#unnamed.filter(({ interval }) => isDue(interval));
    this.#unnamed = this.#unnamed.slice(due.length);
    for (const { message } of due) {
      this.#waitingBytes -= message.records.length;
      for (const each of this.#blocks.of(message)) {
        this.#waiting.push(each);
        this.#waitingBytes += each.block.length;
      }
    }
  }
}
