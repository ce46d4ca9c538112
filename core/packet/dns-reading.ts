import type { NameSeen } from '../../protocol/flow.ts';
import { DnsExchange } from './dns-exchange.ts';
import type { DnsMessage } from './dns-message.ts';
import { isDnsQuestion, readDnsMessage } from './dns-message.ts';
import { namesOfAnswer } from './dns-names.ts';
import { nothing } from './reading.ts';
import type { BelievedAnswers, PayloadClue, Reading, Told } from './reading.ts';

function isAnswerIn(exchange: DnsExchange, message: DnsMessage): boolean {
  if (message.isResponse) return exchange.answers(message);
  exchange.asked(message);
  return false;
}

/** Reads the messages of one DNS flow, or of any number of flows where all answers are believed. */
export class DnsConversation {
  /** The questions that were asked; null where answers are believed without. */
  readonly #exchange: DnsExchange | null;

  constructor(believed: BelievedAnswers) {
    this.#exchange = believed === 'asked' ? new DnsExchange() : null;
  }

  /** Whether a message cannot matter here, so that it need not be read: a question, where answers are believed without. */
  ignores(bytes: Uint8Array): boolean {
    return this.#exchange === null && isDnsQuestion(bytes);
  }

  /** The names that a message gives: none for questions and for answers that are not believed. */
  names(message: DnsMessage, { flow, time }: PayloadClue): readonly NameSeen[] {
    if (this.#exchange !== null && !isAnswerIn(this.#exchange, message)) return [];
    return namesOfAnswer(message).map(({ name, address, ttlSeconds }) => ({ kind: 'address', source: 'dns', name, address, ttlSeconds, time, flow }));
  }
}

/** A flow of DNS messages over UDP, one in each datagram. */
export class DnsReading implements Reading {
  readonly #conversation: DnsConversation;
  readonly heldBytes = 0;
  readonly isDone = false;

  constructor(believed: BelievedAnswers) {
    this.#conversation = new DnsConversation(believed);
  }

  read(clue: PayloadClue): Told {
    if (this.#conversation.ignores(clue.payload)) return nothing;
    const message = readDnsMessage(clue.payload);
    return message === null ? nothing : { names: this.#conversation.names(message, clue), http: [] };
  }
}
