import { once } from 'node:events';
import { openCaptureInput } from './file/input.ts';
import { readCapture } from './file/reading.ts';
import { loadNative } from './native/index.ts';
import { defaultMaximumFileFlows } from './native/limits.ts';

/**
 * Reads one capture file, without any rights, and says what is in it: `node helper/read-file.ts FILE|-`, one JSON value of
 * protocol/capture-file.ts per line. Exit codes: 0 read, 1 the file could not be read (the last line says why), 2 wrong usage.
 */
async function run(path: string): Promise<void> {
  using decoder = loadNative().createFileDecoder({ maximumFlows: defaultMaximumFileFlows, decapsulate: true, believedAnswers: 'all' });
  for await (const message of readCapture(() => openCaptureInput(path), decoder)) {
    if (message.kind === 'failed') process.exitCode = 1;
    if (!process.stdout.write(`${JSON.stringify(message)}\n`)) await once(process.stdout, 'drain');
  }
}

const [path, ...rest] = process.argv.slice(2);
if (path === undefined || rest.length > 0) {
  process.stderr.write('usage: node helper/read-file.ts FILE|-\n');
  process.exitCode = 2;
} else {
  // Whoever reads the output may stop early: there is nothing left to do then.
  process.stdout.on('error', () => process.exit(1));
  await run(path);
}
