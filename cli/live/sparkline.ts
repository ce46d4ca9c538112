const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * The newest `width` values as one bar each, the highest of them as a full one; older places that have no value are
 * blank. Anything above zero is higher than zero.
 */
export function sparkline(values: readonly number[], width: number): string {
  if (width <= 0) return '';
  const shown = values.slice(-width);
  const peak = Math.max(...shown, 0);
  const bar = (value: number): string => bars[value <= 0 ? 0 : Math.max(1, Math.ceil((value / peak) * (bars.length - 1)))] ?? ' ';
  return ' '.repeat(width - shown.length) + shown.map(bar).join('');
}
