import { existsSync } from 'node:fs';

const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];

/** Whether a program is somewhere on the search path. */
export function isInstalled(program: string): boolean {
  return folders.some((folder) => folder !== '' && existsSync(`${folder}/${program}`));
}

/** Rows of text as aligned columns; rows may be short. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  for (const row of [head, widths.map((width) => '─'.repeat(width)), ...rows]) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
  }
  console.log('');
}
