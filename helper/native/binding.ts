/**
 * What the compiled addon exports, and how it is loaded. Buffers in, buffers out: `index.ts` gives them their meaning.
 */
import { createRequire } from 'node:module';

export interface NativeCapture {
  drain(): Uint8Array;
  takeClues(): Uint8Array;
  /** `bytes`: 0 for none. */
  keepHeaders(bounds: { readonly bytes: number; readonly seconds: number }): void;
  heldHeaders(): Uint8Array;
  freshHeaders(): { readonly records: Uint8Array; readonly missed: number };
  linkType(): number;
  takeFailure(): { readonly code: 'interface-vanished' | 'capture-failed'; readonly message: string } | null;
  close(): void;
}

export interface NativeFileDecoder {
  /** Valid until the next push. */
  push(piece: Uint8Array): Uint8Array;
  finish(): {
    readonly drained: Uint8Array;
    readonly linkTypes: readonly string[];
    readonly truncated: boolean;
    readonly recognised: boolean;
  };
  packets(): number;
  close(): void;
}

/** Addresses are bytes of the query's family. */
export interface NativeSocketQuery {
  readonly protocol: number;
  readonly family: 4 | 6;
  readonly localAddress: Uint8Array;
  readonly localPort: number;
  readonly remoteAddress: Uint8Array;
  readonly remotePort: number;
}

export interface NativeBinding {
  readonly LiveCapture: new (options: object, wake: () => void) => NativeCapture;
  readonly FileDecoder: new (options: { readonly maximumFlows: number; readonly questions: boolean }) => NativeFileDecoder;
  libpcapVersion(): string;
  dumpSockets(query: { readonly protocol: number; readonly family: 4 | 6 }): Uint8Array;
  findSocket(query: NativeSocketQuery): Uint8Array;
}

/** Thrown where the addon is not built, or not for this machine. */
export class AddonMissingError extends Error {
  readonly code = 'addon-missing';

  constructor(cause: unknown) {
    super('the native addon is not built for this machine: run `npm start` once, or `make --directory helper/native`', { cause });
    this.name = 'AddonMissingError';
  }
}

let loaded: NativeBinding | null = null;

/** Loads the addon, once per process. Throws {@link AddonMissingError}. */
export function loadBinding(): NativeBinding {
  if (loaded !== null) return loaded;
  try {
    loaded = createRequire(import.meta.url)('./out/tidewatch.node') as NativeBinding;
    return loaded;
  } catch (cause) {
    throw new AddonMissingError(cause);
  }
}
