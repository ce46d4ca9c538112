import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readReply } from '../../../helper/resolver/query-result.ts';
import { NameSeen } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';
import { addressRecord, aliasRecord, replyOf } from './replies.ts';

const now = epochMs(1_700_000_000_000);

function namesIn(text: string): readonly string[] {
  const reply = readReply(text, now);
  assert.equal(reply.kind, 'names');
  return reply.kind === 'names' ? reply.names.map((seen) => `${seen.name} ${seen.kind === 'address' ? `${seen.address} ${seen.ttlSeconds}` : ''}`) : [];
}

describe('a reply of the system resolver', () => {
  it('gives the asked name for each address, with the time to live of the record', () => {
    const answer = [addressRecord('www.example.org', [192, 0, 2, 1], 30), addressRecord('www.example.org', [192, 0, 2, 2], 60)];
    assert.deepEqual(namesIn(replyOf({ question: ['www.example.org'], answer })), ['www.example.org 192.0.2.1 30', 'www.example.org 192.0.2.2 60']);
  });

  it('gives the asked name through aliases of one answer, and never the alias', () => {
    const answer = [aliasRecord('www.example.org', 'edge.cdn.example'), addressRecord('edge.cdn.example', [192, 0, 2, 1])];
    assert.deepEqual(namesIn(replyOf({ question: ['www.example.org'], answer })), ['www.example.org 192.0.2.1 60']);
  });

  it('gives the asked name through aliases that were asked for separately', () => {
    const answer = [addressRecord('edge.cdn.example', [192, 0, 2, 1])];
    assert.deepEqual(namesIn(replyOf({ question: ['edge.cdn.example'], collectedQuestions: ['www.example.org'], answer })), ['www.example.org 192.0.2.1 60']);
  });

  it('is heard with the instant it came, for no flow', () => {
    const reply = readReply(replyOf({ question: ['www.example.org'], answer: [addressRecord('www.example.org', [192, 0, 2, 1])] }), now);
    assert.deepEqual(reply, {
      kind: 'names',
      names: [{ kind: 'address', source: 'resolver', name: 'www.example.org', address: '192.0.2.1', ttlSeconds: 60, time: now, flow: null }],
    });
  });

  it('names nothing where the question failed, nothing was asked, or a host of the LAN may have answered', () => {
    const answer = [addressRecord('www.example.org', [192, 0, 2, 1])];
    assert.deepEqual(namesIn(replyOf({ question: ['www.example.org'], answer, state: 'rcode-failure' })), []);
    assert.deepEqual(namesIn(replyOf({ question: [], answer })), []);
    for (const name of ['printer', 'printer.local']) {
      assert.deepEqual(namesIn(replyOf({ question: [name], answer: [addressRecord(name, [192, 0, 2, 1])] })), []);
    }
    assert.deepEqual(namesIn('{"parameters":{"ready":true},"continues":true}'), []);
  });

  it('says that the subscription ended', () => {
    assert.equal(readReply('{"error":"org.varlink.service.MethodNotFound"}', now).kind, 'ended');
    assert.equal(readReply('{"parameters":{}}', now).kind, 'ended');
  });

  it('is a name, an end or unknown, whatever it holds', () => {
    const record = fc.record({ raw: fc.oneof(fc.base64String(), fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')), fc.string()) });
    const key = fc.record({ type: fc.integer(), class: fc.integer(), name: fc.oneof(fc.domain(), fc.string({ unit: 'binary' })) });
    const parameters = fc.record({ state: fc.constantFrom('success', 'x'), question: fc.array(key), collectedQuestions: fc.array(key), answer: fc.array(record) }, { requiredKeys: [] });
    const text = fc.oneof(
      fc.record({ parameters: fc.oneof(parameters, fc.jsonValue()), continues: fc.constantFrom(true, false, null, 1) }, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (reply) => {
        const read = readReply(reply, now);
        if (read.kind === 'names') for (const name of read.names) NameSeen.parse(name);
      }),
      { numRuns: 2000 },
    );
  });
});
