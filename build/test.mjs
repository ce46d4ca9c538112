/**
 * `npm test`: sets up what is missing, then the checkers and all tests, in the order in which they are quick to fail.
 * `npm test -- test/core` runs the tests below one folder (or one file) and no checkers.
 */
import { existsSync, readdirSync } from 'node:fs';
import { runInForeground } from './child.mjs';
import { afterSetUp, root } from './set-up.mjs';

/**
 * What Node's test runner is to run: a chosen file as it is, a chosen folder with all below it.
 * @param {string} path
 */
function testPattern(path) {
  return path.endsWith('.ts') ? path : `${path.replace(/\/+$/u, '')}/**/*.test.ts`;
}

/** Each checker by the npm script that runs it alone. */
const checkers = ['lint', 'layers', 'types'];

/** @param {readonly string[]} chosen */
async function main(chosen) {
  for (const checker of chosen.length === 0 ? checkers : []) {
    process.stdout.write(`— ${checker}\n`);
    const code = await runInForeground('npm', ['run', '--silent', checker]);
    if (code !== 0) return code;
  }
  const paths = chosen.length === 0 ? ['test'] : chosen;
  const absent = paths.find((path) => !existsSync(`${root}${path}`));
  if (absent !== undefined) {
    process.stderr.write(`tidewatch: there is no ${absent}: name a folder or a file under test/\n`);
    return 2;
  }
  const folders = paths.flatMap((path) => (path === 'test' ? testFolders() : [path]));
  // Scenarios and desktops measure traffic in real time: each has the machine to itself. All else runs on two cores.
  const isAlone = (/** @type {string} */ path) => ['test/scenario', 'test/e2e'].some((folder) => path.startsWith(folder));
  const scenarios = folders.filter(isAlone);
  const others = folders.filter((path) => !isAlone(path));
  const codes = [
    others.length === 0 ? 0 : await runTests('tests', others, 2),
    scenarios.length === 0 ? 0 : await runTests('scenarios and desktops', scenarios, 1),
  ];
  return Math.max(...codes);
}

/** The folders of test/, as paths from the root. */
function testFolders() {
  return readdirSync(`${root}test`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `test/${entry.name}`);
}

/**
 * @param {string} title
 * @param {readonly string[]} paths
 * @param {number} atOnce how many files at one time
 */
async function runTests(title, paths, atOnce) {
  process.stdout.write(`— ${title}\n`);
  const options = ['--test', `--test-concurrency=${atOnce}`, '--test-timeout=600000'];
  return await runInForeground('node', [...options, ...paths.map(testPattern)]);
}

await afterSetUp(['run', 'test'], async () => {
  process.exitCode = await main(process.argv.slice(2));
});
