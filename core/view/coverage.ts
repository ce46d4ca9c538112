import type { Coverage } from '../../protocol/app.ts';
import type { MeasuredInterval } from '../attribution/index.ts';
import { noCoverage } from '../history/coverage.ts';
import { totalBytes } from './rows.ts';

/**
 * The coverage receipt of an interval, over the interfaces at the edge. `capturedBytes` is the helper's own sum, not the
 * sum of the flows: where the two differ, the shares of certainty no longer sum up to it, and that shows.
 */
export function coverageOf(interval: MeasuredInterval): Coverage {
  const coverage = { ...noCoverage };
  for (const { status, interval: measured } of interval.interfaces) {
    if (!status.edge || measured === null) continue;
    coverage.capturedBytes += measured.bytes;
    coverage.capturedPackets += measured.packets;
    coverage.droppedPackets += measured.droppedPackets;
    coverage.malformedPackets += measured.malformedPackets;
    coverage.interfaceBytes += measured.interfaceRxBytes + measured.interfaceTxBytes;
  }
  for (const { delta, owner, placement } of interval.flows) {
    if (placement === 'edge') coverage[`${owner.certainty}Bytes`] += totalBytes(delta);
  }
  return coverage;
}
