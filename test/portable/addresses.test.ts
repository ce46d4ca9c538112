import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromBrowserAddress, handlerOf, protocol, toBrowserAddress } from '../../portable/window/protocol.ts';

protocol.handle('tidewatch', () => new Response(''));

test('an address of a handled scheme is one of an origin that no name resolves to, and back', () => {
  assert.equal(toBrowserAddress('tidewatch://app/index.html#/mini'), 'https://app.tidewatch.invalid/index.html#/mini');
  assert.equal(toBrowserAddress('tidewatch://app'), 'https://app.tidewatch.invalid/');
  const rest = fc.webUrl({ withFragments: true, withQueryParameters: true }).map((url) => new URL(url)).map(({ pathname, search, hash }) => `${pathname}${search}${hash}`);
  fc.assert(
    fc.property(rest, (rest) => {
      const address = `tidewatch://app${rest}`;
      assert.equal(fromBrowserAddress(toBrowserAddress(address) ?? ''), address);
    }),
  );
});

test('an address of anybody else is nobody’s and never becomes one of the program', () => {
  for (const address of ['https://example.com/', 'file:///etc/passwd', 'other://app/', 'data:text/html,x', 'tidewatch://user@app/', '']) {
    assert.equal(toBrowserAddress(address), null, address);
  }
  for (const address of [
    'https://app.tidewatch.invalid.example.com/',
    'https://app.tidewatch.invalid:8443/',
    'https://user@app.tidewatch.invalid/',
    'http://app.tidewatch.invalid/',
    'https://app.other.invalid/',
    'https://x.app.tidewatch.invalid/',
  ]) {
    assert.equal(fromBrowserAddress(address), address);
    assert.equal(handlerOf(fromBrowserAddress(address)), undefined, address);
  }
});
