import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the page, as it is sent. */
export interface StaticFile {
  readonly type: string;
  readonly content: Buffer;
}

/** Where the window is built to: see build/window.mjs. */
const windowFolder = fileURLToPath(new URL('../../renderer/out', import.meta.url));

/** What the window is made of; a file of another kind is not served. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const notBuilt = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Tidewatch</title><p>The window is not built yet: end Tidewatch and run <code>npm start</code>.</p></html>\n';

/** Paths of the files below a folder; none where there is no such folder. */
function filesBelow(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/**
 * The files of the window by their path in an address: a list that is made once, so that no path of a request ever reaches the
 * file system. Where the window was not built, one page says so.
 */
export function staticFiles(folder: string = windowFolder): ReadonlyMap<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  for (const place of filesBelow(folder)) {
    const type = types[path.extname(place)];
    const address = `/${path.relative(folder, place).replaceAll(path.sep, '/')}`;
    if (type !== undefined) files.set(address === '/index.html' ? '/' : address, { type, content: readFileSync(place) });
  }
  if (!files.has('/')) files.set('/', { type: 'text/html; charset=utf-8', content: Buffer.from(notBuilt) });
  return files;
}
