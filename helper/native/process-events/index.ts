/**
 * The typed face of process events: who ran a moment ago, and what the kernel said last of sockets that are gone.
 * Optional: without it, processes are known only while they can be read in /proc.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ProcessFacts } from './facts.ts';

/** What the kernel said of a socket when it was destroyed (SKNLGRP_INET*_DESTROY). */
export interface EndedSocket {
  readonly family: 4 | 6;
  /** IP protocol number: TCP or UDP. */
  readonly protocol: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  /** 0 where the socket was not connected any more. */
  readonly remotePort: number;
  /** SO_COOKIE as decimal text. */
  readonly cookie: string;
  /** Smoothed round-trip time of a TCP socket; 0 where unknown. */
  readonly roundTripMicroseconds: number;
  /** Segments that TCP sent again in its whole life. */
  readonly retransmits: number;
  /** Segments that it might have under way at last; 0 where unknown. */
  readonly congestionWindow: number;
}

/** All only grow, but for `processes`. */
export interface ProcessEventCounters {
  readonly events: number;
  /** Times that the kernel had to drop events; each time all processes were read anew. */
  readonly eventsLost: number;
  /** Processes remembered now, those lately gone included. */
  readonly processes: number;
  readonly processesRefused: number;
}

/** Which step failed: `addon-missing` before the kernel was asked, the others by the kernel. */
export type ProcessEventsErrorCode = 'addon-missing' | 'process-connector' | 'ended-sockets' | 'thread' | 'conntrack';

/** Why there are no process events. */
export class ProcessEventsError extends Error {
  readonly code: ProcessEventsErrorCode;

  constructor(code: ProcessEventsErrorCode, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ProcessEventsError';
    this.code = code;
  }
}

/** A thread of its own that listens to the kernel until {@link close}. No event ever calls JavaScript. */
export interface ProcessEvents {
  /** The process that had `pid` at a time (milliseconds since boot), also up to a minute after its end; null where unknown. */
  describe(pid: number, time: number): ProcessFacts | null;
  counters(): ProcessEventCounters;
  close(): void;
}

/** The kernel's last word on TCP and UDP sockets of our own network namespace. */
export interface EndedSockets {
  /** What ended since the last call: at most 16 384 sockets; the kernel holds some thousand between two calls. */
  take(): readonly EndedSocket[];
  /** How often the kernel could hold no more. */
  lost(): number;
  close(): void;
}

/** Ends of a flow with ports. */
export interface TranslatedEnds {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** What the machine's address translation (conntrack) made of flows that it forwards. */
export interface AddressTranslation {
  /**
   * The ends as the container or machine behind us knows them, its own end being the local one; null where the flow is not
   * translated. One message to the kernel and its answer, some ten microseconds. Throws where the kernel refuses to answer.
   */
  behind(protocol: number, localAddress: string, localPort: number, remoteAddress: string, remotePort: number): TranslatedEnds | null;
  close(): void;
}

interface Addon {
  readonly ProcessEvents: new () => ProcessEvents;
  readonly EndedSockets: new () => EndedSockets;
  readonly AddressTranslation: new () => AddressTranslation;
}

const addonPath = fileURLToPath(new URL('out/process-events.node', import.meta.url));

function loadAddon(path: string): Addon {
  try {
    const addon: Addon = createRequire(import.meta.url)(path);
    return addon;
  } catch (error) {
    throw new ProcessEventsError('addon-missing', error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error), error);
  }
}

function isKernelCode(code: unknown): code is ProcessEventsErrorCode {
  return code === 'process-connector' || code === 'ended-sockets' || code === 'thread' || code === 'conntrack';
}

/** Makes an object of the addon's, with the addon's own errors turned into {@link ProcessEventsError}. */
function made<Made>(addon: string, make: (loaded: Addon) => Made): Made {
  const loaded = loadAddon(addon);
  try {
    return make(loaded);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !isKernelCode(error.code)) throw error;
    throw new ProcessEventsError(error.code, `${error.code}: ${error.message}`, error);
  }
}

/** Begins to listen. Throws a {@link ProcessEventsError}; then nothing is left open. `addon`: where it is, for tests. */
export function openProcessEvents(addon: string = addonPath): ProcessEvents {
  return made(addon, (loaded) => new loaded.ProcessEvents());
}

/** Begins to listen for sockets that end. Throws a {@link ProcessEventsError}. */
export function openEndedSockets(addon: string = addonPath): EndedSockets {
  return made(addon, (loaded) => new loaded.EndedSockets());
}

/** Opens the way to ask about address translation. Throws a {@link ProcessEventsError}. */
export function openAddressTranslation(addon: string = addonPath): AddressTranslation {
  return made(addon, (loaded) => new loaded.AddressTranslation());
}
