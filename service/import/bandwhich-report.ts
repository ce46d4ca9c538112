import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { epochMs } from '../../protocol/units.ts';
import type { EpochMs } from '../../protocol/units.ts';
import type { DataTable } from '../formats/data-table.ts';
import { parseBandwhichLine } from './bandwhich-line.ts';
import type { BandwhichConnection, BandwhichProcess } from './bandwhich-line.ts';
import type { BrokenLine } from './bandwhich-block.ts';
import type { FoundFile } from './found-files.ts';

/** Rows that a report holds; what comes after them is in the totals only. */
const maximumRows = 100_000;
const topProcesses = 10;
const brokenShown = 20;

interface Rate {
  readonly upload_bps: number;
  readonly download_bps: number;
}

export interface BandwhichReportProcess extends Rate {
  readonly name: string;
  readonly pid: number | null;
}

export interface BandwhichReportConnection extends Rate {
  readonly process_name: string;
  readonly pid: number | null;
  readonly local_port: number;
  readonly remote_address: string;
  readonly protocol: string;
}

/**
 * What pipelines for logs of bandwhich report, in their own words: means over the refreshes of the logs, in the unit of the logs (bytes a
 * second, which they call bps).
 */
export interface BandwhichReport {
  /** Of the last refresh, ISO 8601. */
  readonly timestamp: string | null;
  readonly total_upload_bps: number;
  readonly total_download_bps: number;
  readonly top_processes: readonly BandwhichReportProcess[];
  readonly connections: readonly BandwhichReportConnection[];
}

interface Sum {
  upload: number;
  download: number;
}

function addTo<Key>(sums: Map<string, Sum & { readonly of: Key }>, key: string, { of, upload, download }: { readonly of: Key } & Sum): void {
  const known = sums.get(key);
  if (known !== undefined) {
    known.upload += upload;
    known.download += download;
  } else if (sums.size < maximumRows) sums.set(key, { of, upload, download });
}

/** Sums of all lines of all logs. */
class Sums {
  readonly #processes = new Map<string, Sum & { readonly of: BandwhichConnection | BandwhichProcess }>();
  readonly #connections = new Map<string, Sum & { readonly of: BandwhichConnection }>();
  readonly broken: BrokenLine[] = [];
  #total: Sum = { upload: 0, download: 0 };
  #refreshes = 0;
  #last = 0;
  #hasConnections = false;

  async read({ path }: FoundFile, isWanted: (at: EpochMs) => boolean): Promise<number> {
    let [number, broken] = [0, 0];
    for await (const text of createInterface({ input: createReadStream(path, { encoding: 'utf8' }), crlfDelay: Infinity })) {
      number += 1;
      const line = parseBandwhichLine(text);
      if (line.kind === 'refresh') this.#refreshes += 1;
      else if (line.kind === 'broken') {
        broken += 1;
        if (this.broken.length < brokenShown) this.broken.push({ file: path, line: number, text: text.slice(0, 80) });
      } else if ((line.kind === 'connection' || line.kind === 'process') && isWanted(epochMs(line.second * 1000))) this.#add(line);
    }
    return broken;
  }

  report(): BandwhichReport {
    const refreshes = Math.max(1, this.#refreshes);
    const rate = ({ upload, download }: Sum): Rate => ({ upload_bps: Math.round(upload / refreshes), download_bps: Math.round(download / refreshes) });
    const largest = <Row extends Sum>(rows: Iterable<Row>): Row[] => [...rows].toSorted((a, b) => b.upload + b.download - a.upload - a.download);
    const { upload_bps: total_upload_bps, download_bps: total_download_bps } = rate(this.#total);
    return {
      timestamp: this.#last === 0 ? null : new Date(this.#last * 1000).toISOString(),
      total_upload_bps,
      total_download_bps,
      top_processes: largest(this.#processes.values()).slice(0, topProcesses).map((row) => ({ name: row.of.process ?? '<UNKNOWN>', pid: row.of.pid, ...rate(row) })),
      connections: largest(this.#connections.values()).map((row) => ({
        process_name: row.of.process ?? '<UNKNOWN>', pid: row.of.pid, ...rate(row),
        local_port: row.of.localPort, remote_address: `${row.of.remote}:${row.of.remotePort}`, protocol: row.of.protocol,
      })),
    };
  }

  #add(line: BandwhichConnection | BandwhichProcess): void {
    this.#last = Math.max(this.#last, line.second);
    const sum = { upload: line.upload, download: line.download };
    const processKey = `${line.process ?? ''}\0${line.pid ?? ''}`;
    if (line.kind === 'connection') {
      this.#beginConnections();
      addTo(this.#connections, `${processKey}\0${line.interface} ${line.localPort} ${line.remote} ${line.remotePort} ${line.protocol}`, { of: line, ...sum });
    } else if (this.#hasConnections) return;
    addTo(this.#processes, processKey, { of: line, ...sum });
    this.#total.upload += line.upload;
    this.#total.download += line.download;
  }

  /** The same bytes stood in the lines of the processes: from the first connection on, only connections count. */
  #beginConnections(): void {
    if (this.#hasConnections) return;
    this.#hasConnections = true;
    this.#processes.clear();
    this.#total = { upload: 0, download: 0 };
  }
}

/** The report of some logs, and how many of their lines could not be read. */
export async function reportFromBandwhich(files: readonly FoundFile[], isWanted: (at: EpochMs) => boolean): Promise<{ readonly report: BandwhichReport; readonly brokenLines: number; readonly broken: readonly BrokenLine[] }> {
  const sums = new Sums();
  let brokenLines = 0;
  for (const file of files) brokenLines += await sums.read(file, isWanted);
  return { report: sums.report(), brokenLines, broken: sums.broken };
}

/** Its connections as a table with the columns that such pipelines write. */
export function bandwhichTable({ connections }: BandwhichReport): DataTable {
  return [
    { name: 'Process name', type: 'text', values: connections.map((row) => row.process_name) },
    { name: 'PID', type: 'count', values: connections.map((row) => row.pid) },
    { name: 'Upload (bps)', type: 'count', values: connections.map((row) => row.upload_bps) },
    { name: 'Download (bps)', type: 'count', values: connections.map((row) => row.download_bps) },
    { name: 'Local Port', type: 'count', values: connections.map((row) => row.local_port) },
    { name: 'Remote Address', type: 'text', values: connections.map((row) => row.remote_address) },
    { name: 'Protocol', type: 'text', values: connections.map((row) => row.protocol) },
  ];
}
