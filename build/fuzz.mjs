/** `npm run fuzz`: sets up what is missing, then runs the packet decoder under libFuzzer with sanitizers for a minute (FUZZ_SECONDS). */
import { runInForeground } from './child.mjs';
import { afterSetUp } from './set-up.mjs';

await afterSetUp(['run', 'fuzz'], async () => {
  process.exitCode = await runInForeground('make', ['--directory', 'helper/native', 'fuzz']);
});
