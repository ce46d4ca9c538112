import { GrowingBytes, latin1 } from './bytes.ts';
import { httpHostOf } from './host-name.ts';

/** One HTTP/1 message head as far as it matters here (RFC 9112). */
export type HttpHead =
  | {
      readonly kind: 'request';
      readonly method: string;
      /** The host that was asked for; null where the request names none. */
      readonly host: string | null;
      /** The path's first section with its slash (`/images`), without query; empty for CONNECT and `*`. */
      readonly section: string;
    }
  | { readonly kind: 'response'; readonly status: number };

/** Longest line looked at; longer ones (cookies) are passed over. Servers refuse more than 8 to 16 kB. */
const maximumLineBytes = 8192;

/** Longest first section of a path that is reported. */
const maximumSectionLength = 64;

const methods: ReadonlySet<string> = new Set(
  ('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK REPORT SEARCH ' +
    'NOTIFY SUBSCRIBE UNSUBSCRIBE M-SEARCH PURGE').split(' '),
);
const longestMethod = 11;

const requestLine = /^([A-Z-]{3,11}) (\S{1,8000})(?: HTTP\/1\.\d)?$/u;
const responseLine = /^HTTP\/1\.\d ([1-5]\d\d)(?: |$)/u;
const absoluteForm = /^[a-z][a-z\d+.-]{0,15}:\/\/(?:[^/?#@\s]*@)?([^/?#@\s]*)/iu;

/** A hole in a head that may be stepped over: less than one packet. */
const maximumHoleBytes = 1500;

/** Stands for what is missing in a line: no field begins so. */
const hole = Uint8Array.of(0);

const colon = 58;
const lineFeed = 10;
const carriageReturn = 13;

type Start = 'request' | 'response' | 'neither' | 'more';

/** What kind of HTTP/1 message the bytes begin; `more` where too few are there to tell. */
export function httpStart(bytes: Uint8Array): Start {
  const text = latin1(bytes, 0, longestMethod + 1);
  if (text.startsWith('HTTP/1.')) return 'response';
  if ('HTTP/1.'.startsWith(text)) return 'more';
  const space = text.indexOf(' ');
  if (space >= 0) return methods.has(text.slice(0, space)) ? 'request' : 'neither';
  return /^[A-Z-]{1,11}$/u.test(text) && [...methods].some((method) => method.startsWith(text)) ? 'more' : 'neither';
}

function firstSection(target: string): string {
  const path = target.replace(absoluteForm, '').replace(/[?#].*$/u, '');
  if (!path.startsWith('/')) return '';
  const end = path.indexOf('/', 1);
  return (end < 0 ? path : path.slice(0, end)).slice(0, maximumSectionLength);
}

interface OpenRequest {
  readonly method: string;
  readonly section: string;
  /** The host of a CONNECT or of a target in absolute form: it counts more than the Host field (RFC 9112 3.2.2). */
  readonly targetHost: string | null;
  told: boolean;
}

function parseRequestLine(line: string): OpenRequest | null {
  const match = requestLine.exec(line);
  const [, method = '', target = ''] = match ?? [];
  if (!methods.has(method)) return null;
  const authority = method === 'CONNECT' ? target : absoluteForm.exec(target)?.[1];
  return { method, section: method === 'CONNECT' ? '' : firstSection(target), targetHost: authority === undefined ? null : httpHostOf(authority), told: false };
}

/** Only Host, Content-Length and Transfer-Encoding matter: the lengths of their names sort out most fields. */
const lengthsOfNames: ReadonlySet<number> = new Set([4, 14, 17]);

type Phase = 'start-line' | 'fields' | 'body' | 'seeking' | 'tunnel';

/** Reads the message heads of one direction of an HTTP/1 connection, in any pieces. Bodies are passed over. */
export class HttpStream {
  readonly #line = new GrowingBytes(maximumLineBytes);
  #phase: Phase = 'start-line';
  #request: OpenRequest | null = null;
  #status = 0;
  #bodyLeft = 0;

  get heldBytes(): number {
    return this.#line.length;
  }

  /** From here on the bytes are no HTTP: a proxy was asked for a tunnel. */
  get isTunnel(): boolean {
    return this.#phase === 'tunnel';
  }

  /**
   * Takes the next bytes and returns the heads that became known: a request as soon as its host is known, a response at
   * its first line. `rest` is what follows the head of a CONNECT: the first bytes of the tunnel.
   */
  push(piece: Uint8Array): { readonly heads: readonly HttpHead[]; readonly rest: Uint8Array } {
    const heads: HttpHead[] = [];
    let offset = 0;
    if (this.#phase === 'seeking' && ['request', 'response'].includes(httpStart(piece))) this.#phase = 'start-line';
    while (offset < piece.length && this.#phase !== 'seeking' && this.#phase !== 'tunnel') {
      if (this.#phase === 'body') {
        const skipped = Math.min(this.#bodyLeft, piece.length - offset);
        offset += skipped;
        this.#bodyLeft -= skipped;
        if (this.#bodyLeft === 0) this.#phase = 'start-line';
        continue;
      }
      const end = piece.indexOf(lineFeed, offset);
      const part = piece.subarray(offset, end < 0 ? piece.length : end);
      offset = end < 0 ? piece.length : end + 1;
      if (end < 0) this.#line.append(part);
      else this.#endLine(this.#wholeLine(part), heads);
    }
    return { heads, rest: piece.subarray(this.#phase === 'tunnel' ? offset : piece.length) };
  }

  /**
   * So many bytes are missing here. Where that is less than a packet, in the middle of a head, the line with the hole is
   * left out; else the next head is looked for at the beginning of a piece.
   */
  gap(missingBytes: number): void {
    if (this.#phase === 'tunnel') return;
    if (this.#phase === 'start-line' && this.#line.length > 0) this.#cutStartLine();
    const isInHead = this.#phase === 'fields' && this.#request?.told === false;
    if (isInHead && missingBytes <= maximumHoleBytes) {
      this.#line.clear();
      this.#line.append(hole);
      return;
    }
    this.#line.clear();
    this.#request = null;
    this.#phase = 'seeking';
  }

  /** Makes what it can of a request line whose end is missing: its target may be cut, so only the path is believed. */
  #cutStartLine(): void {
    const request = parseRequestLine(latin1(this.#line.bytes, 0, this.#line.length));
    if (request === null || request.method === 'CONNECT') return;
    this.#request = { ...request, targetHost: null };
    this.#bodyLeft = 0;
    this.#phase = 'fields';
  }

  /** The line that ends with `part`: where it lies in one piece, it is read where it is. */
  #wholeLine(part: Uint8Array): Uint8Array {
    if (this.#line.length === 0) return part.subarray(0, maximumLineBytes);
    this.#line.append(part);
    const whole = this.#line.bytes;
    this.#line.clear();
    return whole;
  }

  #endLine(bytes: Uint8Array, heads: HttpHead[]): void {
    const length = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length;
    if (this.#phase === 'start-line') this.#startLine(latin1(bytes, 0, length), heads);
    else if (length === 0) this.#endHead(heads);
    else this.#field(bytes.subarray(0, length), heads);
  }

  #startLine(line: string, heads: HttpHead[]): void {
    // Empty lines before a message are allowed (RFC 9112 2.2).
    if (line === '') return;
    const status = responseLine.exec(line)?.[1];
    this.#request = status === undefined ? parseRequestLine(line) : null;
    this.#status = Number(status ?? 0);
    this.#bodyLeft = 0;
    if (status !== undefined) heads.push({ kind: 'response', status: this.#status });
    this.#phase = status === undefined && this.#request === null ? 'seeking' : 'fields';
    if (this.#request?.targetHost !== null) this.#tell(this.#request?.targetHost ?? null, heads);
  }

  #field(bytes: Uint8Array, heads: HttpHead[]): void {
    if (this.#request === null) return;
    const nameEnd = bytes.indexOf(colon);
    if (!lengthsOfNames.has(nameEnd)) return;
    const value = latin1(bytes, nameEnd + 1, bytes.length).trim();
    switch (latin1(bytes, 0, nameEnd).toLowerCase()) {
      case 'host':
        this.#tell(httpHostOf(value), heads);
        break;
      case 'content-length':
        if (/^\d{1,15}$/u.test(value)) this.#bodyLeft = Number(value);
        break;
      case 'transfer-encoding':
        this.#bodyLeft = Number.POSITIVE_INFINITY;
        break;
      default:
        break;
    }
  }

  #tell(host: string | null, heads: HttpHead[]): void {
    const request = this.#request;
    if (request === null || request.told) return;
    request.told = true;
    heads.push({ kind: 'request', method: request.method, host, section: request.section });
  }

  #endHead(heads: HttpHead[]): void {
    const request = this.#request;
    if (request === null) {
      // An interim response is followed by another head (RFC 9110 15.2); what follows others is a body of unknown form.
      this.#phase = this.#status < 200 && this.#status !== 101 ? 'start-line' : 'seeking';
      return;
    }
    this.#tell(null, heads);
    this.#request = null;
    if (request.method === 'CONNECT') this.#phase = 'tunnel';
    else if (this.#bodyLeft === Number.POSITIVE_INFINITY) this.#phase = 'seeking';
    else this.#phase = this.#bodyLeft > 0 ? 'body' : 'start-line';
  }
}
