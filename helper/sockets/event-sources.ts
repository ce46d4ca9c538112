import { OwnerMapError, openOwnerMap } from '../native/ebpf/index.ts';
import type { OwnerMap, OwnerMapErrorCode } from '../native/ebpf/index.ts';
import { ProcessEventsError, openAddressTranslation, openEndedSockets, openProcessEvents } from '../native/process-events/index.ts';
import type { AddressTranslation, EndedSocket, ProcessEvents } from '../native/process-events/index.ts';
import { OwnerMapSource } from './owner-map-source.ts';
import type { OwnerSource, SourceLimit } from './owner-source.ts';
import { ProcessMemory } from './process-memory.ts';
import { TranslatedSource, elsewhereByMap } from './translated-source.ts';

/** The rungs that can be left out, by name: to see what the others tell. */
export const eventRungs = ['owner-map', 'process-events'] as const;
export type EventRung = (typeof eventRungs)[number];

/** What the kernel tells by itself, as far as it can be had here. */
export interface EventSources extends Disposable {
  /** The rungs, the surest first; one that cannot be had answers nothing and tells why in its `limit`. */
  readonly rungs: readonly OwnerSource[];
  /** What address translation made of forwarded flows; null where the kernel does not tell. */
  readonly translation: AddressTranslation | null;
  /** What the kernel said last of the sockets that ended since the last call; nothing where it does not tell. */
  takeEnded(): readonly EndedSocket[];
}

const remedies: Record<OwnerMapErrorCode, string> = {
  'addon-missing': 'install libbpf-dev and run: make --directory helper/native/ebpf',
  'library-missing': 'install libbpf1 (Debian), or the package that has libbpf.so.1',
  'open-object': 'the file owner-map.bpf.o beside the addon is missing or damaged: restore it',
  'open-control-group': 'mount the control groups version 2: mount -t cgroup2 none /sys/fs/cgroup/unified',
  load: 'start the helper with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, on Linux 5.11 or later',
  attach: 'start the helper with CAP_NET_ADMIN, on a kernel with CONFIG_CGROUP_BPF',
  ring: 'start the helper with CAP_BPF, on Linux 5.11 or later',
  'pid-namespace': "start the helper in the machine's own pid namespace, not in a container",
};

/** What to do where there is no owner map. */
export function remedyForOwnerMap(error: OwnerMapError): SourceLimit {
  return {
    message: `no eBPF owner map (${error.message}): processes that live shortly may have no name`.slice(0, 1024),
    remedy: remedies[error.code],
  };
}

/** What to do where there are no process events. */
export function remedyForProcessEvents(error: ProcessEventsError): SourceLimit {
  const remedy =
    error.code === 'addon-missing'
      ? 'run: make --directory helper/native/process-events'
      : "start the helper with CAP_NET_ADMIN, in the machine's own pid and network namespaces, on a kernel with CONFIG_PROC_EVENTS";
  return { message: `no process events (${error.message}): processes that are gone may have no name`.slice(0, 1024), remedy };
}

function openMap(): OwnerMap | OwnerMapError {
  try {
    return openOwnerMap();
  } catch (error) {
    if (error instanceof OwnerMapError) return error;
    throw error;
  }
}

function openEvents(): ProcessEvents | ProcessEventsError {
  try {
    return openProcessEvents();
  } catch (error) {
    if (error instanceof ProcessEventsError) return error;
    throw error;
  }
}

/**
 * What is nobody's loss where the kernel does not tell it: a machine without address translation has none, and of sockets that
 * ended, the packets tell nearly as much.
 */
function openIfThere<Opened>(open: () => Opened): Opened | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof ProcessEventsError) return null;
    throw error;
  }
}

/** A rung that is not there. */
function absentRung(name: string, limit: SourceLimit): OwnerSource {
  return { name, limit: () => limit, find: (questions) => questions.map(() => null) };
}

/** Opens what can be opened here, by trying (about 0.1 s). What is `leftOut` is not tried, and nothing is said of it. */
export function openEventSources(leftOut: ReadonlySet<EventRung>): EventSources {
  const map = leftOut.has('owner-map') ? null : openMap();
  const events = leftOut.has('process-events') ? null : openEvents();
  const tellers = [map, events].flatMap((one) => (one === null || one instanceof Error ? [] : [one]));
  const translation = openIfThere(openAddressTranslation);
  const ended = openIfThere(openEndedSockets);
  const opened: readonly { close(): void }[] = [...tellers, translation, ended].filter((one) => one !== null);
  const rungs: OwnerSource[] = [];
  if (map instanceof OwnerMapError) rungs.push(absentRung('eBPF owner map', remedyForOwnerMap(map)));
  else if (map !== null) {
    const memory = new ProcessMemory(tellers);
    rungs.push(new OwnerMapSource({ map, memory }));
    if (translation !== null) rungs.push(new TranslatedSource({ translation, sockets: elsewhereByMap(map, memory) }));
  }
  // The owner map remembers the processes it needs by itself: beside it, process events are not missed.
  if (events instanceof ProcessEventsError && (map === null || map instanceof OwnerMapError)) {
    rungs.push(absentRung('process events', remedyForProcessEvents(events)));
  }
  return {
    rungs,
    translation,
    takeEnded: () => ended?.take() ?? [],
    [Symbol.dispose]: () => {
      for (const one of opened) one.close();
    },
  };
}
