import type { NameSeen } from '../../protocol/flow.ts';
import { DnsExchange } from './dns-exchange.ts';
import type { DnsMessage } from './dns-message.ts';
import { readDnsMessage } from './dns-message.ts';
import { namesOfAnswer } from './dns-names.ts';
import { nothing } from './reading.ts';
import type { BelievedAnswers, PayloadClue, Reading, Told } from './reading.ts';

/** Reads the messages of one DNS or LLMNR (RFC 4795: the same format) flow. */
export class DnsConversation {
  readonly #source: 'dns' | 'llmnr';
  readonly #believed: BelievedAnswers;
  readonly #exchange = new DnsExchange();

  constructor(source: 'dns' | 'llmnr', believed: BelievedAnswers) {
    this.#source = source;
    this.#believed = believed;
  }

  /** The names that a message gives: none for questions and for answers that are not believed. */
  names(message: DnsMessage, { flow, time }: PayloadClue): readonly NameSeen[] {
    if (!message.isResponse) {
      this.#exchange.asked(message);
      return [];
    }
    const wasAsked = this.#exchange.answers(message);
    if (!wasAsked && this.#believed === 'asked') return [];
    const source = this.#source;
    return namesOfAnswer(message).map((found) => ({ kind: 'address', source, ...found, time, flow }));
  }
}

/** A flow of DNS messages over UDP, one in each datagram. */
export class DnsReading implements Reading {
  readonly #conversation: DnsConversation;
  readonly heldBytes = 0;
  readonly isDone = false;

  constructor(source: 'dns' | 'llmnr', believed: BelievedAnswers) {
    this.#conversation = new DnsConversation(source, believed);
  }

  read(clue: PayloadClue): Told {
    const message = readDnsMessage(clue.payload);
    return message === null ? nothing : { names: this.#conversation.names(message, clue), http: [] };
  }
}
