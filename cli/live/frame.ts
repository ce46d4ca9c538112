import type { Paint } from '../paint.ts';
import type { Units } from '../units.ts';

/** What is drawn on. Columns and rows of the terminal. */
export interface Frame {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  /** How numbers are written; absent: as usual. */
  readonly units?: Units;
  /** Where the window is served as a page, with its token; absent where it is not. */
  readonly page?: string;
}
