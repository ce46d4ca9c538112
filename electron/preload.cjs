/**
 * What the window's page gets of the desktop: `window.tidewatch` (protocol/bridge.ts), and nothing else. It runs sandboxed in
 * the window's own process, so it is one plain script; the other end, which checks and parses everything, is window-bridge.ts.
 */
const { contextBridge, ipcRenderer } = require('electron');

/** An answer crosses as a value: errors lose their words on the way. */
/** @typedef {{ readonly value: unknown } | { readonly refused: string }} Answer */

/**
 * @param {'query' | 'command'} kind
 * @returns {(name: string, parameters: unknown) => Promise<unknown>}
 */
function calling(kind) {
  return async (name, parameters) => {
    /** @type {Answer} */
    const answer = await ipcRenderer.invoke('tidewatch:call', kind, name, parameters);
    if ('refused' in answer) throw new Error(answer.refused);
    return answer.value;
  };
}

/** @type {Map<number, { readonly listener: (event: unknown) => void, readonly ended: () => void }>} */
const subscriptions = new Map();
let nextSubscription = 0;

ipcRenderer.on('tidewatch:event', (_event, /** @type {unknown} */ event) => {
  for (const { listener } of subscriptions.values()) listener(event);
});

ipcRenderer.on('tidewatch:ended', () => {
  const gone = [...subscriptions.values()];
  subscriptions.clear();
  for (const { ended } of gone) ended();
});

/**
 * The first subscription begins the stream of events to this window, the last one ends it.
 * @param {(event: unknown) => void} listener
 * @param {() => void} ended
 * @returns {() => void}
 */
function live(listener, ended) {
  const id = nextSubscription;
  nextSubscription += 1;
  subscriptions.set(id, { listener, ended });
  ipcRenderer.send('tidewatch:listen', true);
  return () => {
    if (subscriptions.delete(id) && subscriptions.size === 0) ipcRenderer.send('tidewatch:listen', false);
  };
}

contextBridge.exposeInMainWorld('tidewatch', {
  query: calling('query'),
  command: calling('command'),
  live,
  /**
   * @param {'main' | 'mini'} window
   * @param {string} [place]
   */
  open: (window, place) => ipcRenderer.send('tidewatch:open', window, place),
});
