import type { Coverage } from '../../protocol/app.ts';

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
  return {
    capturedBytes: a.capturedBytes + b.capturedBytes,
    capturedPackets: a.capturedPackets + b.capturedPackets,
    droppedPackets: a.droppedPackets + b.droppedPackets,
    malformedPackets: a.malformedPackets + b.malformedPackets,
    interfaceBytes: a.interfaceBytes + b.interfaceBytes,
    exactBytes: a.exactBytes + b.exactBytes,
    inferredBytes: a.inferredBytes + b.inferredBytes,
    unknownBytes: a.unknownBytes + b.unknownBytes,
  };
}
