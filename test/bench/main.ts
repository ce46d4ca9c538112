/**
 * `npm run bench`: measures Tidewatch against its budgets and prints one table. `npm run bench -- idle capture` measures
 * those parts only. Exit code 2 for a part that does not exist; a budget that is exceeded is a row, not a failure.
 */
import { benchCapture } from './capture/index.ts';
import { benchIdle } from './idle.ts';
import { describeMachine } from './machine.ts';
import { benchReading } from './reading/index.ts';
import { renderTable } from './table.ts';
import type { Row } from './table.ts';

const parts: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  idle: benchIdle,
  capture: benchCapture,
  reading: benchReading,
};

async function main(chosen: readonly string[]): Promise<number> {
  const unknown = chosen.find((name) => !(name in parts));
  if (unknown !== undefined) {
    console.error(`bench: there is no part "${unknown}": choose among ${Object.keys(parts).join(', ')}`);
    return 2;
  }
  const rows: Row[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    console.error(`bench: measuring ${name} …`);
    rows.push(...(await measure()));
  }
  console.log(`${describeMachine()}\n\n${renderTable(rows)}`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
