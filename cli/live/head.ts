import { modeLines } from '../mode-lines.ts';
import { fitted, padded, visible, widthOf, wrapped } from '../terminal.ts';
import { clockText } from '../time.ts';
import { countedText, durationText, rateText, sizeText, widestTexts } from '../units.ts';
import type { Frame } from './frame.ts';
import { connectionCount, coverageText, troubleText } from './labels.ts';
import type { Ledger } from './ledger.ts';
import { sparkline } from './sparkline.ts';

/** The head of the live screen: what is measured, how much flows, how surely it is known, and what is wrong. */

/** Troubles take at most this many lines: the traffic is what the screen is for. */
const mostTroubleLines = 4;

/** From which width on there is room to say what keys there are; the widest that fits is said. */
const hints = [
  { columns: 72, text: '1-4 tabs  ? help  q quits  ' },
  { columns: 62, text: '? help  q quits  ' },
  { columns: 50, text: 'q quits  ' },
] as const;

/** Left and right text on one line; where both do not fit, the right one gives way. */
function ends(left: string, right: string, width: number): string {
  const blank = width - widthOf(left) - widthOf(right);
  return blank < 1 ? left : `${left}${' '.repeat(blank)}${right}`;
}

const stateWords = { measuring: 'measuring', paused: 'paused', 'not-measuring': 'not measuring' } as const;

function headline(ledger: Ledger, frame: Frame): string {
  const { snapshot } = ledger;
  const interfaces = snapshot.interfaces.filter((each) => each.state === 'capturing').map((each) => visible(each.name));
  const where = snapshot.state === 'measuring' && interfaces.length > 0 ? ` ${interfaces.join(', ')}` : '';
  const privacy = ledger.mode.private === null ? '' : ' (private mode: totals only)';
  const clock = clockText(snapshot.time);
  const right = `${hints.find(({ columns }) => frame.columns >= columns)?.text ?? ''}${clock}`;
  const left = fitted(`Tidewatch  ${stateWords[snapshot.state]}${where}${privacy}`, frame.columns - right.length - 2, 'start');
  return frame.paint(snapshot.state === 'measuring' ? 'strong' : 'warning', ends(left, right, frame.columns));
}

/** Both rates with their recent course: `↓ 12.3 MB/s ▁▂▃█   ↑ 1.20 MB/s ▁▁▁▂`. */
function rateLine(ledger: Ledger, frame: Frame): string {
  const rates = ledger.rates.at(-1) ?? { rx: 0, tx: 0 };
  const half = Math.floor((frame.columns - 3) / 2);
  const part = (tone: 'down' | 'up', arrow: string, rate: number, course: readonly number[]): string => {
    const number = `${arrow} ${rateText(rate, frame.units).padStart(widestTexts(frame.units).rate)} `;
    return frame.paint(tone, padded(number + sparkline(course, Math.min(60, half - widthOf(number))), half));
  };
  const down = part('down', '↓', rates.rx, ledger.rates.map((each) => each.rx));
  const up = part('up', '↑', rates.tx, ledger.rates.map((each) => each.tx));
  return `${down}   ${up}`;
}

/** How much since the beginning, and how surely it is known: on one line where both fit, else on two. */
function summaryLines(ledger: Ledger, frame: Frame): string[] {
  const { snapshot, coverage } = ledger;
  const seconds = (snapshot.time - ledger.since) / 1000;
  const amounts = `In ${durationText(seconds)}  ↓ ${sizeText(ledger.rxTotal, frame.units)}  ↑ ${sizeText(ledger.txTotal, frame.units)}`;
  const left = `${amounts}  ${countedText(connectionCount(snapshot), 'connection')}`;
  const missed = ledger.missed === 0 ? '' : `; ${countedText(ledger.missed, 'update')} missed`;
  const right = `${coverageText(coverage)}${missed}`;
  const fits = widthOf(left) + widthOf(right) + 3 <= frame.columns;
  const lines = fits ? [ends(left, right, frame.columns)] : [left, right];
  const tone = ledger.missed > 0 || coverage.droppedPackets > 0 ? 'warning' : 'faint';
  return lines.map((line) => frame.paint(tone, fitted(line, frame.columns, 'start')));
}

function troubleLines(ledger: Ledger, frame: Frame): string[] {
  const lines = ledger.snapshot.troubles
    .filter((trouble) => !trouble.over)
    .flatMap((trouble) =>
      wrapped(visible(troubleText(trouble)), frame.columns - 2).map((line, index) => `${index === 0 ? '!' : ' '} ${line}`),
    );
  return lines.slice(0, mostTroubleLines).map((line) => frame.paint('warning', line));
}

/** What a person has switched on, with how to end it. */
function standingLines(ledger: Ledger, frame: Frame): string[] {
  return modeLines(ledger.mode).map((line) => frame.paint('warning', fitted(line, frame.columns, 'start')));
}

/** Where the window is, whole or not at all: half an address leads nowhere. */
function pageLines({ page, columns, paint }: Frame): string[] {
  const line = `Window: ${page ?? ''}`;
  return page === undefined || widthOf(line) > columns ? [] : [paint('faint', line)];
}

/** All of the head; troubles last. */
export function headLines(ledger: Ledger, frame: Frame): string[] {
  return [headline(ledger, frame), rateLine(ledger, frame), ...summaryLines(ledger, frame), ...pageLines(frame), ...standingLines(ledger, frame), ...troubleLines(ledger, frame)];
}
