import type { Joining, MeasuredInterval } from '../core/attribution/index.ts';
import { silentSnapshot, snapshotOf } from '../core/view/index.ts';
import type { CaptureConfiguration, HelperMessage, Trouble } from '../protocol/helper.ts';
import { sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import { HelperLinkBroken } from './helper-link.ts';
import type { HelperHello, HelperLink } from './helper-link.ts';
import type { HelperSource } from './helper-process.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Log } from './log.ts';
import type { NameMemory } from './name-memory.ts';
import type { Recorder } from './recorder.ts';
import type { ReverseNames } from './reverse-names.ts';
import { ServiceError } from './service-error.ts';
import type { ServiceErrorCode, ServiceFailure } from './service-error.ts';
import type { Troubles } from './troubles.ts';

export interface MeasuringPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly helper: HelperSource;
  readonly joining: Joining;
  readonly recorder: Recorder;
  readonly memory: NameMemory;
  /** Null unless reverse DNS is switched on. */
  readonly reverseNames: ReverseNames | null;
  readonly feed: LiveFeed;
  readonly troubles: Troubles;
  readonly configuration: CaptureConfiguration;
}

/** A helper that dies again and again is not started again and again at once. */
const firstBackOffMs = 500;
const longestBackOffMs = 30_000;
const secondMs = 1000;
/** A tick that is this late is missed: the live faces are told so instead of being left with an old picture. */
const lateMs = 2500;
/**
 * What is lost with a process that is killed is what it measured since its last write: ten seconds at most. Intervals
 * end once a second, so the write is made with the first one that ends after eight and a half seconds; without
 * intervals it is made all the same, for the gap that grows.
 */
const writeAfterMs = 8500;
const writeWithoutIntervalsAfterMs = 10_000;

/** Troubles that keep a service from starting: what was asked for cannot be had. */
const fatalTroubles: ReadonlyMap<Trouble['code'], ServiceErrorCode> = new Map([
  ['no-capture-rights', 'no-rights'],
  ['unknown-interface', 'unknown-interface'],
  ['bad-filter', 'bad-filter'],
]);

/**
 * The life of a measurement: a link to a helper, its messages joined, recorded and shown; when the link is lost, another
 * one with growing pauses between the attempts, and until then a picture that says that nothing is measured.
 */
export class Measuring implements AsyncDisposable {
  readonly #ports: MeasuringPorts;
  readonly #ending = new AbortController();
  readonly #failure = Promise.withResolvers<ServiceFailure>();
  #link: HelperLink | null = null;
  #lastHelper: HelperHello | null = null;
  #configured = false;
  #lastTick: number;
  #running: Promise<unknown> = Promise.resolve();

  constructor(ports: MeasuringPorts) {
    this.#ports = ports;
    this.#lastTick = ports.clock.monotonic();
  }

  /** Settles if the measurement cannot go on. */
  get failed(): Promise<ServiceFailure> {
    return this.#failure.promise;
  }

  /**
   * Connects to a helper and waits until it captures what was asked for; then goes on by itself. Throws
   * {@link ServiceError} where there is no helper to be had or it cannot capture that.
   */
  async start(): Promise<void> {
    const link = await this.#connect();
    try {
      await this.#untilConfigured(link);
    } catch (error) {
      if (!(error instanceof HelperLinkBroken)) throw error;
      throw new ServiceError('helper-failed', `${error.message}; look for the cause with: tidewatch doctor`, { cause: error });
    }
    this.#refuseFatalTroubles();
    this.#running = Promise.all([this.#keepMeasuring(link), this.#keepTime()]).catch((error: unknown) => this.#fail(error));
  }

  /** Writes what is held if the last write is a while ago: what is asked of the history then holds what was just seen. */
  flushIfDue(): void {
    if (this.#ports.recorder.sinceFlush() >= secondMs) this.#flush();
  }

  /** Ends the link and writes what is held. The helper is its owner's to end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    this.#link?.close();
    await this.#running;
    this.#flush();
    this.#ports.memory.keep();
  }

  async #connect(): Promise<HelperLink> {
    const { helper, joining, log, configuration } = this.#ports;
    const link = await helper.connect(this.#ending.signal);
    const last = this.#lastHelper;
    if (last !== null && (last.pid !== link.hello.pid || last.startedAt !== link.hello.startedAt)) joining.restart();
    this.#lastHelper = link.hello;
    this.#link = link;
    this.#configured = false;
    log.info('connected to the helper', { pid: link.hello.pid, version: link.hello.version });
    link.send({ kind: 'configure', configuration });
    return link;
  }

  async #untilConfigured(link: HelperLink): Promise<void> {
    while (!this.#configured) {
      const next = await link.messages.next();
      if (next.done === true) throw new HelperLinkBroken('the helper ended while it began to capture');
      this.#take(next.value);
    }
  }

  async #keepMeasuring(first: HelperLink): Promise<void> {
    const { signal } = this.#ending;
    let backOff = firstBackOffMs;
    let link: HelperLink | null = first;
    while (!signal.aborted) {
      if (link !== null && (await this.#follow(link)) > 0) backOff = firstBackOffMs;
      if (signal.aborted) return;
      await sleep(this.#ports.clock, backOff, signal);
      backOff = Math.min(backOff * 2, longestBackOffMs);
      link = signal.aborted ? null : await this.#reconnect();
    }
  }

  /** Takes what the helper says until the link ends. Returns how many intervals it closed. */
  async #follow(link: HelperLink): Promise<number> {
    let ticks = 0;
    try {
      for (let next = await link.messages.next(); next.done !== true; next = await link.messages.next()) {
        this.#take(next.value);
        if (next.value.kind === 'tick') ticks += 1;
      }
      this.#lost('the helper has ended');
    } catch (error) {
      this.#lost(error instanceof Error ? error.message : String(error));
    }
    link.close();
    return ticks;
  }

  async #reconnect(): Promise<HelperLink | null> {
    try {
      return await this.#connect();
    } catch (error) {
      if (!this.#ending.signal.aborted) this.#lost(error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  #lost(reason: string): void {
    if (this.#ending.signal.aborted) return;
    const { log, troubles, recorder, joining } = this.#ports;
    this.#link = null;
    log.warn('without a helper', { reason });
    const unfinished = joining.closeUnfinished(recorder.measuredUntil);
    if (unfinished !== null) this.#measured(unfinished);
    recorder.helperLost();
    troubles.forgetHelper();
    troubles.take({ ...helperLost, message: `nothing is measured: ${reason}`.slice(0, 1024), over: false });
  }

  #take(message: HelperMessage): void {
    const { joining, troubles } = this.#ports;
    switch (message.kind) {
      case 'interfaces':
        return joining.interfaces(message.interfaces);
      case 'processes':
        return joining.processes(message.processes);
      case 'names':
        return joining.names(message.names);
      case 'flows':
        return joining.flows(message.flows);
      case 'tick':
        return this.#tick(message);
      case 'trouble':
        return troubles.take(message.trouble);
      case 'configured':
        this.#configured = true;
        return undefined;
      case 'refused':
        throw new ServiceError('helper-refused', `the helper refused: ${message.reason}`);
      case 'hello':
        throw new ServiceError('helper-refused', 'the helper greeted twice');
    }
  }

  #tick(tick: Extract<HelperMessage, { kind: 'tick' }>): void {
    this.#lastTick = this.#ports.clock.monotonic();
    this.#ports.troubles.take({ ...helperLost, message: '', over: true });
    this.#measured(this.#ports.joining.close(tick));
  }

  #measured(interval: MeasuredInterval): void {
    const { feed, recorder, troubles, log, reverseNames } = this.#ports;
    const snapshot = snapshotOf(interval, troubles.list());
    const { capturedBytes, exactBytes, inferredBytes, unknownBytes } = snapshot.coverage;
    const attributed = exactBytes + inferredBytes + unknownBytes;
    if (attributed !== capturedBytes) log.warn("the helper's flows do not sum up to what it captured", { attributed, capturedBytes });
    recorder.record(interval, snapshot.coverage);
    feed.publish(snapshot);
    reverseNames?.consider(interval);
    if (recorder.sinceFlush() >= writeAfterMs) this.#flush();
  }

  /** Once a second: a picture where the helper gives none, and what is held goes into the history if it is due. */
  async #keepTime(): Promise<void> {
    const { clock, recorder, memory } = this.#ports;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await sleep(clock, secondMs, signal);
      if (signal.aborted) return;
      if (this.#isSilent()) this.#showSilence();
      if (recorder.sinceFlush() >= writeWithoutIntervalsAfterMs) this.#flush();
      memory.keepIfDue();
    }
  }

  #isSilent(): boolean {
    return this.#link === null || this.#ports.clock.monotonic() - this.#lastTick > lateMs;
  }

  #showSilence(): void {
    const { clock, feed, joining, troubles } = this.#ports;
    feed.publish(
      silentSnapshot({
        time: clock.now(),
        intervalSeconds: secondMs / 1000,
        interfaces: joining.presentInterfaces(),
        troubles: troubles.list(),
      }),
    );
  }

  #flush(): void {
    this.#ports.recorder.flush(this.#isSilent() ? 'silent' : 'measuring');
  }

  #refuseFatalTroubles(): void {
    for (const { code, message, remedy } of this.#ports.troubles.list()) {
      const fatal = fatalTroubles.get(code);
      if (fatal !== undefined) throw new ServiceError(fatal, remedy === '' ? message : `${message}; ${remedy}`);
    }
  }

  #fail(error: unknown): void {
    this.#ports.log.error('the measurement has failed', { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    const message = error instanceof Error ? error.message : String(error);
    this.#failure.resolve({ code: 'service-failed', message: `a defect in Tidewatch ended the measurement (${message}); start it again` });
  }
}

const helperLost = {
  code: 'helper-lost',
  subject: 'helper',
  remedy: 'it is started again; if this stays, look for the cause with: tidewatch doctor',
} as const;
