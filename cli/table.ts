import type { Paint, Tone } from './paint.ts';
import { fitted, padded, visible, widthOf } from './terminal.ts';
import type { KeptSide } from './terminal.ts';
import type { Units } from './units.ts';

/** One column. The one that `grows` takes what the others leave. Text gives way where the terminal is narrow. */
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
  /** How numbers are written on it; absent: as usual. */
  readonly units?: Units;
}

const gap = '  ';

/** No column of text is squeezed below this: fewer letters say nothing. */
const smallestText = 8;

/** The growing column, usually the name, gives way last: it has this much before the others are squeezed too. */
const comfortableGrowing = 24;

function plain(cell: string | Cell): Cell {
  const { text, tone } = typeof cell === 'string' ? { text: cell, tone: 'normal' as const } : cell;
  return { text: visible(text), tone };
}

function widths(table: { columns: readonly Column[]; rows: readonly (readonly Cell[])[] }, width: number): number[] {
  const natural = table.columns.map((column, index) =>
    table.rows.reduce((most, row) => Math.max(most, widthOf(row[index]?.text ?? '')), widthOf(column.title)),
  );
  if (width === Infinity) return natural;
  const available = width - gap.length * (natural.length - 1);
  const growing = table.columns.findIndex((column) => column.grows === true);
  const others = natural.reduce((sum, each, index) => (index === growing ? sum : sum + each), 0);
  const grown = growing === -1 ? natural : natural.with(growing, Math.max(comfortableGrowing, available - others));
  return squeezed(grown, table.columns, available);
}

/** The widths with the widest columns of text made narrower until all fit; numbers are never cut. */
function squeezed(widths: readonly number[], columns: readonly Column[], available: number): number[] {
  const result = [...widths];
  let excess = widths.reduce((sum, each) => sum + each, 0) - available;
  const isText = (index: number): boolean => columns[index]?.align === 'left';
  while (excess > 0) {
    const widest = result.reduce((best, each, index) => (isText(index) && each > (result[best] ?? 0) ? index : best), columns.findIndex((_, index) => isText(index)));
    const room = (result[widest] ?? 0) - smallestText;
    if (room <= 0) break;
    result[widest] = (result[widest] ?? 0) - 1;
    excess -= 1;
  }
  return result;
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
