/**
 * A service as a process of its own, for the tests of what outlives one: `node serving-program.ts FOLDER` serves on
 * FOLDER/service.sock with the helper that listens on FOLDER/helper.sock, says `serving`, and ends when it is asked to.
 */
import path from 'node:path';
import { createScopes } from '../../core/flow/scope.ts';
import { systemClock } from '../../service/clock.ts';
import { createService } from '../../service/create-service.ts';
import { openHelperLink } from '../../service/helper-link.ts';
import { History, systemCalendar } from '../../service/history/index.ts';
import { createLog } from '../../service/log.ts';
import { PrivacyFile, privacyPathOf } from '../../service/privacy-file.ts';
import { ServiceError } from '../../service/service-error.ts';

const [folder = ''] = process.argv.slice(2);
const historyPath = path.join(folder, 'history.sqlite');
const calendar = systemCalendar({ TZ: 'UTC' });
const service = await createService({
  clock: systemClock,
  log: createLog('silent'),
  helper: {
    connect: async () => {
      const link = await openHelperLink(path.join(folder, 'helper.sock'));
      if (link === null) throw new ServiceError('helper-failed', 'the helper did not start');
      return link;
    },
    [Symbol.asyncDispose]: async () => undefined,
  },
  history: new History({ path: historyPath, calendar, now: systemClock.now(), pid: process.pid }),
  modes: new PrivacyFile(privacyPathOf(historyPath)),
  scopeOf: createScopes([]),
  home: { kind: 'none' },
  configuration: { interfaces: 'edges', filter: '', promiscuous: false, loopback: false },
  calendar,
  socketPath: path.join(folder, 'service.sock'),
  historyPath,
  pid: process.pid,
});
process.stdout.write('serving\n');
await service.stopAsked;
await service.stop();
