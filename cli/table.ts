import type { Paint, Tone } from './paint.ts';
import { fitted, padded, visible, widthOf } from './terminal.ts';
import type { KeptSide } from './terminal.ts';

/** One column. The one that `grows` takes what the others leave, and gives way first where the terminal is narrow. */
export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly grows?: boolean;
  /** Which side of a text that is too long is kept; the start where not said. */
  readonly keeps?: KeptSide;
}

/** A cell's text with its meaning, which becomes a colour where there are colours. */
export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | Cell)[])[];
}

/** Where it is drawn. `width` in columns; Infinity where nothing limits it (a file, a pipe). */
export interface Canvas {
  readonly width: number;
  readonly paint: Paint;
}

const gap = '  ';

/** A column that grows is never squeezed below this: fewer letters say nothing. */
const smallestGrowing = 8;

function plain(cell: string | Cell): Cell {
  const { text, tone } = typeof cell === 'string' ? { text: cell, tone: 'normal' as const } : cell;
  return { text: visible(text), tone };
}

function widths(table: { columns: readonly Column[]; rows: readonly (readonly Cell[])[] }, width: number): number[] {
  const natural = table.columns.map((column, index) =>
    table.rows.reduce((most, row) => Math.max(most, widthOf(row[index]?.text ?? '')), widthOf(column.title)),
  );
  const growing = table.columns.findIndex((column) => column.grows === true);
  if (growing === -1) return natural;
  const others = natural.reduce((sum, each, index) => (index === growing ? sum : sum + each), gap.length * (natural.length - 1));
  const left = width === Infinity ? (natural[growing] ?? 0) : Math.max(smallestGrowing, width - others);
  return natural.with(growing, left);
}

function aligned(text: string, column: Column, width: number): string {
  const short = fitted(text, width, column.keeps ?? 'start');
  return column.align === 'left' ? padded(short, width) : ' '.repeat(Math.max(0, width - widthOf(short))) + short;
}

/**
 * The table as lines, its titles first. Every cell is made harmless here (see `visible`), so that a caller cannot
 * forget it. Where the width is known, every line has exactly that many columns; a table that cannot be squeezed
 * enough is cut by the caller.
 */
export function tableLines(table: Table, canvas: Canvas): string[] {
  const rows = table.rows.map((row) => row.map(plain));
  const columnWidths = widths({ columns: table.columns, rows }, canvas.width);
  const line = (cells: readonly Cell[]): string =>
    table.columns
      .map((column, index) => {
        const cell = cells[index] ?? { text: '', tone: 'normal' };
        return canvas.paint(cell.tone, aligned(cell.text, column, columnWidths[index] ?? 0));
      })
      .join(gap);
  const titles = table.columns.map((column) => ({ text: column.title, tone: 'title' as const }));
  const lines = [titles, ...rows].map(line);
  return canvas.width === Infinity ? lines.map((each) => each.trimEnd()) : lines;
}
