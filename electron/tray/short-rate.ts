/** A rate in the few characters that an icon has room for. */

const letters = ['K', 'M', 'G', 'T'] as const;

/**
 * At most four characters: `0`, `0.3K`, `1.2M`, `45M`, `450M`. `perSecond` is in bytes or in bits, not negative; `step` is
 * 1000 or 1024. Less than half of a tenth of the smallest unit is `0`.
 */
export function shortRate(perSecond: number, step: 1000 | 1024): string {
  let scaled = perSecond / step;
  let index = 0;
  // What would be a thousand of a unit is one of the next.
  while (scaled >= 999.5 && index < letters.length - 1) {
    scaled /= step;
    index += 1;
  }
  if (index === 0 && scaled < 0.05) return '0';
  const digits = scaled < 9.95 ? scaled.toFixed(1) : Math.min(999, Math.round(scaled)).toFixed(0);
  return `${digits}${letters[index]}`;
}
