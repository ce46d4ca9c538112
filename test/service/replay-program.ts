/**
 * A helper as a process of its own, for the tests of how processes are started and ended.
 * `node replay-program.ts SOCKET good|stubborn|broken`: `good` ends when its input does, `stubborn` ends only by SIGKILL,
 * `broken` says why it cannot start and ends with 1.
 */
import { rmSync } from 'node:fs';
import { ReplayHelper } from './replay-helper.ts';

const [socketPath = '', kind = 'good'] = process.argv.slice(2);
if (kind === 'broken') {
  process.stderr.write('{"level":60,"msg":"no addon here"}\n');
  process.exitCode = 1;
} else {
  rmSync(socketPath, { force: true });
  await using helper = await ReplayHelper.listen(socketPath, { pid: process.pid });
  process.stderr.write('{"level":30,"msg":"listening"}\n');
  if (kind === 'stubborn') {
    process.on('SIGTERM', () => process.stderr.write('{"msg":"no"}\n'));
    setInterval(() => helper.connections, 1000);
    await new Promise(() => undefined);
  }
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
}
