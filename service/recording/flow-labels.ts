import type { AttributedFlow, MeasuredInterval } from '../../core/attribution/index.ts';
import type { Naming } from '../../core/alert/moment-of.ts';
import type { FlowId } from '../../protocol/flow.ts';

/** Flows whose app and host are remembered, most: two full tables of the capture. The longest silent give way. */
export const maximumLabels = 131_072;

interface Label {
  readonly app: string | null;
  readonly host: string | null;
}

/** What a comment says of whom nobody knows. */
const unknown = '?';

/** One word of a comment: without control characters, and quoted where it could be read as two. */
function word(text: string): string {
  const harmless = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"\\]/gu, '\u{fffd}');
  return /[\s=]/u.test(harmless) ? `"${harmless}"` : harmless;
}

/** Who used which flow, as far as it may be named: what a packet's comment is made of. */
export class FlowLabels {
  readonly #naming: () => Naming & { readonly someApp?: boolean };
  readonly #labels = new Map<FlowId, Label>();

  constructor(naming: () => Naming & { readonly someApp?: boolean }) {
    this.#naming = naming;
  }

  /** Remembers the flows of an interval, as it may be kept. */
  interval({ flows }: MeasuredInterval): void {
    for (const flow of flows) this.#remember(flow);
    let surplus = this.#labels.size - maximumLabels;
    for (const flow of this.#labels.keys()) {
      if (surplus <= 0) return;
      this.#labels.delete(flow);
      surplus -= 1;
    }
  }

  forget(): void {
    this.#labels.clear();
  }

  /**
   * `app=… domain=…` of a flow; null where the flow may not be told of at all: what is withheld from the history, and what may
   * belong to it because nobody knows the flow.
   */
  commentOf(flow: FlowId): string | null {
    const naming = this.#naming();
    const label = this.#labels.get(flow);
    if (label === undefined) return naming.someApp === true ? null : `app=${unknown} domain=${unknown}`;
    const { app, host } = label;
    if ((app !== null && !naming.mayNameApp(app)) || (host !== null && !naming.mayNameHost(host))) return null;
    return `app=${word(app ?? unknown)} domain=${word(host ?? unknown)}`;
  }

  #remember({ delta, owner, name }: AttributedFlow): void {
    const before = this.#labels.get(delta.flow);
    this.#labels.delete(delta.flow);
    this.#labels.set(delta.flow, { app: owner.app?.app ?? before?.app ?? null, host: name?.name ?? before?.host ?? null });
  }
}
