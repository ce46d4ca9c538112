import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonPieces } from '../../cli/capture-file/json.ts';
import type { CaptureFileFlow, CaptureFileResult } from '../../service/index.ts';

const flow: CaptureFileFlow = {
  protocol: 'tcp', a: '192.0.2.1', aPort: 1, b: '192.0.2.2', bPort: 443, bytesAb: 40, bytesBa: 0, packetsAb: 1, packetsBa: 0,
  hostname: 'one.example', hostnameSource: 'tls-sni', roundTripMicroseconds: null, retransmits: 0,
};

function resultWith(count: number): CaptureFileResult {
  const flows = Array.from({ length: count }, (_, aPort) => ({ ...flow, aPort }));
  return { packets: count, ipBytes: count * 40, linkType: 'raw', truncated: false, malformedPackets: 0, refusedClues: 0, evictedFlows: 0, flows, http: [] };
}

describe('the JSON of a capture file', () => {
  it('is the same value in pieces, and one line', () => {
    for (const count of [0, 1, 1000, 2500]) {
      const result = resultWith(count);
      const pieces = [...jsonPieces(result)];
      assert.deepEqual(JSON.parse(pieces.join('')), result);
      assert.equal(pieces.join('').indexOf('\n'), pieces.join('').length - 1);
    }
  });

  it('has the innermost flows where a file has any', () => {
    const result: CaptureFileResult = { ...resultWith(2), flowsInner: resultWith(1).flows };
    assert.deepEqual(JSON.parse([...jsonPieces(result)].join('')), result);
  });
});
