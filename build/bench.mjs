/**
 * `npm run bench`: sets up what is missing, then measures against the budgets; `npm run bench -- capture` measures one part.
 * `npm run bench:owners` (the word `owners` here) compares who names the right process, which takes a quarter of an hour.
 */
import { runInForeground } from './child.mjs';
import { afterSetUp } from './set-up.mjs';

const [part, ...rest] = process.argv.slice(2);
const words = part === 'owners' ? ['test/bench/owners/main.ts', ...rest] : ['test/bench/main.ts', ...process.argv.slice(2)];

await afterSetUp(['run', 'test', 'bench'], async () => {
  process.exitCode = await runInForeground('node', words);
});
