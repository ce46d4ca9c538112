import type { MeasuredInterval } from '../../core/attribution/index.ts';
import type { Settings } from '../../core/settings/index.ts';
import type { Alert } from '../../protocol/app.ts';
import type { HeaderRecording, HelperCommand, HelperMessage, PacketHeaders } from '../../protocol/helper.ts';
import type { RecordedPiece, RecordingId } from '../../protocol/recording.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { ServiceError } from '../service-error.ts';
import type { FlowLabels } from './flow-labels.ts';
import { FlightRecorder } from './flight-recorder.ts';
import { TakenRecording } from './taken-recording.ts';

export interface RecordingsPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly labels: FlowLabels;
  readonly settings: () => Settings['recorder'];
  /** Whether everything may be told now: no pause, no private mode. */
  readonly isOpen: () => boolean;
  /** Whether what was seen then may be told. */
  readonly mayTell: (time: number) => boolean;
  readonly usualFolder: string;
}

/** What the helper tells of headers. */
export type HeaderMessage = Extract<HelperMessage, { kind: 'headers' | 'frozen' | 'recording' }>;

const mebibyte = 1_048_576;
const nothing: HeaderRecording = { ring: null, stream: false };

/** How long the end of a recording waits for its last names: three intervals. */
const endMs = 3500;

/** A recording: under way; being stopped, until the helper says that no more comes; waiting for its last names; over. */
interface UnderWay {
  readonly taken: TakenRecording;
  readonly ended: PromiseWithResolvers<void>;
  stage: 'recording' | 'stopping' | 'naming' | 'over';
  intervalsLeft: number;
}

/** The headers of packets: asked of the helper while somebody wants them, joined with their flows' names, handed on. */
export class Recordings implements Disposable {
  readonly #ports: RecordingsPorts;
  readonly #flight: FlightRecorder;
  #send: ((command: HelperCommand) => void) | null = null;
  #asked: HeaderRecording = nothing;
  #underWay: UnderWay | null = null;
  #lastId = 0;

  constructor(ports: RecordingsPorts) {
    this.#ports = ports;
    this.#flight = new FlightRecorder({ ...ports, usualFolder: ports.usualFolder });
  }

  /** A helper listens; it keeps no headers yet. */
  connected(send: (command: HelperCommand) => void): void {
    this.#send = send;
    this.#asked = nothing;
    this.update();
  }

  /** The helper is gone, with what it kept. */
  lost(): void {
    this.#send = null;
    this.#flight[Symbol.dispose]();
    if (this.#underWay !== null && this.#underWay.stage !== 'recording') this.#over(this.#underWay);
  }

  /** The settings, the pause or the private mode have changed. */
  update(): void {
    const wanted = this.#wanted();
    if (this.#send === null || JSON.stringify(wanted) === JSON.stringify(this.#asked)) return;
    this.#asked = wanted;
    this.#send({ kind: 'record', recording: wanted });
  }

  take(message: HeaderMessage): void {
    if (message.kind === 'frozen') return this.#flight.finish();
    if (message.kind === 'recording') return this.#answered(message.recording);
    return message.use === 'ring' ? this.#flight.take(message) : this.#streamed(message);
  }

  interval(interval: MeasuredInterval): void {
    const { labels } = this.#ports;
    if (this.#wanted() !== nothing || this.#underWay !== null) labels.interval(interval);
    const under = this.#underWay;
    if (under === null) return;
    this.#guarded(() => under.taken.intervalEnded());
    if (under.stage !== 'naming') return;
    under.intervalsLeft -= 1;
    if (under.intervalsLeft <= 0) this.#over(under);
  }

  /** An alert was told, or changed: a spike freezes the rings. */
  alerted(alert: Alert): void {
    if (this.#asked.ring !== null && this.#flight.begin(alert)) this.#send?.({ kind: 'freeze' });
  }

  /** Forgets whose flows were whose; those that go on are named anew, as the history names them. */
  forget(): void {
    this.#ports.labels.forget();
  }

  /** Begins a recording of everything. Throws {@link ServiceError} where another is under way. It ends with the client, too. */
  begin(ended?: AbortSignal): RecordingId {
    if (this.#underWay !== null) throw new ServiceError('recording-busy', 'another recording is under way: wait until it has ended');
    this.#lastId += 1;
    const under: UnderWay = { taken: new TakenRecording(this.#lastId, this.#ports), ended: Promise.withResolvers(), stage: 'recording', intervalsLeft: 2 };
    this.#underWay = under;
    ended?.addEventListener('abort', () => this.#giveUp(under), { once: true });
    this.update();
    return { recording: under.taken.id };
  }

  /** What has come. After the end, the rest: once there is no more, the recording is gone. Throws {@link ServiceError} where it is not there. */
  piece({ recording }: RecordingId): RecordedPiece {
    const under = this.#find(recording);
    const piece = under.taken.piece();
    if (under.stage === 'over' && !piece.more) this.#giveUp(under);
    return piece;
  }

  /** Ends a recording: resolves when the last of it can be taken. Throws {@link ServiceError} where it is not there. */
  async end({ recording }: RecordingId): Promise<Record<string, never>> {
    const under = this.#find(recording);
    if (under.stage === 'recording') {
      under.stage = 'stopping';
      if (this.#send === null || !this.#asked.stream) this.#answered({ ...this.#asked, stream: false });
      this.update();
    }
    const late = this.#ports.clock.after(endMs, () => this.#over(under));
    await under.ended.promise;
    late[Symbol.dispose]();
    return {};
  }

  [Symbol.dispose](): void {
    this.#flight[Symbol.dispose]();
    if (this.#underWay !== null) this.#over(this.#underWay);
  }

  #wanted(): HeaderRecording {
    const { settings, isOpen } = this.#ports;
    const { enabled, seconds, ringMegabytes } = settings();
    const stream = this.#underWay?.stage === 'recording';
    if (!isOpen() || !(enabled || stream)) return nothing;
    return { ring: enabled ? { seconds, bytes: ringMegabytes * mebibyte } : null, stream };
  }

  #find(recording: number): UnderWay {
    if (this.#underWay?.taken.id === recording) return this.#underWay;
    throw new ServiceError('recording-busy', 'there is no such recording any more: begin another one');
  }

  #answered({ stream }: HeaderRecording): void {
    if (!stream && this.#underWay?.stage === 'stopping') this.#underWay.stage = 'naming';
  }

  #streamed(message: PacketHeaders): void {
    if (this.#ports.isOpen()) this.#guarded(() => this.#underWay?.taken.take(message));
  }

  #over(under: UnderWay): void {
    if (under.stage !== 'over') this.#guarded(() => under.taken.finish());
    under.stage = 'over';
    under.ended.resolve();
  }

  #giveUp(under: UnderWay): void {
    if (this.#underWay !== under) return;
    this.#underWay = null;
    under.ended.resolve();
    this.update();
  }

  /** Records that cannot be read are the helper's fault, and no reason to end a measurement. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#ports.log.warn('headers could not be read', { reason: error instanceof Error ? error.message : String(error) });
    }
  }
}
