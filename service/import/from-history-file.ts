import { createReadStream, createWriteStream, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createScopes } from '../../core/flow/scope.ts';
import { parseNetworkPrefix } from '../../core/flow/network-prefix.ts';
import type { Settings } from '../../core/settings/index.ts';
import type { EpochMs } from '../../protocol/units.ts';
import { systemClock } from '../clock.ts';
import { errorCode } from '../error-code.ts';
import { makeFolder } from '../formats/make-folder.ts';
import { History, systemCalendar } from '../history/index.ts';
import { ServiceError } from '../service-error.ts';
import { importBandwhich } from './bandwhich-import.ts';
import type { BandwhichImportPorts, ImportResult } from './bandwhich-import.ts';
import { exportedStretches } from './exported-lines.ts';
import type { FoundFile } from './found-files.ts';
import { importStretches } from './imported-usage.ts';
import type { StretchResult } from './imported-usage.ts';
import { vnstatStretches } from './vnstat.ts';

export type WhileImporting = Pick<BandwhichImportPorts, 'range' | 'progress'>;

/** Opens a history that no service keeps, does something with it, and closes it. Throws `ServiceError`. */
export async function withHistory<Result>(historyPath: string, act: (history: History) => Promise<Result>): Promise<Result> {
  const now = (): EpochMs => systemClock.now();
  const history = new History({ path: historyPath, calendar: systemCalendar(process.env), now: now(), pid: process.pid });
  try {
    return await act(history);
  } finally {
    history.close(now());
  }
}

/** Takes logs of bandwhich over into the history at this path. Throws `ServiceError`. */
export function importBandwhichInto(historyPath: string, files: readonly FoundFile[], options: WhileImporting & { readonly settings: Settings }): Promise<ImportResult> {
  const prefixes = options.settings.networks.local.flatMap((text) => parseNetworkPrefix(text) ?? []);
  return withHistory(historyPath, (history) => importBandwhich(files, { ...options, history, scopeOf: createScopes(prefixes), now: () => systemClock.now() }));
}

/** Takes what `vnstat --json` printed over into the history at this path. Throws `ServiceError`. */
export async function importVnstat(historyPath: string, text: string): Promise<StretchResult> {
  const stretches = vnstatStretches(text);
  return withHistory(historyPath, async (history) => importStretches(stretches, { history, now: () => systemClock.now() }));
}

/** Takes an export over into the history at this path, whole or not at all. Throws `ServiceError`. */
export async function importExport(historyPath: string, file: string): Promise<StretchResult> {
  return withHistory(historyPath, async (history) => importStretches(await exportedStretches(file, history.id), { history, now: () => systemClock.now() }));
}

/** Keeps a compressed copy (gzip) of each file in a folder; the files stay where they are. Returns how many. Throws `ServiceError`. */
export async function archiveFiles(files: readonly FoundFile[], folder: string): Promise<number> {
  try {
    makeFolder(folder);
    for (const file of files) {
      const place = path.join(folder, `${path.basename(file.path)}.gz`);
      const temporary = `${place}.part`;
      try {
        await pipeline(createReadStream(file.path), createGzip({ level: 9 }), createWriteStream(temporary, { mode: 0o600, flags: 'wx' }));
        renameSync(temporary, place);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
    }
    return files.length;
  } catch (error) {
    const reason = errorCode(error);
    if (reason === null) throw error;
    throw new ServiceError('report-unwritable', `the logs cannot be kept in ${folder} (${reason}): make room or name another folder; they have been taken over`, { cause: error });
  }
}
