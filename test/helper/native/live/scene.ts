/**
 * What the live scenes have in common. A scene is a program of its own in a network namespace of its own (which ends
 * with it): it throws where a fact does not hold.
 */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as later } from 'node:timers/promises';
import type { Clue } from '../../../../core/packet/clue.ts';
import { loadNative } from '../../../../helper/native/index.ts';
import type { Capture, CaptureFailure, CaptureOptions, FlowRecord } from '../../../../helper/native/index.ts';
import { defaultClueQueueBytes, defaultMaximumFlows, defaultRingBytes, defaultSnapLength } from '../../../../helper/native/limits.ts';

export function ip(...words: readonly string[]): void {
  execFileSync('ip', [...words], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Where the datagrams of {@link sendAcross} go: a neighbour that is known, so that no ARP is needed. */
export const farAddress = '192.0.2.2';

/** Two joined interfaces, `near` with an address; what is sent to {@link farAddress} leaves `near` and arrives at `far`. */
export function joinInterfaces(): void {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
  ip('link', 'set', 'far', 'address', '02:00:00:00:00:02');
  for (const side of ['near', 'far']) ip('link', 'set', side, 'up');
  ip('addr', 'add', '192.0.2.1/24', 'dev', 'near');
  ip('neigh', 'add', farAddress, 'lladdr', '02:00:00:00:00:02', 'dev', 'near');
}

/** A capture that keeps all that it gives. */
export interface Watched {
  readonly capture: Capture;
  readonly clues: Clue[];
  readonly failures: CaptureFailure[];
  /** Flow records of all {@link take}s, in order. */
  readonly records: FlowRecord[];
  take(): void;
}

export function watch(interfaceName: string, options: Partial<CaptureOptions> = {}): Watched {
  const clues: Clue[] = [];
  const failures: CaptureFailure[] = [];
  const records: FlowRecord[] = [];
  const capture = loadNative().openCapture(
    {
      interface: interfaceName,
      filter: '',
      promiscuous: false,
      snapLength: defaultSnapLength,
      ringBytes: defaultRingBytes,
      maximumFlows: defaultMaximumFlows,
      clueQueueBytes: defaultClueQueueBytes,
      ...options,
    },
    {
      clues: () => void clues.push(...capture.takeClues()),
      failed: (failure) => void failures.push(failure),
    },
  );
  const take = (): void => {
    records.push(...capture.drain().flows);
    // What was counted has its clues in the queue; the call that tells of them may come later.
    clues.push(...capture.takeClues());
  };
  return { capture, clues, failures, records, take };
}

/** Waits for a condition, looking every 20 ms for at most 15 s. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await later(20);
  }
}

/** Sends UDP datagrams of one length across the pair, each as soon as the one before has left. */
export async function sendAcross(count: number, length: number, port: number): Promise<void> {
  const socket = createSocket('udp4');
  const payload = new Uint8Array(length);
  for (let sent = 0; sent < count; sent += 1) {
    await new Promise<void>((resolve, reject) => {
      socket.send(payload, port, farAddress, (error) => (error === null ? resolve() : reject(error)));
    });
  }
  socket.close();
  await once(socket, 'close');
}
