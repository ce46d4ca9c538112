/** Lines of `bandwhich --raw`. */

/** One connection in one refresh. `upload` and `download` in bytes a second; a refresh comes once a second. */
export interface BandwhichConnection {
  readonly kind: 'connection';
  /** Seconds since the epoch. */
  readonly second: number;
  readonly interface: string;
  readonly localPort: number;
  /** An address, or a name that bandwhich has looked up backwards. */
  readonly remote: string;
  readonly remotePort: number;
  readonly protocol: 'tcp' | 'udp';
  readonly upload: number;
  readonly download: number;
  /** Null where bandwhich did not know it. */
  readonly process: string | null;
  readonly pid: number | null;
}

/** A process in one refresh: what there is where connections were not asked for. */
export interface BandwhichProcess {
  readonly kind: 'process';
  readonly second: number;
  readonly upload: number;
  readonly download: number;
  readonly process: string | null;
  readonly pid: number | null;
  readonly connections: number;
}

export type BandwhichLine =
  | BandwhichConnection
  | BandwhichProcess
  /** The beginning of a refresh. */
  | { readonly kind: 'refresh' }
  /** Sums of what other lines tell, and lines without content. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'broken' };

/** A rate beyond any interface there is, in bytes a second: 800 Gbit/s. */
const highestRate = 1e11;
/** 9999-12-31. */
const lastSecond = 253_402_300_799;

const processPart = String.raw`"(.*)"(?:\s*(?:\(|pid:?\s*)(\d{1,10})\)?)?`;
const connectionLine = new RegExp(String.raw`^connection: <(\d{1,12})> <([^<>\s]{1,32})>:(\d{1,5}) => (\S{1,262}):(\d{1,5}) \((tcp|udp)\) up/down Bps: (\d{1,15})/(\d{1,15}) process: ${processPart}$`, 'u');
const processLine = new RegExp(String.raw`^process: <(\d{1,12})> ${processPart} up/down Bps: (\d{1,15})/(\d{1,15}) connections: (\d{1,9})$`, 'u');
const addressLine = /^remote_address: <\d{1,12}> \S{1,262} up\/down Bps: \d{1,15}\/\d{1,15} connections: \d{1,9}$/u;

const unknownNames: ReadonlySet<string> = new Set(['<UNKNOWN>', '']);

function nameOf(text: string | undefined): string | null {
  return text === undefined || unknownNames.has(text) ? null : text.slice(0, 128);
}

function isPort(port: number): boolean {
  return port <= 65_535;
}

function isMeasure(second: number, ...rates: readonly number[]): boolean {
  return second > 0 && second <= lastSecond && rates.every((rate) => rate <= highestRate);
}

/** What one line says. */
export function parseBandwhichLine(line: string): BandwhichLine {
  if (line === 'Refreshing:') return { kind: 'refresh' };
  if (line.trim() === '' || line === '<NO TRAFFIC>') return { kind: 'nothing' };
  const connection = connectionLine.exec(line);
  if (connection !== null) {
    const [, second, name, localPort, remote, remotePort, protocol, upload, download, process, pid] = connection;
    const parsed = {
      kind: 'connection',
      second: Number(second),
      interface: name ?? '',
      localPort: Number(localPort),
      remote: remote ?? '',
      remotePort: Number(remotePort),
      protocol: protocol === 'udp' ? 'udp' : 'tcp',
      upload: Number(upload),
      download: Number(download),
      process: nameOf(process),
      pid: pid === undefined ? null : Number(pid),
    } as const;
    const isSound = isMeasure(parsed.second, parsed.upload, parsed.download) && isPort(parsed.localPort) && isPort(parsed.remotePort);
    return isSound ? parsed : { kind: 'broken' };
  }
  const process = processLine.exec(line);
  if (process !== null) {
    const [, second, name, pid, upload, download, connections] = process;
    const parsed = { kind: 'process', second: Number(second), process: nameOf(name), pid: pid === undefined ? null : Number(pid), upload: Number(upload), download: Number(download), connections: Number(connections) } as const;
    return isMeasure(parsed.second, parsed.upload, parsed.download) ? parsed : { kind: 'broken' };
  }
  return addressLine.test(line) ? { kind: 'nothing' } : { kind: 'broken' };
}
