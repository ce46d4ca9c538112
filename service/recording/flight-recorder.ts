import path from 'node:path';
import type { Settings } from '../../core/settings/index.ts';
import type { Alert } from '../../protocol/app.ts';
import type { PacketHeaders } from '../../protocol/helper.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { CappedFile } from './capped-file.ts';
import { CaptureBlocks } from './capture-blocks.ts';
import type { BlockRules } from './capture-blocks.ts';
import { keepFile } from './kept-files.ts';

export interface FlightRecorderPorts extends BlockRules {
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => Settings['recorder'];
  /** Where files are written when the settings name no folder. */
  readonly usualFolder: string;
}

/** What one alert's file is made of. */
interface Freezing {
  readonly alert: Pick<Alert, 'id' | 'since'>;
  readonly folder: string;
  readonly file: CappedFile;
  readonly blocks: CaptureBlocks;
  packets: number;
  left: number;
}

/** Which alerts are worth a file: those of a rate. */
const recordedKinds: ReadonlySet<Alert['kind']> = new Set(['spike', 'unusual']);

const megabyte = 1_000_000;

function isRecorded({ kind, state }: Alert): boolean {
  return recordedKinds.has(kind) && state === 'open';
}

/** `20261120-181502` of a time, in UTC, for a file's name. */
function stamp(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replaceAll(/[-:]/gu, '').replace('T', '-');
}

/** Writes what a ring held when a spike was alerted: one file for each, bounded in size, the oldest giving way. */
export class FlightRecorder implements Disposable {
  readonly #ports: FlightRecorderPorts;
  readonly #recorded = new Set<number>();
  #freezing: Freezing | null = null;

  constructor(ports: FlightRecorderPorts) {
    this.#ports = ports;
  }

  /** Whether the rings are wanted frozen for this alert; then their headers come to {@link take}. */
  begin(alert: Alert): boolean {
    if (!isRecorded(alert) || this.#freezing !== null || this.#recorded.has(alert.id)) return false;
    // An alert is told again while it lasts: only its beginning is recorded. What is forgotten here is long over.
    if (this.#recorded.size > 1000) this.#recorded.clear();
    this.#recorded.add(alert.id);
    const { folder, maximumMegabytes } = this.#ports.settings();
    const place = folder === '' ? this.#ports.usualFolder : folder;
    return this.#attempt(() => {
      const file = new CappedFile(place, maximumMegabytes * megabyte);
      const blocks = new CaptureBlocks(this.#ports);
      this.#freezing = { alert: { id: alert.id, since: alert.since }, folder: place, file, blocks, packets: 0, left: 0 };
      file.write(blocks.begin());
    });
  }

  take(message: PacketHeaders): void {
    const freezing = this.#freezing;
    if (freezing === null) return;
    this.#attempt(() => {
      for (const { block, kind } of freezing.blocks.of(message)) {
        if (freezing.left > 0 || !freezing.file.write(block)) freezing.left += 1;
        else if (kind === 'packet') freezing.packets += 1;
      }
    });
  }

  /** All has come. */
  finish(): void {
    const freezing = this.#freezing;
    if (freezing === null) return;
    const { packets, left, file, folder, alert } = freezing;
    const { clock, log, settings } = this.#ports;
    this.#attempt(() => {
      if (packets === 0) return;
      const name = file.finish(`spike-${stamp(alert.since)}-alert-${alert.id}`, 'pcapng');
      const { keptDays, maximumMegabytes } = settings();
      const deleted = keepFile(folder, name, { days: keptDays, bytes: maximumMegabytes * megabyte, now: clock.now() });
      log.info('the headers before a spike were recorded', { file: path.join(folder, name), packets, left, deleted: deleted.length });
    });
    this[Symbol.dispose]();
  }

  /** Gives up what is not finished. */
  [Symbol.dispose](): void {
    this.#freezing?.file[Symbol.dispose]();
    this.#freezing = null;
  }

  /** A recording is an ornament: where the disk refuses or the helper is confused, it is given up and the measurement goes on. */
  #attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.#ports.log.warn('the headers before a spike could not be recorded', { reason: error instanceof Error ? error.message : String(error) });
      this[Symbol.dispose]();
      return false;
    }
  }
}
