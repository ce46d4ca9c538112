import type { PlanState } from '../../protocol/plan.ts';
import { epochMs } from '../../protocol/units.ts';
import type { QueryKey, Receipt, StepName, StepsResult, TopResult, UsageFilter } from '../../protocol/usage-query.ts';
import { maximumRows } from '../../protocol/usage-query.ts';
import { ServiceGone } from '../client/service-gone.ts';
import type { Session } from '../state/session.svelte.ts';
import { bytesOf, pictureOf, seriesOf, tableRowsOf } from './picture.ts';
import type { Picture, TableRow } from './picture.ts';
import type { Question } from './question.ts';
import { previousOf, rangeOf, stepOf } from './range.ts';
import type { Range } from './range.ts';

/** Colours that are used at once: two are left for those that come with a comparison of the eye. */
const splitRows = 10;

/** What the service answered to one question. */
interface Answer {
  readonly question: Question;
  readonly range: Range;
  readonly step: StepName;
  readonly top: TopResult;
  /** Null while the first answer's table is there already and its chart is not: there are a hundred times as many figures in it. */
  readonly steps: StepsResult | null;
  readonly previous: { readonly range: Range; readonly top: TopResult; readonly steps: StepsResult } | null;
  /** What a person calls the app that was gone into; null where none was, or it has no traffic in this time. */
  readonly appLabel: string | null;
}

/** All that is kept, coarsely: what the range is chosen from. */
export interface Overview {
  readonly range: Range;
  readonly steps: StepsResult;
}

/** What a question has come to. An answer stays in sight while the next one is on its way. */
export type Loading = { readonly kind: 'waiting' } | { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly message: string };

function queryOf(range: Range, filter: UsageFilter): { from: ReturnType<typeof epochMs>; to: ReturnType<typeof epochMs>; filter: UsageFilter } {
  return { from: epochMs(Math.round(range.from)), to: epochMs(Math.round(range.to)), filter };
}

/** The usage page's state: one question, its answer, and what is made of it. */
export class UsageView {
  readonly #session: Session;
  #answer: Answer | null = $state.raw(null);
  #loading: Loading = $state.raw({ kind: 'waiting' });
  #overview: Overview | null = $state.raw(null);
  #plan: PlanState | null = $state.raw(null);
  #receipt: Receipt | null = $state.raw(null);
  /** The newest question: answers to older ones are thrown away. */
  #asked = 0;

  readonly #picture: Picture | null = $derived.by(() => {
    if (this.#answer === null || this.#answer.steps === null) return null;
    const { range, step, steps, previous, question } = this.#answer;
    return pictureOf({ range, step, direction: question.direction, steps, previous });
  });

  readonly #rows: readonly TableRow[] = $derived.by(() => {
    if (this.#answer === null) return [];
    const { top, previous, question } = this.#answer;
    return tableRowsOf(top, this.#picture?.series ?? seriesOf(top.rows.slice(0, splitRows)), { previous: previous?.top ?? null, direction: question.direction });
  });

  constructor(session: Session) {
    this.#session = session;
  }

  get answer(): Answer | null {
    return this.#answer;
  }

  get loading(): Loading {
    return this.#loading;
  }

  /** How surely all of this time's traffic was told whose it is; null where only some of it is looked at, or it is not known yet. */
  get receipt(): Receipt | null {
    return this.#receipt;
  }

  get overview(): Overview | null {
    return this.#overview;
  }

  get plan(): PlanState | null {
    return this.#plan;
  }

  get picture(): Picture | null {
    return this.#picture;
  }

  get rows(): readonly TableRow[] {
    return this.#rows;
  }

  /** What the period before came to, in the direction that is looked at; null where nothing is compared. */
  get previousTotal(): number | null {
    const { previous, question } = this.#answer ?? {};
    return previous === null || previous === undefined || question === undefined ? null : bytesOf(previous.top.total, question.direction);
  }

  /** Whether what is compared with began before the history did. */
  get isPreviousPartial(): boolean {
    const { previous } = this.#answer ?? {};
    return previous !== null && previous !== undefined && this.#overview !== null && previous.range.from < this.#overview.range.from;
  }

  /** The times that a question is about. */
  rangeOf({ own, preset }: Question): Range {
    const first = this.#overview?.steps.steps[0]?.start ?? null;
    return own ?? rangeOf(preset ?? 'today', { now: Date.now(), first, plan: this.#plan });
  }

  /** Asks; the answer is there when this resolves, unless something newer was asked meanwhile. */
  async ask(question: Question): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    if (this.#answer === null) this.#loading = { kind: 'waiting' };
    try {
      const answer = await this.#answerTo(question, asked);
      if (asked !== this.#asked) return;
      this.#answer = answer;
      this.#loading = { kind: 'ready' };
    } catch (error) {
      if (asked !== this.#asked) return;
      // The window says by itself that there is no service, and asks again when there is one.
      if (!(error instanceof ServiceGone)) this.#loading = { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Asks what nobody waits for: the receipt of the time that is looked at. */
  async askReceipt(): Promise<void> {
    const { question, range } = this.#answer ?? {};
    this.#receipt = null;
    if (question === undefined || range === undefined || Object.keys(question.filter).length > 0) return;
    const asked = this.#asked;
    const receipt = await this.#session.query('receipt', { from: epochMs(Math.round(range.from)), to: epochMs(Math.round(range.to)) });
    if (asked === this.#asked) this.#receipt = receipt;
  }

  /** Learns what there is at all. */
  async survey(): Promise<void> {
    const [steps, { plans }] = await Promise.all([this.#session.query('steps', { step: 'day' }), this.#session.query('plans', {})]);
    const first = steps.steps[0]?.start ?? steps.to;
    this.#plan = plans[0] ?? null;
    this.#overview = { range: { from: first, to: steps.to }, steps };
  }

  async #answerTo(question: Question, asked: number): Promise<Answer> {
    const range = this.rangeOf(question);
    const step = stepOf(range, Date.now());
    const before = question.compare ? previousOf(range, question.preset) : null;
    const table = this.#top(question, range, question.limit);
    const [top, steps, previous, appLabel] = await Promise.all([
      table.then((first) => {
        if (this.#answer === null && asked === this.#asked) this.#answer = { question, range, step, top: first, steps: null, previous: null, appLabel: null };
        return first;
      }),
      this.#steps(question, { range, step }, question.by),
      before === null ? null : this.#before(question, { range: before, step }),
      this.#appLabel(question),
    ]);
    return { question, range, step, top, steps, previous, appLabel };
  }

  /** An address says which app, not how it is called. */
  async #appLabel({ filter: { app } }: Question): Promise<string | null> {
    if (app === undefined || app === null) return null;
    const { rows } = await this.#session.query('top', { by: 'app', limit: 1, filter: { app } });
    return rows[0]?.label ?? null;
  }

  async #before(question: Question, { range, step }: { readonly range: Range; readonly step: StepName }): Promise<NonNullable<Answer['previous']>> {
    const [top, steps] = await Promise.all([this.#top(question, range, maximumRows), this.#steps(question, { range, step }, null)]);
    return { range, top, steps };
  }

  #top({ by, filter }: Question, range: Range, limit: number): Promise<TopResult> {
    return this.#session.query('top', { ...queryOf(range, filter), by, limit });
  }

  #steps({ filter }: Question, { range, step }: { readonly range: Range; readonly step: StepName }, by: QueryKey | null): Promise<StepsResult> {
    return this.#session.query('steps', { ...queryOf(range, filter), step, ...(by === null ? {} : { split: { by, limit: splitRows } }) });
  }
}
