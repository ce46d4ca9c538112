import type { Joining, MeasuredInterval } from '../core/attribution/index.ts';
import { coverageOf, silentSnapshot, snapshotOf } from '../core/view/index.ts';
import type { PrivacyMode, Snapshot } from '../protocol/app.ts';
import type { CaptureConfiguration, HelperMessage, Trouble } from '../protocol/helper.ts';
import { sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import { HelperLinkBroken } from './helper-link.ts';
import type { HelperHello, HelperLink } from './helper-link.ts';
import type { HelperSource } from './helper-process.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Log } from './log.ts';
import type { MeasuredListener } from './measured-listener.ts';
import type { NameMemory } from './name-memory.ts';
import type { NetworkSource } from './networks.ts';
import { Pace } from './pace.ts';
import type { Withholder } from './privacy.ts';
import type { Recordings } from './recording/index.ts';
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
  readonly privacy: Withholder;
  readonly mode: () => PrivacyMode;
  readonly troubles: Troubles;
  /** Who wants headers of packets; absent where nobody does. */
  readonly recordings?: Pick<Recordings, 'connected' | 'lost' | 'take'>;
  readonly configuration: CaptureConfiguration;
  /** What the interfaces are connected to; absent where nobody asks. */
  readonly networks?: NetworkSource;
  /** Who is told of each interval as it ends. */
  readonly listeners?: readonly MeasuredListener[];
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
  readonly #pace = new Pace();
  #link: HelperLink | null = null;
  #lastHelper: HelperHello | null = null;
  /** What is to be captured, and the last that could be: null until the first was. */
  #wanted: CaptureConfiguration;
  #proven: CaptureConfiguration | null = null;
  /** How many `configure` the helper has yet to answer. */
  #unanswered = 0;
  #lastTick: number;
  #running: Promise<unknown> = Promise.resolve();

  constructor(ports: MeasuringPorts) {
    this.#ports = ports;
    this.#wanted = ports.configuration;
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
    const fatal = this.#fatalTrouble();
    if (fatal !== null) throw new ServiceError(fatal.code, fatal.message);
    this.#proven = this.#wanted;
    this.#running = Promise.all([this.#keepMeasuring(link), this.#keepTime()]).catch((error: unknown) => this.#fail(error));
  }

  /**
   * Captures something else from now on. Where that cannot be (an interface that is not there, a filter that libpcap
   * refuses), a trouble says so and what was captured before goes on being captured.
   */
  configure(configuration: CaptureConfiguration): void {
    if (JSON.stringify(configuration) === JSON.stringify(this.#wanted)) return;
    this.#wanted = configuration;
    this.#ports.troubles.take({ ...unusableCapture, message: '', remedy: '', over: true });
    if (this.#link !== null) this.#sendConfiguration(this.#link);
  }

  /** Writes what is held if the last write is a while ago: what is asked of the history then holds what was just seen. */
  flushIfDue(): void {
    if (this.#ports.recorder.sinceFlush() >= secondMs) this.#flush();
  }

  /** Writes all that is held, so that nothing of it is only in memory. */
  writeNow(): void {
    this.#flush();
  }

  /** The pause or the private mode has changed: the helper captures or not, and whoever watches is told at once. */
  modeChanged(): void {
    this.#link?.send({ kind: this.#ports.privacy.isPaused ? 'pause' : 'resume' });
    this.#notice();
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
    const { helper, joining, log } = this.#ports;
    const link = await helper.connect(this.#ending.signal);
    const last = this.#lastHelper;
    if (last !== null && (last.pid !== link.hello.pid || last.startedAt !== link.hello.startedAt)) joining.restart();
    this.#lastHelper = link.hello;
    this.#link = link;
    this.#unanswered = 0;
    log.info('connected to the helper', { helperPid: link.hello.pid, version: link.hello.version });
    // First, so that nothing is captured before a pause; and always, because a helper that stays is as its last service left it.
    link.send({ kind: this.#ports.privacy.isPaused ? 'pause' : 'resume' });
    this.#sendConfiguration(link);
    this.#ports.recordings?.connected((command) => link.send(command));
    return link;
  }

  #sendConfiguration(link: HelperLink): void {
    this.#unanswered += 1;
    link.send({ kind: 'configure', configuration: this.#wanted });
  }

  /** What the helper said before this answer, it said of the newest configuration only if there is no other one under way. */
  #answered(): void {
    this.#unanswered -= 1;
    if (this.#unanswered > 0 || this.#proven === null || this.#wanted === this.#proven) return;
    const fatal = this.#fatalTrouble();
    if (fatal === null) {
      this.#proven = this.#wanted;
      return;
    }
    this.#wanted = this.#proven;
    const message = `what is to be captured has not changed: ${fatal.message}`.slice(0, 1024);
    this.#ports.troubles.take({ ...unusableCapture, message, remedy: 'put the settings of `capture` right', over: false });
    if (this.#link !== null) this.#sendConfiguration(this.#link);
  }

  async #untilConfigured(link: HelperLink): Promise<void> {
    while (this.#unanswered > 0) {
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
      if (this.#ports.helper.hasLink?.() !== true) await sleep(this.#ports.clock, backOff, signal);
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
    this.#ports.recordings?.lost();
    troubles.forgetHelper();
    troubles.take({ ...helperLost, message: `nothing is measured: ${reason}`.slice(0, 1024), over: false });
    this.#notice();
  }

  #take(message: HelperMessage): void {
    const { joining, privacy, troubles } = this.#ports;
    switch (message.kind) {
      case 'interfaces':
        return joining.interfaces(message.interfaces);
      case 'processes':
        return joining.processes(message.processes);
      case 'names':
        return joining.names(privacy.tellable(message.names));
      case 'flows':
        return joining.flows(message.flows);
      case 'http':
        return joining.http(message.hosts);
      case 'tick':
        return this.#tick(message);
      case 'trouble':
        troubles.take(message.trouble);
        return this.#notice();
      case 'headers':
      case 'frozen':
      case 'recording':
        return this.#ports.recordings?.take(message);
      case 'configured':
        return this.#answered();
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

  #measured(measured: MeasuredInterval): void {
    const { privacy, recorder, log, reverseNames } = this.#ports;
    const interval = privacy.kept(measured);
    const coverage = coverageOf(interval);
    const { capturedBytes, exactBytes, inferredBytes, unknownBytes } = coverage;
    const attributed = exactBytes + inferredBytes + unknownBytes;
    if (attributed !== capturedBytes) log.warn("the helper's flows do not sum up to what it captured", { attributed, capturedBytes });
    recorder.record(interval, coverage);
    for (const listener of this.#ports.listeners ?? []) listener.interval?.(interval, coverage);
    this.#show(this.#pace.due(interval));
    if (interval === measured) reverseNames?.consider(interval);
    if (recorder.sinceFlush() >= writeAfterMs) this.#flush();
  }

  #show(interval: MeasuredInterval | null): void {
    const { feed, troubles } = this.#ports;
    if (interval !== null) feed.publish(this.#withNetworks(snapshotOf(interval, troubles.list())));
  }

  /** Tells whoever watches at once what has changed beside the traffic. */
  #notice(): void {
    const { feed, mode, troubles } = this.#ports;
    feed.notice({ mode: mode(), troubles: troubles.list() });
  }

  #withNetworks(snapshot: Snapshot): Snapshot {
    const { networks } = this.#ports;
    if (networks === undefined) return snapshot;
    const interfaces = snapshot.interfaces.map((row) => {
      const network = networks.of(row.name);
      return network === null ? row : { ...row, network };
    });
    return { ...snapshot, interfaces };
  }

  /** Once a second: a picture where the helper gives none, and what is held goes into the history if it is due. */
  async #keepTime(): Promise<void> {
    const { clock, recorder, memory } = this.#ports;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await sleep(clock, secondMs, signal);
      if (signal.aborted) return;
      this.#show(this.#pace.takeHeld());
      if (this.#isSilent()) this.#showSilence();
      if (recorder.sinceFlush() >= writeWithoutIntervalsAfterMs) this.#flush();
      recorder.cleanUpIfDue();
      memory.keepIfDue();
    }
  }

  #isSilent(): boolean {
    return this.#link === null || this.#ports.clock.monotonic() - this.#lastTick > lateMs;
  }

  #showSilence(): void {
    const { clock, feed, joining, troubles } = this.#ports;
    const snapshot = silentSnapshot({
      time: clock.now(),
      intervalSeconds: secondMs / 1000,
      interfaces: joining.presentInterfaces(),
      troubles: troubles.list(),
    });
    for (const listener of this.#ports.listeners ?? []) listener.silence?.();
    feed.publish(this.#withNetworks(snapshot));
  }

  #flush(): void {
    this.#ports.recorder.flush(this.#isSilent() ? 'silent' : 'measuring');
  }

  /** Why what was asked for cannot be captured, if that is so. */
  #fatalTrouble(): ServiceFailure | null {
    for (const { code, message, remedy } of this.#ports.troubles.list()) {
      const fatal = fatalTroubles.get(code);
      if (fatal !== undefined) return { code: fatal, message: remedy === '' ? message : `${message}; ${remedy}` };
    }
    return null;
  }

  #fail(error: unknown): void {
    this.#ports.log.error('the measurement has failed', { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    const message = error instanceof Error ? error.message : String(error);
    this.#failure.resolve({ code: 'service-failed', message: `a defect in Tidewatch ended the measurement (${message}); start it again` });
  }
}

const unusableCapture = { code: 'bad-setting', subject: 'capture' } as const;

const helperLost = {
  code: 'helper-lost',
  subject: 'helper',
  remedy: 'it is started again; if this stays, look for the cause with: tidewatch doctor',
} as const;
