import assert from 'node:assert/strict';
import { it } from 'node:test';
import { z } from 'zod';
import { maximumResponseBytes, RpcResponse, SubscriptionEvent } from '../../protocol/json-rpc.ts';
import type { LiveFeed } from '../../service/live-feed.ts';
import { identity, publish } from './app-contract.ts';

/** A client that says what it likes, and may not listen. */
export interface Stranger extends Disposable {
  say(text: string): void;
  /** The next thing the server says, or null where it has ended. */
  hear(): Promise<string | null>;
  /** Reads nothing from now on. */
  pause(): void;
  /** What it has said and the server has not read, in bytes. */
  readonly unread: number;
}

/** A server that strangers come to. */
export interface HostileStage extends AsyncDisposable {
  readonly feed: LiveFeed;
  /** What the server holds for all of its clients, in bytes or characters. */
  readonly buffered: number;
  connect(): Promise<Stranger>;
}

async function heard(stranger: Stranger): Promise<RpcResponse> {
  const text = await stranger.hear();
  assert.ok(text !== null, 'the server says something');
  return RpcResponse.parse(JSON.parse(text));
}

async function errorOf(stranger: Stranger): Promise<number> {
  return z.object({ error: z.object({ code: z.number() }) }).parse(await heard(stranger)).error.code;
}

const question = '{"jsonrpc":"2.0","id":"x","method":"identify"}';
/** Asks for a long answer, with a filler that is read only if the server still reads. */
const longQuestion = `{"jsonrpc":"2.0","id":1,"method":"compare","params":{"by":"app","limit":1000,"filler":"${'x'.repeat(20_000)}"}}`;
const answer = { jsonrpc: '2.0', id: 'x', result: identity };

const cases: readonly (readonly [string, string, number])[] = [
  ['a message that is not JSON', '{"jsonrpc":', -32_700],
  ['JSON that is no request', '{"jsonrpc":"1.0","id":1,"method":"identify"}', -32_600],
  ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"identify"}]', -32_600],
  ['a method that there is not', '{"jsonrpc":"2.0","id":1,"method":"shutdown"}', -32_601],
  ['a method that objects have by nature', '{"jsonrpc":"2.0","id":1,"method":"constructor"}', -32_601],
  ['a method that is the prototype', '{"jsonrpc":"2.0","id":1,"method":"__proto__"}', -32_601],
  ['wrong parameters', '{"jsonrpc":"2.0","id":1,"method":"report","params":{"by":7}}', -32_602],
  ['parameters that are a list', '{"jsonrpc":"2.0","id":1,"method":"top","params":["app"]}', -32_602],
  ['more rows than there may be', '{"jsonrpc":"2.0","id":1,"method":"top","params":{"by":"app","limit":1000000000}}', -32_602],
  ['an unsubscribe without a number', '{"jsonrpc":"2.0","id":1,"method":"unsubscribe","params":[]}', -32_602],
  ['a query that fails', '{"jsonrpc":"2.0","id":1,"method":"report","params":{"by":"day"}}', -32_000],
];

/** What every server of the app API does with those who do not keep to it. */
export function hostileSuite(open: () => Promise<HostileStage>): void {
  for (const [what, message, code] of cases) {
    it(`answers ${what} with ${code} and goes on`, async () => {
      await using stage = await open();
      using stranger = await stage.connect();
      stranger.say(message);
      assert.equal(await errorOf(stranger), code);
      stranger.say(question);
      assert.deepEqual(await heard(stranger), answer);
    });
  }

  it('answers a notification with nothing', async () => {
    await using stage = await open();
    using stranger = await stage.connect();
    stranger.say('{"jsonrpc":"2.0","method":"identify"}');
    stranger.say(question);
    assert.deepEqual(await heard(stranger), answer);
  });

  it('refuses a message of 10 MB, ends that connection, and goes on with others', async () => {
    await using stage = await open();
    using stranger = await stage.connect();
    stranger.say('x'.repeat(10_000_000));
    for (let text = await stranger.hear(); text !== null; text = await stranger.hear()) {
      const refused = z.object({ error: z.object({ code: z.number() }) }).parse(JSON.parse(text));
      assert.equal(refused.error.code, -32_600);
    }
    using another = await stage.connect();
    another.say(question);
    assert.deepEqual(await heard(another), answer);
  });

  it('sends a client that did not read the newest snapshot, with a gap in the numbers, and holds one message for it', async () => {
    await using stage = await open();
    using slow = await stage.connect();
    slow.say('{"jsonrpc":"2.0","id":1,"method":"live"}');
    assert.deepEqual(await heard(slow), { jsonrpc: '2.0', id: 1, result: { subscription: 0 } });
    slow.pause();
    const count = 20_000;
    let mostBuffered = 0;
    for (let time = 0; time < count; time += 1) {
      publish(stage.feed, time);
      if (time % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      mostBuffered = Math.max(mostBuffered, stage.buffered);
    }
    assert.ok(stage.feed.held <= 2, `${stage.feed.held} events are held`);
    assert.ok(mostBuffered < 100_000, `${mostBuffered} bytes were buffered`);
    const numbers: number[] = [];
    while (numbers.at(-1) !== count - 1) {
      const { params } = z.object({ params: SubscriptionEvent }).parse(await heard(slow));
      numbers.push(z.object({ sequence: z.number() }).parse(params.event).sequence);
    }
    assert.ok(numbers.length < count, `${numbers.length} of ${count}: those it had no room for were left out`);
    assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
  });

  it('holds one message for a client that asks and never reads, and goes on with others', async () => {
    await using stage = await open();
    using deaf = await stage.connect();
    deaf.pause();
    let mostBuffered = 0;
    for (let said = 0; said < 2000 && deaf.unread < 1_000_000; said += 1) {
      deaf.say(longQuestion);
      await new Promise((resolve) => setImmediate(resolve));
      mostBuffered = Math.max(mostBuffered, stage.buffered);
    }
    assert.ok(deaf.unread > 0, 'the server reads no further: what it is sent waits at the sender');
    assert.ok(mostBuffered < 400_000, `${mostBuffered} bytes were buffered: two long answers at most`);
    using other = await stage.connect();
    other.say(question);
    assert.deepEqual(await heard(other), answer);
  });

  it('gives one connection 16 of 1 000 subscriptions, and holds no more for them than for one', async () => {
    await using stage = await open();
    using greedy = await stage.connect();
    for (let id = 0; id < 1000; id += 1) greedy.say(`{"jsonrpc":"2.0","id":${id},"method":"live"}`);
    const codes = new Map<string, number>();
    for (let id = 0; id < 1000; id += 1) {
      const response = await heard(greedy);
      const outcome = 'error' in response ? String(response.error.code) : 'subscribed';
      codes.set(outcome, (codes.get(outcome) ?? 0) + 1);
    }
    assert.deepEqual([...codes], [['subscribed', 16], ['-32000', 984]]);
    assert.equal(stage.feed.listeners, 16);
    greedy.pause();
    for (let time = 0; time < 5000; time += 1) {
      publish(stage.feed, time);
      if (time % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(stage.feed.held <= 32, `${stage.feed.held} events are held`);
    assert.ok(stage.buffered < 100_000, `${stage.buffered} bytes are buffered`);
  });

  it('takes no more than its number of connections, and takes others when they have gone', async () => {
    await using stage = await open();
    const strangers = await Promise.all(Array.from({ length: 64 }, () => stage.connect()));
    for (const stranger of strangers) stranger.say(question);
    await Promise.all(strangers.map(heard));
    const late = await stage.connect().then((stranger) => stranger.hear(), () => null);
    assert.equal(late, null);
    for (const stranger of strangers) stranger[Symbol.dispose]();
    for (;;) {
      const text = await stage.connect().then(
        (stranger) => {
          stranger.say(question);
          return stranger.hear();
        },
        () => null,
      );
      if (text !== null) break;
    }
  });
}

/** The longest line that a stranger of a test takes. */
export const longestHeard = maximumResponseBytes;
