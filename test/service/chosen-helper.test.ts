import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChosenHelper } from '../../service/chosen-helper.ts';
import type { HelperLink } from '../../service/helper-link.ts';
import type { HelperSource } from '../../service/helper-process.ts';
import { ServiceError } from '../../service/service-error.ts';
import { epochMs } from '../../protocol/units.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const signal = new AbortController().signal;

function linkOf(pid: number): HelperLink {
  const messages: HelperLink['messages'] = { next: () => Promise.resolve({ done: true, value: undefined }) };
  return { hello: { kind: 'hello', protocol: 4, version: 'test', pid, startedAt: epochMs(0) }, messages, send: () => undefined, close: () => undefined };
}

/** A source whose answer the test chooses, and that says how often it was asked and ended. */
class Source implements HelperSource {
  asked = 0;
  ended = 0;
  answer: () => HelperLink;

  constructor(answer: () => HelperLink) {
    this.answer = answer;
  }

  async connect(): Promise<HelperLink> {
    this.asked += 1;
    return this.answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ended += 1;
  }
}

function refusing(): HelperLink {
  throw new ServiceError('no-rights', 'access was refused');
}

describe('Choosing a helper', () => {
  it('takes the one that captures where it may', async () => {
    const counting = new Source(() => linkOf(2));
    const helper = new ChosenHelper({ capturing: new Source(() => linkOf(1)), counting, log });
    assert.equal((await helper.connect(signal)).hello.pid, 1);
    assert.equal(counting.asked, 0);
    assert.equal(await helper.grant(), 'not-needed');
  });

  it('counts where it may not, and asks nobody a second time by itself', async () => {
    const capturing = new Source(refusing);
    const helper = new ChosenHelper({ capturing, counting: new Source(() => linkOf(2)), log });
    assert.equal((await helper.connect(signal)).hello.pid, 2);
    assert.equal((await helper.connect(signal)).hello.pid, 2);
    assert.equal(capturing.asked, 1);
    assert.equal(await helper.grant(), 'refused');
    assert.equal((await helper.connect(signal)).hello.pid, 2);
  });

  it('goes over to capturing when a person grants it, and ends what counted', async () => {
    const capturing = new Source(refusing);
    const counting = new Source(() => linkOf(2));
    const helper = new ChosenHelper({ capturing, counting, log });
    await helper.connect(signal);
    assert.equal(helper.hasLink(), false);
    capturing.answer = () => linkOf(1);
    assert.equal(await helper.grant(), 'granted');
    assert.equal(counting.ended, 1);
    assert.equal(helper.hasLink(), true, 'nobody needs to wait before he connects');
    assert.equal((await helper.connect(signal)).hello.pid, 1);
    assert.equal(helper.hasLink(), false);
    assert.equal(await helper.grant(), 'not-needed');
  });

  it('asks once, however often it is called at the same time', async () => {
    const capturing = new Source(refusing);
    const helper = new ChosenHelper({ capturing, counting: new Source(() => linkOf(2)), log });
    await helper.connect(signal);
    assert.deepEqual(await Promise.all([helper.grant(), helper.grant()]), ['refused', 'refused']);
    assert.equal(capturing.asked, 2);
  });

  it('does not take a failure for a refusal', async () => {
    const failing = new Source(() => {
      throw new ServiceError('helper-failed', 'the helper did not start');
    });
    const helper = new ChosenHelper({ capturing: failing, counting: new Source(() => linkOf(2)), log });
    await assert.rejects(helper.connect(signal), { code: 'helper-failed' });
  });
});
