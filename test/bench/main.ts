/**
 * `npm run bench`: measures Tidewatch against its budgets and prints one table. `npm run bench -- idle capture` measures
 * those parts only. A budget that is exceeded is a row, not a failure. Exit code 1 where a part could not be measured to
 * its end, 2 for a part that does not exist.
 */
import { benchCapture } from './capture/index.ts';
import { benchDesktop } from './desktop.ts';
import { benchHistory } from './history/index.ts';
import { benchIdle } from './idle.ts';
import { describeMachine } from './machine.ts';
import { benchReading } from './reading/index.ts';
import { renderTable } from './table.ts';
import { benchWindow } from './window/index.ts';
import type { Row } from './table.ts';

const parts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  idle: benchIdle,
  capture: benchCapture,
  reading: benchReading,
  history: benchHistory,
  desktop: benchDesktop,
  window: benchWindow,
};

async function main(chosen: readonly string[]): Promise<number> {
  const unknown = chosen.find((name) => !(name in parts));
  if (unknown !== undefined) {
    console.error(`bench: there is no part "${unknown}": choose among ${Object.keys(parts).join(', ')}`);
    return 2;
  }
  const rows: Row[] = [];
  let exitCode = 0;
  for (const [name, measure] of Object.entries(parts)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    console.error(`bench: measuring ${name} …`);
    try {
      rows.push(...(await measure()));
    } catch (error) {
      // The other parts' figures are worth having: they took minutes.
      console.error(error);
      rows.push({ part: name, what: name, measured: 'failed: see above' });
      exitCode = 1;
    }
  }
  console.log(`${describeMachine()}\n\n${renderTable(rows)}`);
  return exitCode;
}

process.exitCode = await main(process.argv.slice(2));
