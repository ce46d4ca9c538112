/**
 * npm packages replaced by others, or not at all: `npm ci` removes those that are there before it knows whether it can fetch the
 * new ones, and without a network that would leave nothing.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';

/** Written by npm when all packages are in place (npm, "package-lock.json: Hidden Lockfiles"). */
const lastWritten = '.package-lock.json';

/**
 * @param {string} path
 */
function remove(path) {
  rmSync(path, { recursive: true, force: true });
}

/**
 * Whether it could be moved: a folder that is a mount of its own cannot (rename(2), EBUSY and EXDEV).
 * @param {string} from
 * @param {string} to
 */
function moved(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EBUSY', 'EXDEV'].includes(String(error.code))) return false;
    throw error;
  }
}

/**
 * Runs `install`, which fills node_modules; where it fails, the packages from before are back. What a run that was broken off left
 * is put right first.
 * @param {string} root the folder of node_modules, with a slash at its end
 * @param {() => boolean} install whether it succeeded
 * @returns {'installed' | 'kept' | 'none'} `kept`: it failed, and those from before are there; `none`: there are none
 */
export function replacePackages(root, install) {
  const current = `${root}node_modules`;
  const before = `${root}.node_modules-before`;
  const restore = () => {
    remove(current);
    renameSync(before, current);
  };
  if (existsSync(before)) {
    if (existsSync(`${current}/${lastWritten}`)) remove(before);
    else restore();
  }
  const isAside = moved(current, before);
  if (install()) {
    remove(before);
    return 'installed';
  }
  if (!isAside) return 'none';
  restore();
  return 'kept';
}
