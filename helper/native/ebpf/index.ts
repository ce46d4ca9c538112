/**
 * The typed face of the owner map: which process each socket's packets belong to, told by small programs in the kernel.
 * Everything here is optional: where the addon, libbpf, a right or a kernel feature is missing, {@link openOwnerMap}
 * throws an {@link OwnerMapError} that says what to do, and nothing stays behind.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ProcessFacts } from '../process-events/facts.ts';
import { findControlGroups } from './control-group.ts';

/** How the owner of a socket is known; `nobody`: the socket is the kernel's own, or was open before the programs were. */
export type OwnerEvidence = 'used' | 'created' | 'accepted' | 'nobody';

/** What the kernel noted of the socket that a flow's packets passed. */
export interface FlowOwner {
  /** Thread group id in the initial pid namespace; 0 where evidence is `nobody`. */
  readonly pid: number;
  readonly uid: number;
  /** SO_COOKIE of the socket, as decimal text; 0 for frames that the process made itself (AF_PACKET). */
  readonly cookie: string;
  readonly evidence: OwnerEvidence;
  /** More than one process has moved data over the socket; `pid` is the latest. */
  readonly shared: boolean;
  /** When the process became the owner: milliseconds since boot (CLOCK_BOOTTIME). */
  readonly since: number;
  /** Milliseconds since the socket's latest packet with these ends. */
  readonly silentMilliseconds: number;
  /** The process whose socket had the same ends before (0: none), and how many milliseconds ago that ended. */
  readonly previousPid: number;
  readonly previousMilliseconds: number;
}

/** All only grow, but for `processes` (now remembered) and `flowsBound` (a constant). */
export interface OwnerMapCounters {
  /** New ends seen. More than `flowsBound` between two looks: some were displaced before anybody asked for them. */
  readonly flowsAdded: number;
  readonly flowsBound: number;
  readonly announcements: number;
  /** Processes whose announcement found the ring full: if they end soon, only their pid is known. */
  readonly announcementsLost: number;
  readonly processes: number;
  readonly processesRefused: number;
}

/** Optional groups of programs; README.md says what is lost without each. `addresses` stands in for `users`. */
export type OwnerMapGroup = 'users' | 'addresses' | 'frames' | 'executables' | 'exits' | 'namespaces';

/** Which step failed: `addon-missing` and `library-missing` before the kernel was asked, the others by the kernel. */
export type OwnerMapErrorCode =
  | 'addon-missing'
  | 'library-missing'
  | 'open-object'
  | 'open-control-group'
  | 'load'
  | 'attach'
  | 'ring'
  | 'pid-namespace';

/** Why there is no owner map. `message` is a sentence's end: what failed, with the system's own words. */
export class OwnerMapError extends Error {
  readonly code: OwnerMapErrorCode;

  constructor(code: OwnerMapErrorCode, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'OwnerMapError';
    this.code = code;
  }
}

/** A look into the map. Throws a TypeError where an argument is no address or port. */
export type FindOwner = (
  protocol: number,
  localAddress: string,
  localPort: number,
  remoteAddress: string,
  remotePort: number,
) => FlowOwner | null;

/** The programs, attached until {@link close} or the end of this process, however it ends. */
export interface OwnerMap {
  /**
   * The owner noted for these ends in our own network namespace; ports are 0 where the protocol has none. Costs a few
   * microseconds. Null: no such socket.
   */
  find: FindOwner;
  /** The same in the other network namespaces that have been seen; null also where two of them have had such a socket within a minute. */
  findElsewhere: FindOwner;
  /** The process that had `pid` at a time since boot, also when it is gone by now; null where nobody knows any more. */
  describe(pid: number, time: number): ProcessFacts | null;
  counters(): OwnerMapCounters;
  groups(): readonly OwnerMapGroup[];
  close(): void;
}

interface AddonOptions {
  readonly object: string;
  readonly controlGroup: string;
  readonly leftOut: readonly OwnerMapGroup[];
}

interface Addon {
  readonly OwnerMap: new (options: AddonOptions) => OwnerMap;
}

const addonPath = fileURLToPath(new URL('out/owner-map.node', import.meta.url));
const objectPath = fileURLToPath(new URL('owner-map.bpf.o', import.meta.url));

const kernelCodes: ReadonlySet<string> = new Set<OwnerMapErrorCode>([
  'open-object',
  'open-control-group',
  'load',
  'attach',
  'ring',
  'pid-namespace',
]);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isKernelCode(code: string): code is OwnerMapErrorCode {
  return kernelCodes.has(code);
}

function loadAddon(path: string): Addon {
  try {
    const addon: Addon = createRequire(import.meta.url)(path);
    return addon;
  } catch (error) {
    const code = codeOf(error) === 'ERR_DLOPEN_FAILED' ? 'library-missing' : 'addon-missing';
    throw new OwnerMapError(code, messageOf(error).split('\n')[0] ?? '', error);
  }
}

/** What to open; all of it has a default. */
export interface OwnerMapOptions {
  /** Groups that are not even tried: for tests of what remains without them. */
  readonly leftOut?: readonly OwnerMapGroup[];
  /** Where the addon is, for tests of its absence. */
  readonly addon?: string;
}

/** Loads and attaches the programs, about 0.1 s. Throws an {@link OwnerMapError}; then nothing is attached. */
export function openOwnerMap(options: OwnerMapOptions = {}): OwnerMap {
  const { OwnerMap } = loadAddon(options.addon ?? addonPath);
  const controlGroup = findControlGroups();
  try {
    return new OwnerMap({ object: objectPath, controlGroup, leftOut: options.leftOut ?? [] });
  } catch (error) {
    const code = codeOf(error);
    if (!isKernelCode(code)) throw error;
    throw new OwnerMapError(code, `${code}: ${messageOf(error)}`, error);
  }
}
