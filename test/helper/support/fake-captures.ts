import type { Clue } from '../../../core/packet/index.ts';
import type { Capture, CaptureCounters, CaptureFailure, CaptureOptions, Drained, FlowRecord } from '../../../helper/native/index.ts';
import type { CaptureOpener } from '../../../helper/capture/captures.ts';

export const noCounters: CaptureCounters = {
  packets: 0,
  bytes: 0,
  droppedPackets: 0,
  interfaceDroppedPackets: 0,
  malformedPackets: 0,
  otherFrames: 0,
  evictedFlows: 0,
  refusedClues: 0,
  foldedFlows: 0,
};

/** A capture whose packets the test makes up. */
export class FakeCapture implements Capture {
  readonly options: CaptureOptions;
  readonly fail: (failure: CaptureFailure) => void;
  closed = false;
  #flows: FlowRecord[] = [];
  #clues: Clue[] = [];
  #counters = noCounters;

  constructor(options: CaptureOptions, fail: (failure: CaptureFailure) => void) {
    this.options = options;
    this.fail = fail;
  }

  /** Puts records into the next drain, and counts them. */
  count(...flows: readonly FlowRecord[]): void {
    this.#flows.push(...flows);
    const bytes = flows.reduce((sum, flow) => sum + flow.bytesAb + flow.bytesBa, 0);
    const packets = flows.reduce((sum, flow) => sum + flow.packetsAb + flow.packetsBa, 0);
    const foldedFlows = flows.filter((flow) => flow.folded).length;
    this.#counters = { ...this.#counters, bytes: this.#counters.bytes + bytes, packets: this.#counters.packets + packets, foldedFlows };
  }

  drop(packets: number): void {
    this.#counters = { ...this.#counters, droppedPackets: packets };
  }

  hint(...clues: readonly Clue[]): void {
    this.#clues.push(...clues);
  }

  drain(): Drained {
    const drained = { flows: this.#flows, counters: this.#counters };
    this.#flows = [];
    this.#counters = noCounters;
    return drained;
  }

  takeClues(): readonly Clue[] {
    const clues = this.#clues;
    this.#clues = [];
    return clues;
  }

  close(): void {
    this.closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Opens fake captures, or refuses with the code that the test sets. */
export class FakeOpener implements CaptureOpener {
  readonly opened: FakeCapture[] = [];
  refusal: string | null = null;
  attempts = 0;

  openCapture(options: CaptureOptions, events: { failed(failure: CaptureFailure): void }): Capture {
    this.attempts += 1;
    if (this.refusal !== null) throw Object.assign(new Error(`${this.refusal}, says the kernel`), { code: this.refusal });
    const capture = new FakeCapture(options, (failure) => events.failed(failure));
    this.opened.push(capture);
    return capture;
  }

  /** The open capture of an interface. Throws where there is none, or several. */
  of(name: string): FakeCapture {
    const [capture, ...more] = this.opened.filter((one) => one.options.interface === name && !one.closed);
    if (capture === undefined || more.length > 0) throw new Error(`${more.length + 1} captures of ${name}`);
    return capture;
  }

  names(): readonly string[] {
    return this.opened.filter((one) => !one.closed).map((one) => one.options.interface);
  }
}
