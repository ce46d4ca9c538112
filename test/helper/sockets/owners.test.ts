import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { flowId } from '../../../protocol/flow.ts';
import type { OwnerAnswer, OwnerQuestion, OwnerSource } from '../../../helper/sockets/owner-source.ts';
import { unknownOwner } from '../../../helper/sockets/owner-source.ts';
import { Owners, ownerLimits } from '../../../helper/sockets/owners.ts';
import { endsOf } from '../support/ends.ts';
import { described } from '../support/records.ts';

/** A rung whose answers the test gives, and that counts what it is asked. */
class Rung implements OwnerSource {
  readonly name: string;
  readonly asked: OwnerQuestion[] = [];
  answer: (question: OwnerQuestion) => OwnerAnswer | null;

  constructor(name: string, answer: (question: OwnerQuestion) => OwnerAnswer | null) {
    this.name = name;
    this.answer = answer;
  }

  limit(): null {
    return null;
  }

  find(questions: readonly OwnerQuestion[]): readonly (OwnerAnswer | null)[] {
    this.asked.push(...questions);
    return questions.map(this.answer);
  }
}

const curl = described(10);
const exact: OwnerAnswer = { certainty: 'exact', process: curl };
const guessed: OwnerAnswer = { certainty: 'inferred', process: described(11), reason: 'shared-port' };
const question: OwnerQuestion = { interfaceIndex: 2, ends: endsOf() };
const flow = flowId(1);

function ladder(...sources: readonly OwnerSource[]): { readonly owners: Owners; readonly clock: { now: number } } {
  const clock = { now: 0 };
  return { owners: new Owners({ sources, monotonic: () => clock.now }), clock };
}

describe('the ladder of owner sources', () => {
  it('asks a lower rung only about what a higher one could not tell exactly', () => {
    const first = new Rung('first', ({ ends }) => (ends.localPort === 1 ? exact : guessed));
    const second = new Rung('second', () => null);
    const { owners } = ladder(first, second);
    owners.opened(flowId(1), { interfaceIndex: 2, ends: endsOf({ localPort: 1 }) });
    owners.opened(flowId(2), { interfaceIndex: 2, ends: endsOf({ localPort: 2 }) });
    owners.ask();
    assert.deepEqual(second.asked.map(({ ends }) => ends.localPort), [2]);
    assert.equal(owners.ownerOf(flowId(1)).owner.certainty, 'exact');
    assert.equal(owners.ownerOf(flowId(2)).owner.certainty, 'inferred');
  });

  it('keeps the surest answer of all rungs', () => {
    const { owners } = ladder(new Rung('a', () => unknownOwner('no-socket')), new Rung('b', () => exact));
    owners.opened(flow, question);
    owners.ask();
    assert.deepEqual(owners.ownerOf(flow), { owner: { certainty: 'exact', process: curl.key }, process: curl, ancestors: [] });
  });

  it('keeps an owner for as long as the flow lives, also when its socket is gone', () => {
    const rung = new Rung('a', () => exact);
    const { owners, clock } = ladder(rung);
    owners.opened(flow, question);
    owners.ask();
    rung.answer = () => unknownOwner('no-socket');
    clock.now = 1e6;
    owners.ownerOf(flow);
    assert.equal(owners.dueIn(), null);
    assert.equal(owners.ownerOf(flow).owner.certainty, 'exact');
  });

  it('asks again, with growing patience, about a flow that lives on without exact owner', () => {
    const rung = new Rung('a', () => unknownOwner('no-socket'));
    const { owners, clock } = ladder(rung);
    owners.opened(flow, question);
    for (; clock.now < 600_000; clock.now += 1000) {
      owners.ownerOf(flow);
      if (owners.dueIn() === 0) owners.ask();
    }
    assert.equal(rung.asked.length, 1 + ownerLimits.retries);
  });

  it('takes a better answer that comes later', () => {
    const rung = new Rung('a', () => guessed);
    const { owners, clock } = ladder(rung);
    owners.opened(flow, question);
    owners.ask();
    rung.answer = () => exact;
    clock.now = 5000;
    owners.ownerOf(flow);
    owners.ask();
    assert.equal(owners.ownerOf(flow).owner.certainty, 'exact');
  });

  it('never gives up an inferred owner for an unknown one', () => {
    const rung = new Rung('a', () => guessed);
    const { owners, clock } = ladder(rung);
    owners.opened(flow, question);
    owners.ask();
    rung.answer = () => unknownOwner('process-ended');
    clock.now = 5000;
    owners.ownerOf(flow);
    owners.ask();
    assert.equal(owners.ownerOf(flow).owner.certainty, 'inferred');
  });

  it('says that a flow is not of this host without asking anyone', () => {
    const rung = new Rung('a', () => exact);
    const { owners } = ladder(rung);
    owners.opened(flow, { interfaceIndex: 2, ends: endsOf({ position: 'not-this-host' }) });
    assert.equal(owners.dueIn(), null);
    assert.deepEqual(owners.ownerOf(flow).owner, { certainty: 'unknown', reason: 'not-this-host' });
  });

  it('remembers a UDP port for another flow of the same socket, as inferred', () => {
    const rung = new Rung('a', () => exact);
    const { owners } = ladder(rung);
    owners.opened(flowId(1), { interfaceIndex: 2, ends: endsOf({ protocol: 17 }) });
    owners.ask();
    rung.answer = () => unknownOwner('no-socket');
    owners.opened(flowId(2), { interfaceIndex: 2, ends: endsOf({ protocol: 17, remoteAddress: '198.51.100.9' }) });
    owners.ask();
    assert.deepEqual(owners.ownerOf(flowId(2)).owner, { certainty: 'inferred', process: curl.key, reason: 'remembered' });
  });

  it('says no-socket where no rung knows such a flow', () => {
    const { owners } = ladder(new Rung('a', () => null));
    owners.opened(flow, question);
    owners.ask();
    assert.deepEqual(owners.ownerOf(flow).owner, { certainty: 'unknown', reason: 'no-socket' });
  });
});

describe('a flood of new flows', () => {
  it('costs a bounded number of questions a round, and a rest ten times as long as the round', () => {
    const clock = { now: 0 };
    const slow = new Rung('slow', () => {
      clock.now += 0.1;
      return unknownOwner('no-socket');
    });
    const owners = new Owners({ sources: [slow], monotonic: () => clock.now });
    for (let index = 0; index < 5000; index += 1) owners.opened(flowId(index), question);
    owners.ask();
    assert.equal(slow.asked.length, ownerLimits.questions);
    assert.ok((owners.dueIn() ?? 0) >= 10 * 51);
  });

  it('leaves the rest not-looked-up until their turn comes', () => {
    const rung = new Rung('a', () => exact);
    const { owners } = ladder(rung);
    for (let index = 0; index < 600; index += 1) owners.opened(flowId(index), question);
    owners.ask();
    assert.deepEqual(owners.ownerOf(flowId(0)).owner, { certainty: 'unknown', reason: 'not-looked-up' });
    owners.ask();
    assert.equal(owners.ownerOf(flowId(0)).owner.certainty, 'exact');
  });

  it('never remembers more flows than its bound', () => {
    const clock = { now: 0 };
    const limits = { ...ownerLimits, flows: 10 };
    const owners = new Owners({ sources: [new Rung('a', () => exact)], monotonic: () => clock.now, limits });
    for (let index = 0; index < 20; index += 1) owners.opened(flowId(index), question);
    owners.ask();
    assert.deepEqual(owners.ownerOf(flowId(15)).owner, { certainty: 'unknown', reason: 'not-looked-up' });
  });
});
