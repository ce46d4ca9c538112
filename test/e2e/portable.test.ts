import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { electronCoverage, forgetCoverage } from './harness/coverage.ts';
import { desktopOptions } from './harness/requirements.ts';
import { describeAccess } from './suites/access.ts';
import { describeAfternoon } from './suites/afternoon.ts';
import { describeTrouble } from './suites/trouble.ts';

/** electron/ on portable/, and how much of electron/ that executes. */

/** Of the lines of code of electron/. What is missing are other systems' ways and defects. */
const leastShare = 0.9;

describe('electron/ on the desktop’s own parts', desktopOptions('portable', 600_000), () => {
  before(forgetCoverage);

  describeAfternoon('portable');
  describeTrouble('portable');
  describeAccess('portable');

  it(`executes at least ${leastShare * 100} of 100 lines of electron/`, (test) => {
    const files = electronCoverage();
    const lines = files.reduce((sum, file) => sum + file.lines, 0);
    const missed = files.reduce((sum, file) => sum + file.missed.length, 0);
    const share = 1 - missed / lines;
    test.diagnostic(`${(share * 100).toFixed(1)} % of ${lines} lines of electron/ were executed`);
    for (const file of files.filter((one) => one.missed.length > 0)) test.diagnostic(`${file.file}: not ${file.missed.join(', ')}`);
    assert.ok(share >= leastShare, `${(share * 100).toFixed(1)} %`);
  });

  // What the programs wrote takes tens of megabytes.
  after(forgetCoverage);
});
