import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CaptureFileMessage } from '../../protocol/capture-file.ts';
import type { HttpHostSum } from '../../protocol/http.ts';
import { knownCaptures, pendingCaptures } from './captures.ts';

/** Plain HTTP in real captures, beside what tshark (`-Y http.request`, `-Y http.response`) counts in them. */

const program = fileURLToPath(new URL('../../helper/read-file.ts', import.meta.url));
const fixtures = fileURLToPath(new URL('../fixtures/captures/', import.meta.url));

function httpOf(path: string): readonly HttpHostSum[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, path], { encoding: 'utf8', maxBuffer: 64 * 1_048_576 });
  assert.equal(status, 0, stderr);
  const messages = stdout.trim().split('\n').map((line) => CaptureFileMessage.parse(JSON.parse(line)));
  assert.equal(messages.at(-1)?.kind, 'done');
  return messages.flatMap((message) => (message.kind === 'http' ? message.hosts : []));
}

function sharedCapture(name: string): string {
  const capture = knownCaptures().find((one) => one.name === name);
  assert.ok(capture !== undefined, `no ${name} among the captures`);
  return capture.path;
}

const head = { requests: 1, responses: 1, methods: { HEAD: 1 }, sections: { '/small': 1 }, statuses: { 200: 1 } };

describe('plain HTTP in a capture', () => {
  it('is counted for each of several hosts on one connection', () => {
    assert.deepEqual(httpOf(`${fixtures}curl-http.pcap`), [{ host: 'second.example.com', ...head }, { host: 'www.example.com', ...head }]);
  });

  it('is none where all is encrypted', () => {
    for (const name of ['curl-tls.pcap', 'chromium-quic.pcap', 'dns-over-tcp.pcap']) assert.deepEqual(httpOf(fixtures + name), [], name);
  });

  it('of a browser is counted with its methods, first sections and statuses', { skip: pendingCaptures }, () => {
    assert.deepEqual(httpOf(sharedCapture('arkime__80211http.pcap')), [
      {
        host: 'qq.com', requests: 7, responses: 7, methods: { GET: 5, POST: 2 },
        sections: { '/': 1, '/favicon.ico': 1, '/static': 3, '/post.php': 2 }, statuses: { 200: 2, 304: 3, 405: 2 },
      },
    ]);
  });

  it('of many parallel connections is counted whole, and tells no more than hosts and first sections', { skip: pendingCaptures }, () => {
    const sums = httpOf(sharedCapture('ndpi__alexa-app.pcapng'));
    assert.deepEqual(sums.map(({ host, requests, responses, sections, statuses }) => ({ host, requests, responses, sections, statuses })), [
      { host: 'ecx.images-amazon.com', requests: 15, responses: 15, sections: { '/images': 15 }, statuses: { 200: 15 } },
      { host: 'alexa.amazon.com', requests: 5, responses: 5, sections: { '/manifest': 3, '/lib': 2 }, statuses: { 200: 3, 404: 2 } },
      { host: 'connectivitycheck.android.com', requests: 2, responses: 2, sections: { '/generate_204': 2 }, statuses: { 204: 2 } },
    ]);
  });
});
