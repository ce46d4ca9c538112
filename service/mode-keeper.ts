import type { PrivacyMode } from '../protocol/app.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { ModeStore } from './privacy-file.ts';
import type { Troubles } from './troubles.ts';

export interface ModeKeeperPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly modes: ModeStore;
  readonly troubles: Pick<Troubles, 'take'>;
}

/** A disk that refused is asked again this often. */
const tryAgainAfterMs = 10_000;

/** Keeps the pause and the private mode over a restart, and over a crash: they last until they are over, not until we are. */
export class ModeKeeper implements Disposable {
  readonly #ports: ModeKeeperPorts;
  #again: Disposable | null = null;

  constructor(ports: ModeKeeperPorts) {
    this.#ports = ports;
  }

  /** What was on when the last service ended. Where nobody can say, the private mode is: what was once told cannot be taken back. */
  restored(): PrivacyMode {
    const { clock, log, modes, troubles } = this.#ports;
    const stored = modes.read();
    if (stored.kind === 'known') return stored.mode;
    log.warn('what was paused or private could not be read', { reason: stored.reason });
    troubles.take({ ...unreadable, message: `whether it was private could not be read (${stored.reason}), so it is`, over: false });
    return { paused: null, private: { since: clock.now(), until: null } };
  }

  /** Stores the mode at once. A disk that refuses is tried again until it takes it, or until the mode changes. */
  keep(mode: PrivacyMode): void {
    const { clock, log, modes, troubles } = this.#ports;
    this[Symbol.dispose]();
    if (mode.private === null) troubles.take({ ...unreadable, message: '', over: true });
    const reason = modes.write(mode);
    if (reason === null) return troubles.take({ ...unwritable, message: '', over: true });
    log.warn('what is paused or private could not be stored', { reason });
    troubles.take({ ...unwritable, message: `what is paused or private would not survive a restart (${reason})`, over: false });
    this.#again = clock.after(tryAgainAfterMs, () => this.keep(mode));
  }

  [Symbol.dispose](): void {
    this.#again?.[Symbol.dispose]();
    this.#again = null;
  }
}

const unwritable = {
  code: 'history-unwritable',
  subject: 'private mode',
  remedy: 'make room on the disk of the history; it is tried again every ten seconds',
} as const;

const unreadable = {
  code: 'bad-setting',
  subject: 'private mode',
  remedy: 'switch it off with: tidewatch private off',
} as const;
