import { readFileSync } from 'node:fs';

/** A file of the page, as it is sent. */
export interface StaticFile {
  readonly type: string;
  readonly content: Buffer;
}

function file(name: string, type: string): StaticFile {
  return { type, content: readFileSync(new URL(`page/${name}`, import.meta.url)) };
}

/** The files of the page by their path: a list, so that no path of a request ever reaches the file system. */
export function staticFiles(): ReadonlyMap<string, StaticFile> {
  return new Map([
    ['/', file('index.html', 'text/html; charset=utf-8')],
    ['/page.js', file('page.js', 'text/javascript; charset=utf-8')],
    ['/page.css', file('page.css', 'text/css; charset=utf-8')],
    ['/icon.svg', file('icon.svg', 'image/svg+xml')],
  ]);
}
