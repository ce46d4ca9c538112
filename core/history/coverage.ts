import type { Coverage } from '../../protocol/app.ts';

/** What a receipt counts: each with its column in the file. */
export const coverageColumns = {
  capturedBytes: 'captured_bytes',
  capturedPackets: 'captured_packets',
  droppedPackets: 'dropped_packets',
  malformedPackets: 'malformed_packets',
  interfaceBytes: 'interface_bytes',
  exactBytes: 'exact_bytes',
  inferredBytes: 'inferred_bytes',
  unknownBytes: 'unknown_bytes',
} as const satisfies Readonly<Record<keyof Coverage, string>>;

/** In the order in which they stand in a row of the file. */
export const coverageNames = [
  'capturedBytes',
  'capturedPackets',
  'droppedPackets',
  'malformedPackets',
  'interfaceBytes',
  'exactBytes',
  'inferredBytes',
  'unknownBytes',
] as const satisfies readonly (keyof Coverage)[];

/** Nothing captured and nothing missed: the receipt of a time in which nothing was measured. */
export const noCoverage: Coverage = {
  capturedBytes: 0,
  capturedPackets: 0,
  droppedPackets: 0,
  malformedPackets: 0,
  interfaceBytes: 0,
  exactBytes: 0,
  inferredBytes: 0,
  unknownBytes: 0,
};

/** The receipt of two intervals together. */
export function addCoverage(a: Coverage, b: Coverage): Coverage {
  const sum = { ...noCoverage };
  for (const name of coverageNames) sum[name] = a[name] + b[name];
  return sum;
}
