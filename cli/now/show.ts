import type { SnapshotEvent } from '../../protocol/app.ts';
import { csvText } from '../../service/index.ts';
import { chosenUnits } from '../chosen-units.ts';
import { canvasOf, isTerminal } from '../edges.ts';
import type { Edges } from '../edges.ts';
import { listenForQuit } from '../keyboard.ts';
import type { Listing, ListingOptions } from '../listing.ts';
import { Output } from '../output.ts';
import { Screen } from '../screen.ts';
import { jsonLine } from '../terminal.ts';
import { follow, withWatched } from '../watched.ts';

/** A list of this moment, and how it follows from what comes; null where there is nothing new to show. */
export type Listed = (event: SnapshotEvent) => Listing | null;

/** How a list is shown: once, or again with every event until ended. */
export interface Showing extends ListingOptions {
  readonly watch: boolean;
  /** Seconds after which watching ends; absent: when told to. */
  readonly duration?: number | undefined;
  /** What stands on a screen until there is something to show. */
  readonly waiting?: string;
}

interface Place {
  put(listing: Listing): void;
  close(): void;
}

function onScreen(edges: Edges, waiting: string, units: ReturnType<typeof chosenUnits>): Place {
  if (!isTerminal(edges.output)) throw new Error('a screen needs a terminal');
  const screen = new Screen(edges.output, edges.outputDescriptor);
  const keyboard = isTerminal(edges.input) ? listenForQuit(edges.input, () => edges.ending.end('asked')) : null;
  let listing: Listing | null = null;
  const draw = (): void => screen.draw((listing === null ? [waiting] : listing.lines(canvasOf(edges, units))).slice(0, screen.size.rows));
  screen.onResize(draw);
  draw();
  return {
    put(next) {
      listing = next;
      draw();
    },
    close() {
      screen[Symbol.dispose]();
      keyboard?.[Symbol.dispose]();
    },
  };
}

function asText(output: Output, options: Showing, edges: Edges): Place {
  const units = chosenUnits(options, edges.defaultPaths);
  let isFirst = true;
  const put = (listing: Listing): void => {
    if (options.json) return output.lines([jsonLine(listing.json())]);
    if (options.csv) return output.write(csvText(listing.csv()));
    output.lines([...(isFirst ? [] : ['']), ...listing.lines(canvasOf(edges, units))]);
    isFirst = false;
  };
  return { put, close: () => {} };
}

/** Shows a list of this moment. Throws `ServiceError`, `CommandError` and `UsageError`. */
export async function showNow(listed: Listed, options: Showing, edges: Edges): Promise<void> {
  const output = new Output(edges.output, edges.ending);
  await withWatched(options, edges, async (session) => {
    const hasScreen = options.watch && !options.json && edges.output.isTTY && edges.environment['TERM'] !== 'dumb';
    const place = hasScreen ? onScreen(edges, options.waiting ?? 'waiting for the first second…', chosenUnits(options, edges.defaultPaths)) : asText(output, options, edges);
    // The first interval of a service that has just begun is not a whole one.
    let toSkip = session.isOwn && !options.watch ? 1 : 0;
    try {
      await follow(session, edges, (event) => {
        if (event.kind !== 'snapshot') return 'more';
        if (toSkip > 0) {
          toSkip -= 1;
          return 'more';
        }
        const listing = listed(event);
        if (listing === null) return 'more';
        place.put(listing);
        return options.watch ? 'more' : 'enough';
      });
    } finally {
      place.close();
    }
  });
  await output.finish();
}
