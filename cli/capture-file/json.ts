import type { CaptureFileFlow, CaptureFileResult } from '../../service/capture-file.ts';
import { jsonLine } from '../harmless.ts';

/** Flows in one piece: some 300 kB. */
const flowsPerPiece = 1000;

function* listPieces(name: string, flows: readonly CaptureFileFlow[]): Generator<string> {
  yield `,"${name}":[`;
  for (let start = 0; start < flows.length; start += flowsPerPiece) {
    const list = jsonLine(flows.slice(start, start + flowsPerPiece)).slice(1, -1);
    yield start === 0 ? list : `,${list}`;
  }
  yield ']';
}

/**
 * What a capture file holds as one line of JSON, harmless on a terminal, in pieces: two million flows in one would be longer
 * than a text may be.
 */
export function* jsonPieces({ flows, flowsInner, ...rest }: CaptureFileResult): Generator<string> {
  yield jsonLine(rest).slice(0, -1);
  yield* listPieces('flows', flows);
  if (flowsInner !== undefined) yield* listPieces('flowsInner', flowsInner);
  yield '}\n';
}
