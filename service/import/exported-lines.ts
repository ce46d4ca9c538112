import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { AppId, Scope } from '../../protocol/app.ts';
import { NameSource, OwnerReason } from '../../protocol/flow.ts';
import { Count, EpochMs, epochMs } from '../../protocol/units.ts';
import { Country } from '../../protocol/usage-filter.ts';
import type { Countable } from '../../core/history/accumulator.ts';
import type { BucketHost, UsageOwner } from '../../core/history/usage.ts';
import { ServiceError } from '../service-error.ts';
import type { ImportedStretch } from './imported-usage.ts';

/** An export of Tidewatch as JSON lines, read back. */

const Head = z.object({ tidewatch: z.literal('history'), version: z.literal(1), id: z.string().regex(/^[\dA-F]{0,64}$/u), to: EpochMs });

const Row = z.object({
  start: EpochMs,
  step: z.enum(['quarter', 'day']),
  app: AppId.nullable(),
  appName: z.string().max(128).nullable(),
  executable: z.string().max(4096).nullable(),
  certainty: z.enum(['exact', 'inferred', 'unknown']),
  reason: OwnerReason.nullable(),
  scope: Scope,
  network: z.string().max(256),
  service: z.string().max(64).nullable(),
  hostKind: z.enum(['name', 'address', 'rest-of-domain', 'other-names', 'other-addresses']),
  host: z.string().max(253).nullable(),
  domain: z.string().max(253).nullable(),
  source: NameSource.nullable(),
  country: Country.nullable(),
  rxBytes: Count, txBytes: Count, rxPackets: Count, txPackets: Count, connections: Count,
});
type Row = z.infer<typeof Row>;

const halfDayMs = 43_200_000;
/** A row has a few hundred bytes. */
const longestLine = 65_536;

function ownerOf({ app, appName, executable, certainty, reason }: Row): UsageOwner {
  if (app === null || certainty === 'unknown') return { certainty: 'unknown', reason: reason ?? 'no-socket' };
  const usageApp = { id: app, executable, displayName: appName ?? app };
  return certainty === 'exact' ? { certainty, app: usageApp } : { certainty, app: usageApp, reason: reason ?? 'remembered' };
}

function hostOf({ hostKind, host, domain, source, country }: Row): BucketHost {
  const place = country === null ? {} : { country };
  switch (hostKind) {
    case 'name':
      return host === null ? { kind: 'other-names' } : { kind: 'name', name: host, domain: domain ?? host, source: source ?? 'dns', ...place };
    case 'address':
      return host === null ? { kind: 'other-addresses' } : { kind: 'address', address: host, ...place };
    case 'rest-of-domain':
      return domain === null ? { kind: 'other-names' } : { kind: 'rest-of-domain', domain };
    case 'other-names':
    case 'other-addresses':
      return { kind: hostKind };
  }
}

function usageOf(row: Row): Countable {
  const { scope, network, service, rxBytes, txBytes, rxPackets, txPackets, connections } = row;
  // A day is not its first quarter-hour: at noon it is that day in every time zone near the one it was kept in.
  const at = epochMs(row.step === 'day' ? row.start + halfDayMs : row.start);
  return { at, owner: ownerOf(row), host: hostOf(row), scope, network, service, quality: null, rxBytes, txBytes, rxPackets, txPackets, connections };
}

function broken(file: string, line: number): ServiceError {
  return new ServiceError('file-unreadable', `${file}:${line} is no line of an export of Tidewatch: nothing of it was taken over; make it with \`tidewatch export\``);
}

function parsedLine<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | null {
  if (text.length > longestLine) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // No JSON.
    return null;
  }
}

/** All of an export by stretches of its steps. Throws {@link ServiceError}: an export with a broken line was cut or changed, and nothing of it is taken. */
export async function exportedStretches(file: string, ownId: string): Promise<readonly ImportedStretch[]> {
  const stretches = new Map<string, { readonly source: string; readonly second: number; readonly usages: Countable[] }>();
  let [number, source] = [0, ''];
  try {
    for await (const text of createInterface({ input: createReadStream(file, { encoding: 'utf8' }), crlfDelay: Infinity })) {
      number += 1;
      if (number === 1) {
        const head = parsedLine(Head, text);
        if (head === null) throw broken(file, number);
        if (head.id === ownId && ownId !== '') throw new ServiceError('file-unreadable', `${file} is an export of this very history: there is nothing in it to take over`);
        source = `tidewatch ${head.id}`;
        continue;
      }
      const row = parsedLine(Row, text);
      if (row === null) throw broken(file, number);
      const key = `${row.step} ${row.start}`;
      const known = stretches.get(key) ?? { source: `${source} ${row.step}`, second: Math.floor(row.start / 1000), usages: [] };
      known.usages.push(usageOf(row));
      stretches.set(key, known);
    }
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError('file-unreadable', `cannot read ${file} (${error instanceof Error ? error.message : String(error)})`, { cause: error });
  }
  if (number === 0) throw broken(file, 1);
  return [...stretches.values()];
}
