import { ContainerNames } from './container-names.ts';
import { DiagSource } from './diag-source.ts';
import type { SocketDiagnosis } from './diag-source.ts';
import type { EventSources } from './event-sources.ts';
import { Lineage } from './lineage.ts';
import { ListedSockets } from './listed-sockets.ts';
import { NamespaceSockets } from './namespace-sockets.ts';
import type { MonotonicMs } from './owner-source.ts';
import { Owners } from './owners.ts';
import { PacketSource } from './packet-source.ts';
import { executableOf } from './process-description.ts';
import { ProcessTable } from './process-table.ts';
import { Processes } from './processes.ts';
import { RawSource } from './raw-source.ts';
import { SocketHolders } from './socket-holders.ts';
import { TranslatedSource } from './translated-source.ts';

/** The rungs of this system, the surest first. Looks at all processes once, which takes some ten milliseconds. */
export function ownerLadder(parts: {
  readonly diagnosis: SocketDiagnosis;
  readonly monotonic: MonotonicMs;
  /** What the kernel tells by itself, where it is opened. */
  readonly events?: EventSources;
  readonly proc?: string;
}): Owners {
  const proc = parts.proc ?? '/proc';
  const holders = new SocketHolders(new ProcessTable(proc));
  holders.lookAtAll();
  const processes = new Processes(proc);
  const { diagnosis, monotonic } = parts;
  const diag = new DiagSource({ diagnosis, holders, processes, serviceManager: executableOf(proc, 1), monotonic });
  const listed = new ListedSockets({ holders, processes });
  const translation = parts.events?.translation ?? null;
  const elsewhere = translation === null ? [] : [new TranslatedSource({ translation, sockets: new NamespaceSockets({ listed, monotonic, proc }), monotonic })];
  const lineage = new Lineage({ processes, containers: new ContainerNames({ monotonic }), proc });
  const sources = [...(parts.events?.rungs ?? []), diag, ...elsewhere, new RawSource(listed), new PacketSource(listed)];
  return new Owners({ sources, monotonic, describe: (process) => lineage.of(process) });
}
