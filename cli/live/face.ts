import type { LiveEvent } from '../../protocol/app.ts';
import { isTerminal } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { listenForKeys } from '../keyboard.ts';
import type { Key } from '../keyboard.ts';
import type { Output } from '../output.ts';
import { paintFor } from '../paint.ts';
import { Screen } from '../screen.ts';
import { jsonLine } from '../terminal.ts';
import { ledgerAfter } from './ledger.ts';
import type { Units } from '../units.ts';
import type { Ledger } from './ledger.ts';
import { newTroubles, snapshotLine } from './lines.ts';
import { picture } from './picture.ts';
import { summaryLines } from './summary.ts';
import { firstView, viewAfter } from './view.ts';

/** One way of showing what comes: as JSON, as lines, or on a whole screen. */
export interface Face {
  show(event: LiveEvent): void;
  /** Gives back what was taken, and says what there is to say at the end. */
  close(): void;
}

function jsonFace(output: Output): Face {
  const show = (event: LiveEvent): void => {
    if (event.kind === 'snapshot') output.lines([jsonLine(event.snapshot)]);
  };
  return { show, close: () => {} };
}

/** What a screen needs beside the events. */
interface ScreenOptions {
  readonly output: Output;
  readonly units: Units;
  /** Where the window is served as a page; null where it is not. */
  readonly page: string | null;
}

/** Troubles go to standard error, each once, so that the lines stay lines of one kind. */
function lineFace(output: Output, errors: NodeJS.WriteStream, units: Units): Face {
  let told: ReadonlySet<string> = new Set();
  return {
    show(event) {
      if (event.kind !== 'snapshot') return;
      const { snapshot, mode } = event;
      const troubles = newTroubles(snapshot, told);
      for (const text of troubles) errors.write(`tidewatch: ${text}\n`);
      // Only what still stands counts as told: a trouble that comes back is told again, and the set stays small.
      told = new Set(newTroubles(snapshot, new Set()));
      output.lines([snapshotLine(snapshot, mode, units)]);
    },
    close: () => {},
  };
}

function screenFace(screen: Screen, edges: Edges, to: ScreenOptions): Face {
  const { output, units, page } = to;
  const paint = paintFor({ isTerminal: true, environment: edges.environment });
  let view = firstView;
  let ledger: Ledger | null = null;
  /** What is drawn: the ledger, or what it was when the picture was held. */
  let shown: Ledger | null = null;
  const draw = (): void => {
    const frame = { ...screen.size, paint, units, ...(page === null ? {} : { page }) };
    screen.draw(shown === null ? [paint('strong', 'Tidewatch'), '', 'waiting for the first second…'] : picture(shown, frame, view));
  };
  const press = (key: Key): void => {
    const next = viewAfter(view, key);
    if (next === 'quit') return edges.ending.end('asked');
    view = next;
    if (!view.isHeld) shown = ledger;
    draw();
  };
  const keyboard = isTerminal(edges.input) ? listenForKeys(edges.input, press) : null;
  screen.onResize(draw);
  draw();
  return {
    show(event) {
      ledger = ledgerAfter(ledger, event);
      if (!view.isHeld) shown = ledger;
      draw();
    },
    close() {
      screen[Symbol.dispose]();
      keyboard?.[Symbol.dispose]();
      if (ledger !== null) output.lines(summaryLines(ledger, units));
    },
  };
}

/**
 * The face that fits: JSON where asked for, a screen on a terminal, else lines. With --verbose the log goes to
 * standard error; where that is the same terminal, lines and log can share it and a screen could not.
 */
export function openFace(options: { json: boolean; verbose: boolean; units: Units; page: string | null }, edges: Edges, output: Output): Face {
  if (options.json) return jsonFace(output);
  const isDisturbed = options.verbose && edges.errors.isTTY;
  if (!isTerminal(edges.output) || edges.environment['TERM'] === 'dumb' || isDisturbed) return lineFace(output, edges.errors, options.units);
  return screenFace(new Screen(edges.output, edges.outputDescriptor), edges, { output, units: options.units, page: options.page });
}
