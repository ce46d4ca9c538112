import fc from 'fast-check';
import type { Quality } from '../../../core/history/quality.ts';
import type { Countable } from '../../../core/history/accumulator.ts';
import { AppId, Scope } from '../../../protocol/app.ts';
import { OwnerReason } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';

/** What a test says of a row of usage; the rest is filled in. */
export interface Sketch {
  readonly at: number;
  readonly app?: string;
  readonly host?: string;
  readonly domain?: string;
  readonly scope?: Scope;
  readonly network?: string;
  readonly rxBytes?: number;
  readonly txBytes?: number;
  readonly connections?: number;
  readonly service?: string | null;
  readonly quality?: Quality;
  readonly country?: string;
}

function hostOf({ host = 'www.example.org', domain = 'example.org', country }: Sketch): Countable['host'] {
  const place = country === undefined ? {} : { country };
  return /^[\d.]+$/u.test(host) ? { kind: 'address', address: host, ...place } : { kind: 'name', name: host, domain, source: 'tls-sni', ...place };
}

/** A row of usage by an exact owner. A host of digits and dots is an address without a name. */
export function usage(sketch: Sketch): Countable {
  const app = AppId.parse(sketch.app ?? '/usr/bin/curl');
  return {
    at: epochMs(sketch.at),
    owner: { certainty: 'exact', app: { id: app, executable: app, displayName: app.split('/').at(-1) ?? app } },
    host: hostOf(sketch),
    scope: sketch.scope ?? 'internet',
    network: sketch.network ?? 'eth0',
    rxBytes: sketch.rxBytes ?? 100,
    txBytes: sketch.txBytes ?? 10,
    rxPackets: 1,
    txPackets: 1,
    connections: sketch.connections ?? 0,
    service: sketch.service === undefined ? 'https' : sketch.service,
    quality: sketch.quality ?? null,
  };
}

function anyOwner(): fc.Arbitrary<Countable['owner']> {
  const app = fc.integer({ min: 0, max: 9 }).map((number) => usage({ at: 0, app: `/opt/app-${number}` }).owner);
  const reason = fc.constantFrom(...OwnerReason.options);
  return fc.oneof(
    app,
    fc.tuple(app, reason).map(([owner, why]): Countable['owner'] =>
      owner.certainty === 'exact' ? { certainty: 'inferred', app: owner.app, reason: why } : owner,
    ),
    reason.map((why): Countable['owner'] => ({ certainty: 'unknown', reason: why })),
  );
}

function anyHost(): fc.Arbitrary<Countable['host']> {
  const number = fc.integer({ min: 0, max: 30 });
  return fc.oneof(
    number.map((n): Countable['host'] => ({ kind: 'name', name: `h${n}.d${n % 7}.example`, domain: `d${n % 7}.example`, source: 'dns', country: ['DE', 'US', 'none'][n % 3] ?? 'none' })),
    number.map((n): Countable['host'] => ({ kind: 'address', address: `198.51.100.${n}`, ...(n % 2 === 0 ? { country: 'FR' } : {}) })),
  );
}

function anyQuality(): fc.Arbitrary<Quality> {
  const count = fc.integer({ min: 0, max: 2 ** 20 });
  return fc.record({ samples: fc.integer({ min: 0, max: 10 }), least: count, most: count, retransmits: count, packets: count }).map(({ samples, least, most, ...rest }) => {
    if (samples === 0) return { samples, least: 0, sum: 0, most: 0, ...rest };
    const [low, high] = [Math.min(least, most), Math.max(least, most)];
    return { samples, least: low, sum: samples === 1 ? high : low + high * (samples - 1), most: high, ...rest };
  });
}

/** Any usage between two instants, in ms since the epoch. */
export function anyUsage(from = 0, to = 10 * 86_400_000): fc.Arbitrary<Countable> {
  const count = fc.integer({ min: 0, max: 2 ** 40 });
  return fc.record({
    at: fc.integer({ min: from, max: to - 1 }).map(epochMs),
    owner: anyOwner(),
    host: anyHost(),
    scope: fc.constantFrom(...Scope.options),
    service: fc.constantFrom('https', 'domain', 'udp', null),
    quality: fc.option(anyQuality()),
    network: fc.constantFrom('eth0', 'wlan-home', 'wlan-office'),
    rxBytes: count,
    txBytes: count,
    rxPackets: count,
    txPackets: count,
    connections: fc.integer({ min: 0, max: 3 }),
  });
}
