import type { Socket } from 'node:net';
import { HelperCommand, helperProtocolVersion, maximumLineBytes } from '../../protocol/helper.ts';
import type { HelperLine } from '../../protocol/helper.ts';
import { LineSplitter } from './lines.ts';
import { nothingTold } from './messages.ts';

/** What a connection tells its server. */
export interface ConnectionEvents {
  /** It said a valid hello: true takes it as the service, a text refuses it. */
  greeted(connection: Connection): true | string;
  /** A command from a connection that has been taken. */
  command(command: Exclude<HelperCommand, { readonly kind: 'hello' }>): void;
  /** It is over, for whatever reason. */
  ended(connection: Connection): void;
}

/** Time to say hello, in milliseconds. */
const helloMs = 5000;
/** Bytes that may wait for a reader that does not read; beyond it the connection is given up, its bytes with it. */
const maximumWaitingBytes = 33_554_432;

/** One peer of the socket: parses each of its lines and never trusts one. */
export class Connection {
  readonly told = nothingTold();
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #lines = new LineSplitter(maximumLineBytes);
  #state: 'new' | 'taken' | 'over' = 'new';
  #blocked = false;

  constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.setTimeout(helloMs, () => this.refuse('no hello came'));
    socket.on('data', (piece) => this.#read(piece));
    socket.on('drain', () => {
      this.#blocked = false;
    });
    // An error is always followed by `close`; a peer that went away is nothing to report.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#over());
  }

  /** Whether a delivery may be written now: taken, and what was written before has been read. */
  get ready(): boolean {
    return this.#state === 'taken' && !this.#blocked;
  }

  send(message: HelperLine): void {
    if (this.#state === 'over') return;
    if (!this.#socket.write(`${JSON.stringify(message)}\n`)) this.#blocked = true;
    if (this.#socket.writableLength > maximumWaitingBytes) this.#socket.destroy();
  }

  /** Ends the connection with a reason. */
  refuse(reason: string): void {
    if (this.#state === 'over') return;
    this.send({ kind: 'refused', reason: reason.slice(0, 1024) });
    this.#state = 'over';
    this.#socket.destroySoon();
  }

  close(): void {
    this.#socket.destroySoon();
  }

  #over(): void {
    this.#state = 'over';
    this.#events.ended(this);
  }

  #read(piece: Buffer): void {
    if (this.#state === 'over') return;
    const lines = this.#lines.push(piece);
    if (lines === null) {
      this.refuse(`a line is longer than ${maximumLineBytes} bytes`);
      return;
    }
    for (const line of lines) this.#readLine(line);
  }

  #readLine(line: string): void {
    if (this.#state === 'over') return;
    const command = parseCommand(line);
    if (command === null) this.refuse('a line is not a command of this protocol');
    else if (command.kind === 'hello') this.#greet(command.protocol);
    else if (this.#state === 'new') this.refuse('the first line must be hello');
    else this.#events.command(command);
  }

  #greet(protocol: number): void {
    if (this.#state === 'taken') {
      this.refuse('hello was said before');
      return;
    }
    if (protocol !== helperProtocolVersion) {
      this.refuse(`this helper speaks protocol ${helperProtocolVersion}, not ${protocol}: install helper and service of one version`);
      return;
    }
    const taken = this.#events.greeted(this);
    if (taken === true) {
      this.#state = 'taken';
      this.#socket.setTimeout(0);
    } else {
      this.refuse(taken);
    }
  }
}

function parseCommand(line: string): HelperCommand | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = HelperCommand.safeParse(value);
  return parsed.success ? parsed.data : null;
}
