import type { Network } from '../../scenario/harness/namespace.ts';

/** What a capture saw; null where it does not tell. */
export interface Seen {
  readonly packets: number | null;
  readonly dropped: number | null;
}

/** A running capture whose cost is measured. */
export interface RunningContender {
  /** The process that captures. */
  readonly pid: number;
  /** Waits until it has dealt with what crossed the link before now. */
  settle(): Promise<void>;
  /** Ends it and says what it saw since its start. */
  finish(): Promise<Seen>;
}

/** A program that looks at every packet of the link. */
export interface Contender {
  readonly name: string;
  /** Why it cannot run here, or null. */
  readonly pending: string | null;
  start(network: Network): Promise<RunningContender>;
}
