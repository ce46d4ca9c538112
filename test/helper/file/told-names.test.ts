import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nameFileFlows } from '../../../core/attribution/index.ts';
import { createNaming, fileNamingLimits } from '../../../core/naming/index.ts';
import { ToldNames } from '../../../helper/file/told-names.ts';
import type { FileFlow } from '../../../protocol/capture-file.ts';
import { flowId } from '../../../protocol/flow.ts';
import type { NameSeen } from '../../../protocol/flow.ts';
import { epochMs } from '../../../protocol/units.ts';

const start = 1_700_000_000_000;

function address(name: string, host: number, seconds: number): NameSeen {
  return { kind: 'address', source: 'dns', name, address: `192.0.2.${host}`, ttlSeconds: 60, time: epochMs(start + seconds * 1000), flow: null };
}

function carried(name: string, flow: number, seconds: number): NameSeen {
  return { kind: 'flow', source: 'tls-sni', name, flow: flowId(flow), time: epochMs(start + seconds * 1000), encryptedClientHello: false };
}

function flow(number: number, host: number, seconds: number): FileFlow {
  const time = epochMs(start + seconds * 1000);
  return {
    flow: flowId(number), protocol: 6, a: '198.51.100.1', aPort: number + 1, b: `192.0.2.${host}`, bPort: 443, bytesAb: 1, bytesBa: 1,
    packetsAb: 1, packetsBa: 1, firstSeen: time, lastSeen: time, inner: false, tunnel: false,
  };
}

/** What a file holds, in its order: a name, or the beginning of a flow. */
type Event = { readonly name: NameSeen } | { readonly begins: FileFlow };

function timeOf(event: Event): number {
  return 'name' in event ? event.name.time : event.begins.firstSeen;
}

/** The names that are told of such a file. */
function told(events: readonly Event[]): readonly NameSeen[] {
  const names: NameSeen[] = [];
  const toldNames = new ToldNames((name) => names.push(name));
  for (const event of events) {
    if ('name' in event) toldNames.hear(event.name);
    else toldNames.begin(event.begins, event.begins.firstSeen);
    toldNames.passed(epochMs(timeOf(event)));
  }
  return names;
}

function shortened(names: readonly NameSeen[]): readonly string[] {
  return names.map(({ name, time }) => `${name.split('.')[0] ?? ''}@${(time - start) / 1000}`);
}

describe('names of a file', () => {
  it('of addresses are told when a flow with such an address begins, and again after another name or a while', () => {
    const events: readonly Event[] = [
      { name: address('unused.example', 9, 0) }, { name: address('one.example', 1, 1) }, { name: address('two.example', 1, 2) },
      { begins: flow(1, 1, 3) }, { name: address('two.example', 1, 4) }, { begins: flow(2, 1, 5) }, { name: address('one.example', 1, 6) },
      { begins: flow(3, 1, 7) }, { name: address('one.example', 1, 700) }, { begins: flow(4, 1, 701) },
    ];
    assert.deepEqual(shortened(told(events)), ['two@2', 'one@6', 'one@700']);
  });

  it('of addresses are told at once where they are of an earlier instant than what came before them in the file', () => {
    const events: readonly Event[] = [{ begins: flow(1, 1, 10) }, { name: address('one.example', 1, 5) }, { name: address('two.example', 1, 11) }];
    assert.deepEqual(shortened(told(events)), ['one@5']);
  });

  it('of addresses are told with the one before where the flow is of an instant between them', () => {
    const events: readonly Event[] = [{ name: address('one.example', 1, 1) }, { name: address('two.example', 1, 3) }, { begins: flow(1, 1, 2) }];
    assert.deepEqual(shortened(told(events)), ['two@3', 'one@1']);
  });

  it('of addresses are told with the one before as it was heard last, however old it is', () => {
    const events: readonly Event[] = [
      { name: address('two.example', 1, 1) }, { name: address('two.example', 1, 6) }, { name: address('one.example', 1, 5) },
      { name: address('one.example', 1, 8) }, { begins: flow(1, 1, 7) },
    ];
    assert.deepEqual(shortened(told(events)), ['one@5', 'one@8', 'two@6']);
  });

  it('that flows carried are told when they change', () => {
    const events = [carried('one.example', 1, 0), carried('one.example', 1, 1), carried('two.example', 1, 2), carried('one.example', 2, 3)];
    assert.deepEqual(shortened(told(events.map((name) => ({ name })))), ['one@0', 'two@2', 'one@3']);
  });

  it('that hosts of a LAN give themselves are not told: they name nothing in a file', () => {
    const name: NameSeen = { kind: 'address', source: 'mdns', name: 'printer.local', address: '192.0.2.1', ttlSeconds: 60, time: epochMs(start), flow: null };
    assert.deepEqual(told([{ name }, { begins: flow(1, 1, 1) }]), []);
  });

  it('name every flow as all names would, also where neighbours in the file are out of order', () => {
    const name = fc.constantFrom('one.example', 'two.example', 'three.example');
    const small = fc.integer({ min: 1, max: 3 });
    const event = fc.oneof(
      fc.tuple(fc.constant('address' as const), name, small),
      fc.tuple(fc.constant('carried' as const), name, small),
      fc.tuple(fc.constant('begins' as const), name, small),
    );
    // Of names of one instant the first would count, of flows of one instant either may come first: so no two are of one.
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), times, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (kinds, seconds, swaps) => {
        const inOrder = seconds.toSorted((one, other) => one - other);
        const at = swaps.flatMap((isSwapped, pair) => (isSwapped ? inOrder.slice(pair * 2, pair * 2 + 2).toReversed() : inOrder.slice(pair * 2, pair * 2 + 2)));
        const events = kinds.map(([kind, text, number], index): Event => {
          const time = at[index] ?? 0;
          if (kind === 'begins') return { begins: flow(index + 10, number, time) };
          return { name: kind === 'address' ? address(text, number, time) : carried(text, number + 10, time) };
        });
        const flows = events.flatMap((one) => ('begins' in one ? [one.begins] : []));
        const all = events.flatMap((one) => ('name' in one ? [one.name] : []));
        const naming = (some: readonly NameSeen[]): readonly (string | null)[] =>
          nameFileFlows(flows, some, createNaming(fileNamingLimits)).map((named) => named.name?.name ?? null);
        assert.deepEqual(naming(told(events)), naming(all));
      }),
      { numRuns: 2000 },
    );
  });
});
