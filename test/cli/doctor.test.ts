import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findingLines } from '../../cli/commands/doctor.ts';
import { plainPaint } from '../../cli/paint.ts';

describe('the findings of doctor', () => {
  it('have a mark each, and the remedy below what does not work', () => {
    const lines = findingLines(
      [
        { subject: 'libpcap', state: 'works', message: 'libpcap version 1.10.3', remedy: '' },
        { subject: 'owners', state: 'limited', message: 'short-lived programs may stay unknown', remedy: 'run it as root' },
        { subject: 'capture rights', state: 'fails', message: 'refused (\x1b[1mEPERM)', remedy: 'use `sudo npm start`' },
      ],
      plainPaint,
    );
    assert.deepEqual(lines, [
      '✓ libpcap: libpcap version 1.10.3',
      '! owners: short-lived programs may stay unknown',
      '  → run it as root',
      String.raw`✗ capture rights: refused (\x1b[1mEPERM)`,
      '  → use `sudo npm start`',
    ]);
  });
});
