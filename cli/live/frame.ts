import type { Paint } from '../paint.ts';

/** What is drawn on. Columns and rows of the terminal. */
export interface Frame {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
}
