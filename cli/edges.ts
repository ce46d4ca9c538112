import type { ReadStream, WriteStream } from 'node:tty';
import type { EpochMs } from '../protocol/units.ts';
import type { ServicePaths } from '../service/index.ts';
import type { Ending } from './ending.ts';
import { paintFor } from './paint.ts';
import type { Canvas } from './table.ts';
import { usualUnits } from './units.ts';
import type { Units } from './units.ts';

/** Everything outside that a command touches, given to it: so a command is a function of what it gets. */
export interface Edges {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly outputDescriptor: number;
  readonly errors: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly defaultPaths: ServicePaths;
  readonly ending: Ending;
  now(): EpochMs;
}

/** Whether a stream is a terminal (its type then has a size and can change it). */
export function isTerminal<Stream extends NodeJS.WriteStream | NodeJS.ReadStream>(
  stream: Stream,
): stream is Stream & (Stream extends NodeJS.WriteStream ? WriteStream : ReadStream) {
  return stream.isTTY;
}

/** What tables are drawn on: as wide as the terminal and coloured as it allows; without limit elsewhere. */
export function canvasOf(edges: Edges, units: Units = usualUnits): Canvas {
  const { output, environment } = edges;
  const width = isTerminal(output) && output.columns > 0 ? output.columns : Infinity;
  return { width, paint: paintFor({ isTerminal: output.isTTY, environment }), units };
}
