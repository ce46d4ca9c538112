import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Rights } from '../../protocol/app.ts';

/**
 * Who may use the page and its WebSocket. Any page that a browser shows can send requests to loopback, and a name of a
 * stranger's can be made to point there (DNS rebinding). So, in this order:
 * 1. `Host` must be this server's own, or nothing is answered: a rebound name is a foreign one.
 * 2. What a browser says of where a request comes from (`Origin`, `Sec-Fetch-Site`: a page cannot set them) must be the
 *    page of this very server. Another port is another origin, though the browser sends it the same cookies.
 * 3. A token of 256 random bits, or the cookie it was exchanged for.
 * 4. The program at the other end must be this user's or root's, where the kernel tells (see `peer.ts`): cookies do not know
 *    ports, so a browser sends ours to whatever else listens on this address, which may be another user's.
 */

/** Random bits of the token and of the cookie. */
const secretBytes = 32;

/** Longest token, cookie or header that is compared at all, in characters. */
const longestSecret = 256;

function secret(): string {
  return randomBytes(secretBytes).toString('base64url');
}

/** Takes as long for every text: what differs, and where, cannot be told from the time. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/** The value of a cookie in a `Cookie` header (RFC 6265 5.4), or null. */
function cookieOf(header: string | undefined, name: string): string | null {
  for (const pair of header?.split('; ') ?? []) if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1);
  return null;
}

/** The token in `Authorization: Bearer …` (RFC 6750 2.1), or null. */
function bearerOf(header: string | undefined): string | null {
  return header !== undefined && /^Bearer /iu.test(header) ? header.slice('Bearer '.length) : null;
}

/** The secrets of one run of the server, and who may do what. */
export class WebAccess {
  /** What opens the page: part of the address that is printed. */
  readonly token = secret();
  readonly #cookie = secret();
  readonly #rights: Rights;
  readonly #hosts: ReadonlySet<string>;
  readonly #cookieName: string;

  /** `rights` is what the token gives. */
  constructor(port: number, rights: Rights) {
    this.#rights = rights;
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
    // Cookies do not know ports: two services would overwrite each other's.
    this.#cookieName = `tidewatch-${port}`;
  }

  isOwnHost({ host }: IncomingHttpHeaders): boolean {
    return host !== undefined && this.#hosts.has(host);
  }

  /** Whether it comes from the own page. `otherwise` is the answer where the browser (or a program) does not say. */
  isOwnOrigin(headers: IncomingHttpHeaders, otherwise: 'refused' | 'allowed'): boolean {
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin') return false;
    return headers.origin === undefined ? otherwise === 'allowed' : headers.origin === `http://${headers.host ?? ''}`;
  }

  /** Whether what is asked for may be shown: by the own page, or because a person opened the address. */
  isOwnReading(headers: IncomingHttpHeaders): boolean {
    const site = headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin' || site === 'none') return true;
    // A link on another page: it opens the page in a place of its own, where the other page cannot look.
    return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  }

  /** What the holder of a token may do; null for a wrong or missing one. */
  rightsByToken(headers: IncomingHttpHeaders): Rights | null {
    return this.#rightsBy(bearerOf(headers.authorization), this.token);
  }

  rightsByCookie(headers: IncomingHttpHeaders): Rights | null {
    return this.#rightsBy(cookieOf(headers.cookie, this.#cookieName), this.#cookie);
  }

  /** The `Set-Cookie` header that the token is exchanged for. It ends with the browser, or with this server. */
  get setCookie(): string {
    return `${this.#cookieName}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict`;
  }

  #rightsBy(given: string | null, expected: string): Rights | null {
    if (given === null || given.length > longestSecret) return null;
    return isSame(given, expected) ? this.#rights : null;
  }
}
