/**
 * A field of a CSV file (RFC 4180). A spreadsheet takes a text that begins like a formula for one, and names come from the
 * network: such a text gets an apostrophe in front.
 */
export function csvField(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/u.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines of a CSV file, with the line ends that RFC 4180 asks for. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}
