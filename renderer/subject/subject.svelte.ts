import { epochMs } from '../../protocol/units.ts';
import type { RhythmResult, Seen, TopResult, UsageFilter } from '../../protocol/usage-query.ts';
import type { Session } from '../state/session.svelte.ts';

/** Whom a page is about: an app by its id, or a domain. */
export type Subject = { readonly kind: 'app'; readonly key: string } | { readonly kind: 'domain'; readonly key: string };

/** What the history tells of one app or domain. */
export interface Portrait {
  readonly subject: Subject;
  readonly seen: Seen | null;
  /** What the history calls it. */
  readonly label: string;
  /** Sums by how far they go back. */
  readonly sums: readonly { readonly span: Span; readonly rxBytes: number; readonly txBytes: number }[];
  /** The app's domains, or the domain's apps. */
  readonly others: TopResult;
  readonly networks: TopResult;
  readonly certainties: TopResult;
  readonly rhythm: RhythmResult;
  /** The app's picture as an address of data; null where there is none. */
  readonly icon: string | null;
}

export const spans = ['today', 'week', 'month', 'all'] as const;
export type Span = (typeof spans)[number];

const dayMs = 86_400_000;
const mostOthers = 12;
const iconSize = 64;

/** Where a span begins, milliseconds since the epoch; 0 for all that is kept. */
export function spanStart(span: Span, now: number): number {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (span === 'today') return midnight;
  if (span === 'week') return midnight - 6 * dayMs;
  return span === 'month' ? midnight - 29 * dayMs : 0;
}

export function filterOf({ kind, key }: Subject): UsageFilter {
  return kind === 'app' ? { app: key } : { domain: key };
}

async function iconOf(session: Session, subject: Subject): Promise<string | null> {
  if (subject.kind !== 'app') return null;
  const { icon } = await session.query('icon', { app: subject.key, size: iconSize });
  return icon === null ? null : `data:${icon.mediaType};base64,${icon.base64}`;
}

/** Asks all that is told of a subject. Rejects as `Session.query` does. */
export async function portraitOf(session: Session, subject: Subject, now: number): Promise<Portrait> {
  const filter = filterOf(subject);
  const from = epochMs(spanStart('month', now));
  const top = (by: 'app' | 'domain' | 'network' | 'certainty', limit: number): Promise<TopResult> => session.query('top', { filter, from, by, limit });
  const [seen, others, networks, certainties, rhythm, icon, ...sums] = await Promise.all([
    session.query('seen', { what: subject.kind, key: subject.key }),
    top(subject.kind === 'app' ? 'domain' : 'app', mostOthers),
    top('network', 4),
    top('certainty', 3),
    session.query('rhythm', { filter, from }),
    iconOf(session, subject),
    ...spans.map((span) => session.query('top', { filter, from: epochMs(spanStart(span, now)), by: subject.kind, limit: 1 })),
  ]);
  const label = sums.at(-1)?.rows[0]?.label ?? subject.key;
  return {
    subject,
    seen: seen.seen,
    label,
    sums: sums.flatMap((sum, index) => {
      const span = spans[index];
      return span === undefined ? [] : [{ span, rxBytes: sum.total.rxBytes, txBytes: sum.total.txBytes }];
    }),
    others,
    networks,
    certainties,
    rhythm,
    icon,
  };
}

/** The portrait of the subject that was asked for last. */
export class Portraits {
  readonly #session: Session;
  #portrait: Portrait | null = $state.raw(null);
  #failed: string | null = $state(null);
  #asked: Subject | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  get portrait(): Portrait | null {
    return this.#portrait;
  }

  /** Why there is none, in the service's words. */
  get failed(): string | null {
    return this.#failed;
  }

  async ask(subject: Subject): Promise<void> {
    this.#asked = subject;
    try {
      const portrait = await portraitOf(this.#session, subject, Date.now());
      if (this.#asked !== subject) return;
      this.#portrait = portrait;
      this.#failed = null;
    } catch (error) {
      if (this.#asked === subject) this.#failed = error instanceof Error ? error.message : String(error);
    }
  }
}
