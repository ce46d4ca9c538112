import type { NameSource } from '../../../protocol/flow.ts';
import { slotsOf } from '../../look/palette.ts';
import type { Slot } from '../../look/palette.ts';
import type { Face } from '../../state/face.svelte.ts';
import { appName, domainName } from '../../format/row-name.ts';
import { sparkSeconds } from '../../state/rates.ts';
import type { RateTrack, Spark, Sparks } from '../../state/rates.ts';

/** One line of a list of what moves most now. */
export interface TopLine {
  /** Tells it from the others. */
  readonly key: string;
  /** What a filter of the history calls it; null where it is unknown. */
  readonly subject: string | null;
  readonly label: string;
  /** How the name is known; null where that is not the question, or there is none. */
  readonly evidence: NameSource | null;
  readonly slot: Slot;
  readonly track: RateTrack;
  /** Bytes a second, now. */
  readonly down: number;
  readonly up: number;
}

/** What moves most now, and how much more there was in the last minute. */
export interface TopLines {
  readonly lines: readonly TopLine[];
  readonly more: number;
}

/** Lines in sight. */
const mostLines = 8;

/** Lines are ordered by what they moved lately: by one second alone they would jump. In seconds. */
const rankedSeconds = 10;

interface Naming<Row> {
  readonly subject: (row: Row) => string | null;
  readonly label: (row: Row) => string;
  readonly evidence: (row: Row) => NameSource | null;
}

function ranked<Row extends { rxBytes: number; txBytes: number }>(sparks: Sparks<Row>, { subject, label, evidence }: Naming<Row>): TopLines {
  const weighed = Array.from(sparks.entries, ([key, spark]) => ({ key, spark, weight: spark.track.recent(rankedSeconds) }));
  const moving = weighed.filter(({ weight, spark }) => weight > 0 || spark.track.recent(sparkSeconds) > 0);
  const first = moving.toSorted((a, b) => b.weight - a.weight).slice(0, mostLines);
  const slots = slotsOf(first.map(({ spark }) => subject(spark.row)));
  const lines = first.map(({ key, spark }, index) => ({ key, ...lineOf(spark), subject: subject(spark.row), label: label(spark.row), evidence: evidence(spark.row), slot: slots[index] ?? 'unknown' }));
  return { lines, more: moving.length - first.length };
}

function lineOf<Row>({ track }: Spark<Row>): { readonly track: RateTrack; readonly down: number; readonly up: number } {
  return { track, down: track.down.at(-1) ?? 0, up: track.up.at(-1) ?? 0 };
}

/** The apps that move most now. Follows the live figures. */
export function topApps({ live, words }: Face): TopLines {
  if (live.tick === 0) return { lines: [], more: 0 };
  return ranked(live.apps, { subject: ({ app }) => app, label: (row) => appName(row, words), evidence: () => null });
}

/** The domains that move most now. Follows the live figures. */
export function topDomains({ live, words }: Face): TopLines {
  if (live.tick === 0) return { lines: [], more: 0 };
  return ranked(live.domains, { subject: ({ domain }) => domain, label: (row) => domainName(row, words), evidence: ({ source }) => source });
}
