/** Statistics that a few wild values do not move. */

/** The median; NaN of nothing. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The quantile by linear interpolation (Hyndman and Fan 1996, type 7); NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return low + (high - low) * (at - Math.floor(at));
}

/** Makes the median absolute deviation of a normal distribution its standard deviation. */
const normalScale = 1.4826;

/** The median absolute deviation, scaled to a standard deviation (Rousseeuw and Croux 1993). */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  return normalScale * median(values.map((value) => Math.abs(value - middle)));
}
