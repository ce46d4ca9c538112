import { visible } from '../terminal.ts';
import { durationText, sizeText } from '../units.ts';
import type { Units } from '../units.ts';
import { labelText } from './labels.ts';
import type { Ledger, LedgerTable } from './ledger.ts';

/** The biggest users that are worth a word at the end. */
const namedAtEnd = 3;

function biggest(table: LedgerTable, units: Units | undefined): string {
  return [...table.values()]
    .map((row) => ({ label: row.label, bytes: row.rxTotal + row.txTotal }))
    .filter((row) => row.bytes > 0)
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, namedAtEnd)
    .map((row) => `${visible(labelText(row.label))} ${sizeText(row.bytes, units)}`)
    .join(', ');
}

/** What stays on the terminal when the screen is given back: a few lines on what was seen. */
export function summaryLines(ledger: Ledger, units?: Units): string[] {
  const seconds = (ledger.snapshot.time - ledger.since) / 1000;
  const apps = biggest(ledger.apps, units);
  const domains = biggest(ledger.domains, units);
  return [
    `In ${durationText(seconds)}: ↓ ${sizeText(ledger.rxTotal, units)}  ↑ ${sizeText(ledger.txTotal, units)}`,
    ...(apps === '' ? [] : [`Apps:    ${apps}`]),
    ...(domains === '' ? [] : [`Domains: ${domains}`]),
  ];
}
