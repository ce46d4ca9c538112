import { maximumHeaderBytesPerMessage } from '../../protocol/helper.ts';
import type { HeaderRecording, HelperLine } from '../../protocol/helper.ts';
import { headerRecordPieces } from '../../core/flow/header-records.ts';
import type { Captures, InterfaceHeaders } from '../capture/captures.ts';

export interface HeaderTellingPorts {
  readonly captures: Pick<Captures, 'keepHeaders' | 'heldHeaders' | 'freshHeaders'>;
  /** The service if it is there and has read what it was sent. */
  readonly reader: () => { send(message: HelperLine): void } | null;
  readonly every: (milliseconds: number, act: () => void) => Disposable;
}

/** So often one message is told, where there is one: 25 MB of headers a second, and room for the deltas in between. */
const tellEveryMs = 10;

/** What a stream may fall behind without loss, where no ring says otherwise: a second at 300 000 packets/s. */
const streamBounds = { bytes: 33_554_432, seconds: 10 };

const nothing: HeaderRecording = { ring: null, stream: false };

/** Tells the service the headers that it asked for, in messages that leave room for everything else. */
export class HeaderTelling {
  readonly #ports: HeaderTellingPorts;
  #recording = nothing;
  /** What is still to be told, made when it is its turn; what a `freeze` holds is bounded by its ring. */
  #waiting: Iterator<HelperLine, void, void>[] = [];
  #timer: Disposable | null = null;

  constructor(ports: HeaderTellingPorts) {
    this.#ports = ports;
  }

  /** Records otherwise from now on. What a stream had before is told first. */
  record(recording: HeaderRecording): void {
    const before = this.#recording;
    if (before.stream) this.#tellLater(this.#allFresh());
    this.#recording = recording;
    if (JSON.stringify(recording.ring) !== JSON.stringify(before.ring) || (recording.ring === null && recording.stream !== before.stream)) {
      this.#ports.captures.keepHeaders(recording.ring ?? (recording.stream ? streamBounds : null));
    }
    // A stream begins now, and not with what a ring holds already.
    if (recording.stream && !before.stream) this.#allFresh();
    this.#tellLater([{ kind: 'recording', recording }]);
  }

  /** Tells all that the rings hold at this moment. */
  freeze(): void {
    if (this.#recording.ring !== null) this.#tellLater(messagesOf('ring', this.#ports.captures.heldHeaders()));
    this.#tellLater([{ kind: 'frozen' }]);
  }

  /** Nobody listens any more: nothing is kept. */
  end(): void {
    this.#waiting = [];
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    if (this.#recording !== nothing) this.#ports.captures.keepHeaders(null);
    this.#recording = nothing;
  }

  #tellLater(messages: Iterable<HelperLine>): void {
    this.#waiting.push(messages[Symbol.iterator]());
    this.#timer ??= this.#ports.every(tellEveryMs, () => this.#tell());
  }

  #tell(): void {
    const reader = this.#ports.reader();
    if (reader === null) return;
    const next = this.#next();
    if (next !== null) reader.send(next);
    else if (!this.#recording.stream) {
      this.#timer?.[Symbol.dispose]();
      this.#timer = null;
    }
  }

  #next(): HelperLine | null {
    if (this.#waiting.length === 0 && this.#recording.stream) this.#waiting = [messagesOf('stream', this.#ports.captures.freshHeaders())];
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      const { value } = first.next();
      if (value !== undefined) return value;
      this.#waiting.shift();
    }
    return null;
  }

  /** All that a stream has not told yet, taken now. */
  #allFresh(): Iterable<HelperLine> {
    const all: InterfaceHeaders[] = [];
    for (;;) {
      const some = this.#ports.captures.freshHeaders().filter(({ records, missed }) => records.length + missed > 0);
      if (some.length === 0) return messagesOf('stream', all);
      all.push(...some);
    }
  }
}

function* messagesOf(use: 'ring' | 'stream', taken: readonly InterfaceHeaders[]): Generator<HelperLine, void, void> {
  for (const { interface: name, linkType, records, missed } of taken) {
    let untold = missed;
    for (const piece of headerRecordPieces(records, maximumHeaderBytesPerMessage)) {
      yield { kind: 'headers', use, interface: name, linkType, records: Buffer.from(piece).toString('base64'), missed: untold };
      untold = 0;
    }
    if (untold > 0) yield { kind: 'headers', use, interface: name, linkType, records: '', missed: untold };
  }
}
