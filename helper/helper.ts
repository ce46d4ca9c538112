import type { Logger } from 'pino';
import { createNameReader } from '../core/packet/index.ts';
import type { HelperMessage, Trouble } from '../protocol/helper.ts';
import { epochMs } from '../protocol/units.ts';
import type { EpochMs } from '../protocol/units.ts';
import type { HelperArguments } from './arguments.ts';
import { Captures } from './capture/captures.ts';
import type { CaptureBounds, CaptureOpener } from './capture/captures.ts';
import { InterfaceCounters } from './capture/interface-counters.ts';
import { Interfaces } from './capture/interfaces.ts';
import { readLocalAddresses } from './capture/local-addresses.ts';
import { createQuicCrypto } from './capture/quic-crypto.ts';
import { Troubles } from './capture/troubles.ts';
import { TunnelCarriers } from './capture/tunnel-carriers.ts';
import { everySecond } from './every-second.ts';
import { CountedCaptures } from './limited/counted-captures.ts';
import { HeaderTelling } from './link/header-telling.ts';
import { Backlog, backlogLimits } from './link/backlog.ts';
import type { Outlet } from './link/backlog.ts';
import type { Connection } from './link/connection.ts';
import { messagesOf, messagesOfFlows } from './link/messages.ts';
import { LinkServer } from './link/server.ts';
import { Measurement } from './measurement.ts';
import { defaultClueQueueBytes, defaultMaximumFlows, defaultRingBytes, defaultSnapLength } from './native/limits.ts';
import { ResolverMonitor, monitorSocket } from './resolver/resolver-monitor.ts';
import { ConnectionQuality } from './sockets/connection-quality.ts';
import { eventRungs, openEventSources } from './sockets/event-sources.ts';
import { ownerLadder } from './sockets/ladder.ts';
import type { SocketDiagnosis } from './sockets/diag-source.ts';

const tcp = 6;

const bounds: CaptureBounds = {
  snapLength: defaultSnapLength,
  ringBytes: defaultRingBytes,
  maximumFlows: defaultMaximumFlows,
  clueQueueBytes: defaultClueQueueBytes,
};

/** What the helper is made of. */
export interface HelperParts {
  readonly options: HelperArguments;
  readonly log: Logger;
  readonly native: CaptureOpener & SocketDiagnosis;
  readonly version: string;
  readonly startedAt: EpochMs;
  /** Milliseconds that never jump. */
  readonly monotonic: () => number;
  /** The service asked for the end. */
  readonly end: () => void;
}

/** A running helper. */
export interface Helper {
  /** Ends captures and connections and removes the socket. */
  close(): void;
}

/** What a person must know where there is no right to capture. */
const limitedMode: Omit<Trouble, 'over'> = {
  code: 'limited-mode',
  subject: 'helper',
  message: "only your own apps' TCP connections are told apart, without their names: there is no right to capture",
  remedy: 'grant access when asked, or start Tidewatch as root',
};

function countedCaptures(native: SocketDiagnosis): CaptureOpener {
  return new CountedCaptures({
    listSockets: (family) => native.dumpSockets(tcp, family),
    addresses: readLocalAddresses,
    now: () => epochMs(Date.now()),
  });
}

/** Does something again and again until it is disposed of. */
function every(milliseconds: number, act: () => void): Disposable {
  const timer = setInterval(act, milliseconds);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function outletTo(reader: Connection): Outlet {
  return {
    take: (piece) => {
      for (const message of messagesOfFlows(piece, reader.told)) reader.send(message);
    },
  };
}

/** Puts the parts together and begins to listen. Throws SocketPlaceError where it cannot. */
export async function startHelper(parts: HelperParts): Promise<Helper> {
  const { log, monotonic, native } = parts;
  /** Who had read everything when this second began: all of it is told to them, also where it is more than they read at once. */
  let reader: Connection | null = null;
  const backlog = new Backlog(backlogLimits, () => (reader === null ? null : outletTo(reader)));
  const tell = (message: HelperMessage): void => server.tell(message);
  const troubles = new Troubles((trouble) => {
    log.warn({ trouble }, trouble.over ? 'trouble over' : 'trouble');
    tell({ kind: 'trouble', trouble });
  });
  const { limited } = parts.options;
  const events = openEventSources(limited ? new Set(eventRungs) : parts.options.leftOut);
  const owners = ownerLadder({ diagnosis: native, monotonic, events });
  const captures = new Captures({ opener: limited ? countedCaptures(native) : native, bounds, troubles, cluesWait: () => look() });
  const server = new LinkServer({
    path: parts.options.socketPath,
    owner: parts.options.owner,
    identity: { version: parts.version, pid: process.pid, startedAt: parts.startedAt },
    events: {
      configure: (configuration) => {
        log.info({ configuration }, 'configured');
        measurement.configure(configuration);
        tell({ kind: 'configured' });
      },
      pause: () => measurement.pause(),
      resume: () => measurement.resume(),
      stop: parts.end,
      record: (recording) => headers.record(recording),
      freeze: () => headers.freeze(),
      gone: () => headers.end(),
      state: () => measurement.state(),
    },
  });
  const measurement = new Measurement({
    interfaces: new Interfaces(),
    readAddresses: readLocalAddresses,
    captures,
    counters: new InterfaceCounters(),
    carriers: new TunnelCarriers(),
    names: createNameReader({ quicCrypto: createQuicCrypto() }),
    owners,
    ...(limited
      ? { unattributed: 'no-rights' }
      : { quality: new ConnectionQuality({ diagnosis: native, monotonic, takeEnded: () => events.takeEnded() }) }),
    troubles,
    backlog,
    tell,
    monotonic,
  });

  const headers = new HeaderTelling({ captures, reader: () => server.reader(), every });

  let round: NodeJS.Timeout | null = null;
  /** Reads clues at once, and asks about owners as soon as the rest after the last round is over. */
  function look(): void {
    measurement.takeClues();
    const due = owners.dueIn();
    if (due === null || round !== null) return;
    if (due > 0) {
      round = setTimeout(() => {
        round = null;
        look();
      }, due);
      return;
    }
    owners.ask();
    if (owners.dueIn() !== null) look();
  }

  /** Hands over what the backlog has if the service is there and reads; else it is kept. */
  function deliver(now: EpochMs): void {
    if (reader === null) return;
    for (const message of messagesOf(backlog.take(), { time: now, paused: captures.paused, told: reader.told })) reader.send(message);
  }

  await server.listen();
  if (limited) troubles.begin(limitedMode);
  const resolver = new ResolverMonitor({
    path: monitorSocket,
    now: () => epochMs(Date.now()),
    seen: (name) => backlog.addName(name),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds).unref();
      return () => clearTimeout(timer);
    },
  });
  const endSeconds = everySecond(() => {
    const now = epochMs(Date.now());
    reader = server.reader();
    measurement.second(now);
    deliver(now);
    look();
  });
  return {
    close: () => {
      endSeconds();
      headers.end();
      if (round !== null) clearTimeout(round);
      captures.close();
      events[Symbol.dispose]();
      resolver[Symbol.dispose]();
      server.close();
    },
  };
}
