/** `npm run bench`: sets up what is missing, then measures against the budgets. `npm run bench -- capture` measures one part. */
import { runInForeground } from './child.mjs';
import { afterSetUp } from './set-up.mjs';

await afterSetUp(['run', 'test', 'bench'], async () => {
  process.exitCode = await runInForeground('node', ['test/bench/main.ts', ...process.argv.slice(2)]);
});
