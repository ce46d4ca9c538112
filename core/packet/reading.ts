import type { NameSeen } from '../../protocol/flow.ts';
import type { Clue } from './clue.ts';
import type { HttpSeen } from './http-seen.ts';

/** A clue that carries payload. */
export type PayloadClue = Extract<Clue, { kind: 'payload' }>;

/** What one clue told. */
export interface Told {
  readonly names: readonly NameSeen[];
  readonly http: readonly HttpSeen[];
}

/** A clue that told nothing. */
export const nothing: Told = { names: [], http: [] };

/** How one flow is read, for as long as it may still tell something. */
export interface Reading {
  read(clue: PayloadClue): Told;
  /** Payload kept, in bytes. */
  readonly heldBytes: number;
  /** The flow will tell nothing more. */
  readonly isDone: boolean;
}

/** Which answers of DNS are believed: only those that were asked for, or all (a file may begin between the two). */
export type BelievedAnswers = 'asked' | 'all';
