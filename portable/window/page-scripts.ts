import { createBridge } from '../in-page/create-bridge.ts';
import { startPage } from '../in-page/start-page.ts';
import { startPreload } from '../in-page/start-preload.ts';

/** The world that the preload script has for itself. */
export const preloadWorld = 'tidewatch-preload';
/** The function in that world by which it tells the program something; no other world has it. */
export const tellName = 'tidewatchTell';
/** The function in that world by which the program tells it something. */
export const hearName = 'tidewatchHear';

export interface PageScripts {
  readonly page: string;
  readonly preload: string;
}

/** The scripts of one window's page. `secret` names the events between the two worlds; nobody may guess it. */
export function writePageScripts(preloadSource: string, secret: string): PageScripts {
  const ends = `createBridge: ${String(createBridge)}, toPreload: "${secret}-1", toPage: "${secret}-2"`;
  // Plain parameters: a script that begins with 'use strict' may have no others around it.
  const run = `(require, module, exports) => {\n${preloadSource}\n}`;
  const program = `tell: globalThis.${tellName}, hear: (receive) => { globalThis.${hearName} = receive; }`;
  return {
    page: `(${String(startPage)})({ ${ends} });`,
    preload: `(${String(startPreload)})({ ${ends}, ${program}, preload: ${run} });`,
  };
}
