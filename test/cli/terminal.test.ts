import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fitted, jsonLine, padded, visible, widthOf, wrapped } from '../../cli/terminal.ts';

describe('hostile text', () => {
  it('has its escape sequences spelled out', () => {
    assert.equal(visible('\x1b[2J\x1b]0;title\x07'), String.raw`\x1b[2J\x1b]0;title\x07`);
  });
  it('has C1 controls spelled out, which some terminals obey', () => assert.equal(visible('\x9b31m'), String.raw`\x9b31m`));
  it('stays on one line', () => assert.equal(visible('a\nb\r\tc\u2028d'), String.raw`a\nb\x0d\tc\u{2028}d`));
  it('cannot reorder what follows it', () => assert.equal(visible('a\u202egpj.exe'), String.raw`a\u{202e}gpj.exe`));
  it('cannot hide characters of no width', () => assert.equal(visible('pay\u200bpal'), String.raw`pay\u{200b}pal`));
  it('cannot draw over its neighbours with stacked marks', () => {
    assert.equal(visible(`e${'\u0301'.repeat(50)}`), `e${'\u0301'.repeat(4)}`);
  });
  it('keeps letters of every script', () => assert.equal(visible('Пример 例え 예 é'), 'Пример 例え 예 é'));
  it('never reaches the terminal, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(visible(text), /\p{Cc}/u);
      }),
    );
  });
});

describe('JSON on a terminal', () => {
  it('means the same and holds no control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = jsonLine({ text });
        assert.doesNotMatch(line, /[\p{Cc}\u202a-\u202e]/u);
        assert.deepEqual(JSON.parse(line), { text });
      }),
    );
  });
});

describe('text in columns', () => {
  it('counts a wide character as two and a combining mark as none', () => {
    assert.equal(widthOf('日本'), 4);
    assert.equal(widthOf('e\u0301'), 1);
  });
  it('is cut at the end, or at the beginning where its end says more', () => {
    assert.equal(fitted('cdn.example.com', 8, 'start'), 'cdn.exa…');
    assert.equal(fitted('cdn.example.com', 12, 'end'), '…example.com');
  });
  it('is never cut through a character', () => assert.equal(fitted('日本語', 4, 'start'), '日…'));
  it('takes no more columns than it may', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 20 }), fc.constantFrom('start', 'end'), (text, width, kept) => {
        assert.ok(widthOf(fitted(visible(text), width, kept)) <= width);
      }),
    );
  });
  it('is padded by its width, not its length', () => assert.equal(padded('日', 4), '日  '));
  it('wraps at blanks', () => assert.deepEqual(wrapped('give it the right it needs', 11), ['give it the', 'right it', 'needs']));
});
