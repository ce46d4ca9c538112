import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { History, calendarOf } from '../../../service/history/index.ts';
import { epochMs } from '../../../protocol/units.ts';
import { usage } from '../../core/history/usages.ts';

/**
 * A program that writes to a history without end, as a service does every ten seconds, only that no time passes between:
 * `node writing.ts FILE START`. Before each write it prints `writing`, and after its commit the instant up to which everything is in the file.
 */
export const tenSecondsMs = 10_000;
export const rowsPerWrite = 200;
export const bytesPerWrite = rowsPerWrite * 1000;

function writeForever(path: string, start: number): void {
  const history = new History({ path, calendar: calendarOf(() => 'Europe/Berlin'), now: epochMs(start), pid: process.pid });
  for (let time = start; ; time += tenSecondsMs) {
    for (let row = 0; row < rowsPerWrite; row += 1) {
      const at = time + row;
      history.add(usage({ at, app: `/opt/app-${row % 20}`, host: `h${row}.example`, domain: `d${row % 9}.example`, rxBytes: 1000 }));
    }
    writeSync(1, 'writing\n');
    const outcome = history.flush(epochMs(time + tenSecondsMs));
    if (outcome.kind !== 'written') throw new Error(outcome.kind);
    writeSync(1, `${time + tenSecondsMs}\n`);
  }
}

const [, program = '', path, start] = process.argv;
if (import.meta.url === pathToFileURL(program).href && path !== undefined) writeForever(path, Number(start));
