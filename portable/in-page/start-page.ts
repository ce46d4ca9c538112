/// <reference lib="dom" />
import type { createBridge } from './create-bridge.ts';

export interface PageStart {
  readonly createBridge: typeof createBridge;
  readonly toPreload: string;
  readonly toPage: string;
}

/**
 * The page's own world: takes what the preload script exposes and makes it unchangeable properties of `window`.
 *
 * Runs in the page before its first script: its text is put into a script, so it refers to nothing outside of itself.
 */
export function startPage({ createBridge, toPreload, toPage }: PageStart): void {
  function freeze(value: unknown): unknown {
    if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) freeze(one);
    return Object.freeze(value);
  }

  createBridge({
    outgoing: toPreload,
    incoming: toPage,
    exposed: (name, value) => Object.defineProperty(window, name, { value: freeze(value), enumerable: true }),
  });
}
