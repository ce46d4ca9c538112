import type { NameSeen } from '../../protocol/flow.ts';
import { DnsExchange } from './dns-exchange.ts';
import type { DnsMessage } from './dns-message.ts';
import { readDnsMessage } from './dns-message.ts';
import { namesOfAnswer } from './dns-names.ts';
import { nothing } from './reading.ts';
import type { BelievedAnswers, PayloadClue, Reading, Told } from './reading.ts';

/** Reads the messages of one DNS flow. */
export class DnsConversation {
  readonly #believed: BelievedAnswers;
  readonly #exchange = new DnsExchange();

  constructor(believed: BelievedAnswers) {
    this.#believed = believed;
  }

  /** The names that a message gives: none for questions and for answers that are not believed. */
  names(message: DnsMessage, { flow, time }: PayloadClue): readonly NameSeen[] {
    if (this.#believed === 'asked' && !this.#isAnswer(message)) return [];
    return namesOfAnswer(message).map((found) => ({ kind: 'address', source: 'dns', ...found, time, flow }));
  }

  /** Whether the message answers a question that was seen; a question is remembered. */
  #isAnswer(message: DnsMessage): boolean {
    if (message.isResponse) return this.#exchange.answers(message);
    this.#exchange.asked(message);
    return false;
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
    const message = readDnsMessage(clue.payload);
    return message === null ? nothing : { names: this.#conversation.names(message, clue), http: [] };
  }
}
