import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Scratch, tidewatch } from './run.ts';

describe('tidewatch serve', () => {
  it('refuses addresses and ports that are none, in one line', async () => {
    using scratch = new Scratch();
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--metrics', 'nonsense'], /Give an address with a port, such as 127\.0\.0\.1:9718/u],
      [['--metrics', '127.0.0.1:99999'], /Give an address with a port/u],
      [['--metrics', '127.0.0.1:80'], /Give an address with a port/u],
      [['--ntmd', '80'], /Give a port from 1024 to 65535/u],
    ];
    for (const [words, message] of cases) {
      const { code, stderr } = await tidewatch(['serve', ...words], scratch.environment);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.match(stderr, /^tidewatch: [^\n]+\n$/u);
    }
  });
});
