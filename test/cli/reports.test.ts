import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ServiceError } from '../../service/service-error.ts';
import { reportsState } from '../service/app-contract.ts';
import { ReplayService } from './replay-service.ts';
import { Scratch, tidewatch } from './run.ts';

describe('tidewatch reports', () => {
  it('tells when the next are made, what waits and what is archived', async () => {
    using scratch = new Scratch();
    await using service = await ReplayService.start(scratch.file('service.sock'), { handlers: { reports: () => reportsState } });
    assert.equal(service.watchers, 0);
    const { code, stdout } = await tidewatch(['reports'], scratch.environment);
    assert.equal(code, 0);
    for (const words of [/daily +07:00 +1970-01-01 00:00 +–/u, /the server is away/u, /Archived in \/tmp\/archive \(1\):/u]) assert.match(stdout, words);
    const json = await tidewatch(['reports', '--json'], scratch.environment);
    assert.deepEqual(JSON.parse(json.stdout), reportsState);
  });

  it('previews one, harmless on a terminal and as it is in a file', async () => {
    using scratch = new Scratch();
    const preview = { subject: 's', mediaType: 'text/plain', text: 'a\u001B[31m name\nlast line' };
    await using service = await ReplayService.start(scratch.file('service.sock'), { handlers: { reportPreview: () => preview } });
    assert.equal(service.watchers, 0);
    assert.ok(!(await tidewatch(['reports', 'preview', 'daily'], scratch.environment)).stdout.includes('\u001B'));
    const file = scratch.file('report.txt');
    assert.equal((await tidewatch(['reports', 'preview', 'weekly', '--at', 'yesterday', '-o', file], scratch.environment)).code, 0);
    assert.equal(readFileSync(file, 'utf8'), preview.text);
  });

  it('says in one line what is wrong, with the exit code for it', async () => {
    using scratch = new Scratch();
    const fails = async (words: readonly string[]): Promise<readonly [number | null, string]> => {
      const { code, stderr } = await tidewatch(['reports', ...words], scratch.environment);
      return [code, stderr];
    };
    assert.deepEqual((await fails([]))[0], 1);
    await using service = await ReplayService.start(scratch.file('service.sock'), {
      handlers: {
        reportPreview: () => {
          throw new ServiceError('report-template', 'the template a has an error: b; mend it or take it away');
        },
        sendReport: () => ({ subject: 's', mail: 'spooled', problem: 'the server is away', archived: null }),
      },
    });
    assert.equal(service.watchers, 0);
    assert.deepEqual(await fails(['preview', 'daily']), [1, 'tidewatch: the template a has an error: b; mend it or take it away\n']);
    assert.deepEqual(await fails(['send', 'daily']), [1, 'tidewatch: the server is away\n']);
    assert.match((await fails(['preview', 'yearly']))[1], /^tidewatch: "yearly" is no report: it is daily, weekly or monthly/u);
    assert.equal((await fails(['preview', 'daily', '--at', 'someday']))[0], 2);
  });
});
