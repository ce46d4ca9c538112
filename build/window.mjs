/**
 * Builds the window (renderer/) into renderer/out, where its sources are newer than what was built: a part of set-up. Says how
 * large the first page is, compressed, since that is what a person waits for.
 * Plain JavaScript without packages, because set-up runs on the system's Node.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What the first page may weigh, in bytes: scripts and styles compressed, letters as they are. */
const firstPageBudget = 300_000;

/**
 * What the window is made of: its own sources, the language it shares with the service, and the versions of its packages.
 * @param {string} root
 */
function sources(root) {
  const files = ['renderer', 'protocol'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`));
  return [...files.filter((path) => /\.(?:ts|svelte|css|html|svg)$/u.test(path) && !path.startsWith('renderer/out/')), 'package-lock.json'].sort();
}

/** @param {string} root */
function sourceHash(root) {
  const hash = createHash('sha256');
  for (const path of sources(root)) hash.update(path).update('\0').update(readFileSync(join(root, path))).update('\0');
  return hash.digest('hex');
}

/**
 * Bytes that the first page needs before it is seen as it will be.
 * @param {string} root
 */
function firstPageBytes(root) {
  const out = join(root, 'renderer/out');
  /** @type {Record<string, { file: string, isEntry?: boolean, imports?: string[], css?: string[] }>} */
  const manifest = JSON.parse(readFileSync(join(out, '.vite/manifest.json'), 'utf8'));
  const files = new Set(['index.html']);
  /** @param {string} name */
  const add = (name) => {
    const chunk = manifest[name];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const imported of chunk.imports ?? []) add(imported);
  };
  for (const [name, { isEntry }] of Object.entries(manifest)) if (isEntry === true) add(name);
  const letters = readdirSync(join(out, 'assets'))
    .filter((name) => name.startsWith('inter-latin-wght-'))
    .reduce((sum, name) => sum + readFileSync(join(out, 'assets', name)).length, 0);
  const compressed = [...files].reduce((sum, path) => sum + gzipSync(readFileSync(join(out, path))).length, 0);
  return { compressed, letters };
}

/**
 * Brings renderer/out up to date.
 * @param {string} root the checkout, with a slash at its end
 * @param {(line: string) => void} say
 * @returns {'unchanged' | 'built' | 'failed'}
 */
export function buildWindow(root, say) {
  const stamp = join(root, 'renderer/out/.stamp');
  const wanted = sourceHash(root);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 'unchanged';
  say('building the window');
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  const { status, error } = spawnSync(join(root, 'node_modules/.bin/vite'), ['build', '--config', 'renderer/vite.config.ts', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: path },
  });
  if (error !== undefined || status !== 0) return 'failed';
  const { compressed, letters } = firstPageBytes(root);
  const kilobytes = (/** @type {number} */ bytes) => `${(bytes / 1000).toFixed(0)} kB`;
  say(`the window's first page: ${kilobytes(compressed)} compressed and ${kilobytes(letters)} of letters (budget ${kilobytes(firstPageBudget)})`);
  writeFileSync(stamp, wanted);
  return 'built';
}
