import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ServiceError } from '../service-error.ts';

/** What of a checkout is the program; the rest builds and tests it. */
const programParts = ['bin', 'cli', 'core', 'docs', 'electron', 'helper', 'portable', 'protocol', 'renderer/out', 'service', 'package.json', 'LICENSE', 'README.md', 'CHANGELOG.md'];

/** Sources that are compiled already. */
const compiled = new Set(['.cc', '.hh', '.c', '.h', '.o']);
/** The kernel programs are loaded at run time. */
const loadedAtRunTime = /\.bpf\.o$/u;

/** Marks a folder as one that `install` made, so that `uninstall` removes no other. */
export const markName = '.installed-by-tidewatch';

const groupAndOthersWrite = 0o022;

function belongs(file: string): boolean {
  return loadedAtRunTime.test(file) || !compiled.has(path.extname(file));
}

/** The packages that the program runs on, as paths below `root`. Throws {@link ServiceError} where npm cannot tell. */
function packagesOf(root: string): readonly string[] {
  const { status, stdout } = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root, encoding: 'utf8' });
  const paths = stdout.split('\n').filter((line) => line.startsWith(`${root}${path.sep}`));
  if (status === 0 && paths.length > 0) return paths.map((line) => path.relative(root, line));
  throw new ServiceError('not-set-up', `npm cannot list the packages in ${root}; run \`npm start\` there first`);
}

/** Root alone may write to what the helper runs from. */
function refuseOthers(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const each = path.join(folder, entry.name);
    if (entry.isSymbolicLink()) continue;
    const { mode } = lstatSync(each);
    if ((mode & groupAndOthersWrite) !== 0) chmodSync(each, mode & ~groupAndOthersWrite);
    if (entry.isDirectory()) refuseOthers(each);
  }
}

/**
 * Copies the program from a checkout to `target`: whole beside it, then renamed into its place. What is copied belongs to whoever
 * runs this. Throws {@link ServiceError} where the checkout is not set up, and what the file system throws.
 */
export function copyProgram(root: string, target: string): void {
  const fresh = `${target}.new`;
  const old = `${target}.old`;
  const packages = packagesOf(root);
  for (const each of [fresh, old]) rmSync(each, { recursive: true, force: true });
  try {
    mkdirSync(fresh, { recursive: true, mode: 0o755 });
    for (const part of [...programParts, ...packages]) {
      const from = path.join(root, part);
      if (existsSync(from)) cpSync(from, path.join(fresh, part), { recursive: true, verbatimSymlinks: true, filter: belongs });
    }
    writeFileSync(path.join(fresh, markName), 'Made by `tidewatch service install`; removed by `tidewatch service uninstall`.\n');
    refuseOthers(fresh);
    if (existsSync(target)) renameSync(target, old);
    renameSync(fresh, target);
  } finally {
    for (const each of [fresh, old]) rmSync(each, { recursive: true, force: true });
  }
}
