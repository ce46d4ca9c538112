import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { screen } from 'electron';
import { z } from 'zod';

/** Where windows were, kept in one small file. It is only comfort: a file that cannot be read or written changes nothing else. */

const Place = z.object({
  x: z.number().int().min(-100_000).max(100_000),
  y: z.number().int().min(-100_000).max(100_000),
  width: z.number().int().min(100).max(20_000),
  height: z.number().int().min(60).max(20_000),
});
export type Place = z.infer<typeof Place>;

const Remembered = z.object({
  main: Place.optional().catch(undefined),
  mini: Place.optional().catch(undefined),
  /** The mini window was open when the program ended. */
  miniOpen: z.boolean().catch(false),
  /** A person was told that this desktop has no tray. */
  trayTold: z.boolean().catch(false),
});
export type Remembered = z.infer<typeof Remembered>;

const nothing: Remembered = { miniOpen: false, trayTold: false };

function read(file: string): Remembered {
  try {
    return Remembered.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Nothing was remembered, or nothing that can be understood.
    return nothing;
  }
}

/** A place of which a person can see enough to drag it: else, of the same size, in the corner of the nearest screen. */
export function visiblePlace(place: Place): Place {
  const area = screen.getDisplayMatching(place).workArea;
  const width = Math.min(place.width, area.width);
  const height = Math.min(place.height, area.height);
  const x = Math.min(Math.max(place.x, area.x), area.x + area.width - width);
  const y = Math.min(Math.max(place.y, area.y), area.y + area.height - height);
  return { x, y, width, height };
}

export class WindowPlaces {
  readonly #file: string;
  #remembered: Remembered;

  constructor(file: string) {
    this.#file = file;
    this.#remembered = read(file);
  }

  get remembered(): Remembered {
    return this.#remembered;
  }

  /** Keeps what is given beside what is there. Atomically: a crash leaves the old file. */
  remember(part: Partial<Remembered>): void {
    const next = { ...this.#remembered, ...part };
    if (JSON.stringify(next) === JSON.stringify(this.#remembered)) return;
    this.#remembered = next;
    try {
      mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(`${this.#file}.new`, JSON.stringify(next), { mode: 0o600 });
      renameSync(`${this.#file}.new`, this.#file);
    } catch {
      // The next start begins where windows begin: nothing a person must be told of.
    }
  }
}
