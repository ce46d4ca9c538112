/** `npm start`: sets up what is missing, then shows who is using the bandwidth. Words after `--` go to `tidewatch live`. */
import { runInForeground } from './child.mjs';
import { afterSetUp, root } from './set-up.mjs';

await afterSetUp(['run'], async () => {
  process.exitCode = await runInForeground(`${root}bin/tidewatch`, ['live', ...process.argv.slice(2)]);
});
