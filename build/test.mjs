/**
 * `npm test`: sets up what is missing, then the checkers and all tests, in the order in which they are quick to fail.
 * `npm test -- test/core` runs the tests below one folder (or one file) and no checkers.
 */
import { existsSync } from 'node:fs';
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
  process.stdout.write('— tests\n');
  // Two at a time: the scenario tests measure traffic, and two cores carry no more.
  return await runInForeground('node', ['--test', '--test-concurrency=2', '--test-timeout=600000', ...paths.map(testPattern)]);
}

await afterSetUp(['run', 'test'], async () => {
  process.exitCode = await main(process.argv.slice(2));
});
