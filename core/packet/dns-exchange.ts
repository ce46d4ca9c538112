import type { DnsMessage } from './dns-message.ts';

/** Questions of one flow that may be open at a time; a stub asks two (A and AAAA), a forwarder more. */
export const maximumOpenQuestions = 64;

function questionKey(message: DnsMessage): string {
  const question = message.questions[0];
  return `${message.id} ${question?.type ?? ''} ${question?.name ?? ''}`;
}

/**
 * The questions that were asked on one flow. An answer that nobody on this flow asked for, by ID and question, is not
 * evidence: no resolver would take it, and anybody can send one (RFC 5452 9.1).
 */
export class DnsExchange {
  readonly #open = new Set<string>();

  /** Remembers a question; the oldest makes room. */
  asked(query: DnsMessage): void {
    const key = questionKey(query);
    this.#open.delete(key);
    this.#open.add(key);
    const [oldest] = this.#open;
    if (this.#open.size > maximumOpenQuestions && oldest !== undefined) this.#open.delete(oldest);
  }

  /** Whether the answer fits an open question, which it closes. */
  answers(response: DnsMessage): boolean {
    return this.#open.delete(questionKey(response));
  }
}
