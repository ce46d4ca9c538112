import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { protocol } from 'electron';

/** The window's pages, served to the windows from a list that was made at start: no path of a request reaches the file system. */

const scheme = 'tidewatch';
const origin = `${scheme}://app`;

/** More files than a build has. */
const maximumFiles = 1000;
const maximumFileBytes = 16_777_216;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/**
 * Nothing is loaded from elsewhere, nothing is framed, no form goes anywhere, no text becomes markup; nothing is connected to,
 * because all that the page knows comes over the bridge. `data:` is for the icons of apps, which come over it as text.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Whether an address is a page of ours. */
export function isOwnPage(address: string): boolean {
  return address === origin || address.startsWith(`${origin}/`);
}

/** The address of the page; `place` is what stands behind `#`. */
export function pageAddress(place: string): string {
  return `${origin}/index.html${place === '' ? '' : `#${place}`}`;
}

/** Before the program is ready: an origin of its own, in which modules and storage work as over HTTPS. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

interface PageFile {
  readonly type: string;
  readonly place: string;
}

/** The files of a build by their path; empty where it was not built. */
function filesIn(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[path.extname(entry.name)];
    if (!entry.isFile() || type === undefined || files.size >= maximumFiles) continue;
    const place = path.join(entry.parentPath, entry.name);
    if (statSync(place).size <= maximumFileBytes) files.set(`/${path.relative(folder, place).replaceAll(path.sep, '/')}`, { type, place });
  }
  return files;
}

function answer(files: ReadonlyMap<string, PageFile>, { url, method }: Pick<Request, 'url' | 'method'>): Response {
  const plain = { ...headers, 'Content-Type': 'text/plain; charset=utf-8' };
  if (!isOwnPage(url) || method !== 'GET') return new Response('not here', { status: 405, headers: plain });
  const { pathname } = new URL(url);
  const file = files.get(pathname === '/' ? '/index.html' : pathname);
  if (file === undefined) {
    return new Response(files.size === 0 ? 'The window is not built yet: end Tidewatch and run `npm start`.' : 'not here', { status: 404, headers: plain });
  }
  return new Response(readFileSync(file.place), { headers: { ...headers, 'Content-Type': file.type } });
}

/** Serves the build in `folder` to our windows, and nothing to anybody else. When the program is ready. */
export function servePages(folder: string): void {
  const files = filesIn(folder);
  protocol.handle(scheme, (request) => answer(files, request));
}
