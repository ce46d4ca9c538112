import path from 'node:path';
import type { Told } from './contenders.ts';

/** One trial of one kind, by one program. */
export interface Trial {
  /** IP bytes by the independent counters. */
  readonly truth: number;
  /** Of the generator's, as the program told. */
  readonly right: number;
  /** Told of another app: the worst that can be said. */
  readonly wrong: number;
  readonly unknown: number;
}

/** Below this share of the truth, bytes of other apps are the machine's own chatter, not the generator's. */
const chatter = 0.005;

function isGenerator(app: string, generator: string): boolean {
  return app === generator || app === path.basename(generator);
}

/** What a program's words are worth, `generator` being the app whose bytes they were. The kernel's own bytes are no wrong owner. */
export function scoreOf(told: Told, generator: string, truth: number): Trial {
  let [right, wrong, unknown] = [0, 0, 0];
  for (const [app, bytes] of told) {
    if (app === null) unknown += bytes;
    else if (isGenerator(app, generator)) right += bytes;
    else if (app !== 'kernel') wrong += bytes;
  }
  return { truth, right, wrong: wrong > truth * chatter ? wrong : 0, unknown };
}

/** The owner is right where it was told of nearly all bytes and of nobody else's. */
export function ownerIsRight(trial: Trial): boolean {
  return trial.wrong === 0 && trial.right >= trial.truth * 0.9;
}

/** How far the bytes told of the generator are from the truth, as a share of it. */
export function byteError(trial: Trial): number {
  return (trial.right - trial.truth) / trial.truth;
}

/** Several trials in a few characters: "5/5  +0.00 %". The error is the one farthest from zero. */
export function summary(trials: readonly Trial[]): string {
  const right = trials.filter(ownerIsRight).length;
  const worst = trials.map(byteError).toSorted((one, other) => Math.abs(other) - Math.abs(one))[0] ?? 0;
  const wrong = trials.reduce((sum, trial) => sum + trial.wrong, 0);
  const sign = worst >= 0 ? '+' : '−';
  return `${right}/${trials.length}  ${sign}${(Math.abs(worst) * 100).toFixed(2)} %${wrong > 0 ? `  wrong: ${wrong} B` : ''}`;
}
