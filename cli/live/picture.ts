import type { Frame } from './frame.ts';
import { headLines } from './head.ts';
import type { Ledger } from './ledger.ts';
import { sections } from './sections.ts';
import { helpLines, tabLine, tabLines } from './tabs.ts';
import { firstView } from './view.ts';
import type { View } from './view.ts';

/** The live screen as lines: a pure function of what was seen, the size of the terminal and its colours. */

/** A table with fewer rows than this is not worth its blank line and its titles. */
const fewestRows = 2;

/** Lines of a section beside its rows: a blank one above, and its titles. */
const linesBesideRows = 2;

/** How many rows each section gets of those that there are; what one does not need, the next one has. */
function shared(available: number, wanted: readonly number[]): number[] {
  const given = wanted.map(() => 0);
  let left = available;
  for (let turn = 0; turn < available; turn += 1) {
    const before = left;
    wanted.forEach((want, index) => {
      const has = given[index] ?? 0;
      if (left > 0 && has < want) {
        given[index] = has + 1;
        left -= 1;
      }
    });
    if (left === before) break;
  }
  return given;
}

/** The sections that fit, each with a blank line and its titles above its rows. */
function body(ledger: Ledger, frame: Frame, available: number): string[] {
  const fitting = sections(ledger, frame).filter((_, index) => available >= (index + 1) * (linesBesideRows + fewestRows));
  const given = shared(available - linesBesideRows * fitting.length, fitting.map((section) => section.wanted));
  return fitting.flatMap((section, index) => ['', ...section.lines(given[index] ?? 0)]);
}

/** Whether the line with the tabs has anything to say. */
function hasTabLine({ tab, isHeld, hasHelp }: View): boolean {
  return tab !== 'all' || isHeld || hasHelp;
}

/** At most `rows` lines of at most `columns` columns each. */
export function picture(ledger: Ledger, frame: Frame, view: View = firstView): string[] {
  const head = [...headLines(ledger, frame), ...(hasTabLine(view) ? [tabLine(view, frame)] : [])];
  const available = frame.rows - head.length;
  const lines = view.hasHelp ? helpLines(frame) : view.tab === 'all' ? body(ledger, frame, available) : tabLines(ledger, view, { frame, available });
  return [...head, ...lines].slice(0, frame.rows);
}
