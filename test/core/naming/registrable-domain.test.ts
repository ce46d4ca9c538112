import assert from 'node:assert/strict';
import { it } from 'node:test';
import { registrableDomain } from '../../../core/naming/index.ts';

it('A host has the registrable domain of the public suffix list', () => {
  assert.equal(registrableDomain('www.example.co.uk'), 'example.co.uk');
  assert.equal(registrableDomain('example.com'), 'example.com');
  assert.equal(registrableDomain('d27xxe7juh1us6.cloudfront.net'), 'cloudfront.net');
});

it('Addresses, single labels and suffixes have none', () => {
  for (const host of ['203.0.113.5', 'localhost', 'co.uk', '']) assert.equal(registrableDomain(host), null);
});
