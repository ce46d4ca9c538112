/** Prints how long 100 000 lines take to import, and how much memory: `node test/service/import/hundred-thousand.ts`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultSettings } from '../../../core/settings/index.ts';
import { foundFiles, importBandwhichInto } from '../../../service/import/index.ts';
import { refreshText } from './logs.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-import-bench-'));
try {
  for (let file = 0; file < 5; file += 1) {
    const refreshes = Array.from({ length: 1000 }, (_, index) => refreshText({
      second: 1_700_000_000 + file * 1000 + index,
      connections: Array.from({ length: 6 }, (_each, number) => ({ process: `app${number}`, up: number, down: 100 * number, remote: `203.0.113.${(index + number) % 250}`, localPort: 40_000 + number })),
    }));
    writeFileSync(path.join(folder, `${file}.log`), refreshes.join(''));
  }
  const begun = performance.now();
  const result = await importBandwhichInto(path.join(folder, 'history.sqlite'), foundFiles([folder]), { settings: defaultSettings, progress: () => undefined });
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(`${result.lines} lines, ${result.importedSeconds} seconds of log: ${seconds.toFixed(2)} s, ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most\n`);
} finally {
  rmSync(folder, { recursive: true });
}
