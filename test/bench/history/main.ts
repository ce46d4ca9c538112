/** `node test/bench/history/main.ts`: the history's part of `npm run bench`, by itself. */
import { describeMachine } from '../machine.ts';
import { renderTable } from '../table.ts';
import { benchHistory } from './index.ts';

console.log(`${describeMachine()}\n\n${renderTable(await benchHistory())}`);
