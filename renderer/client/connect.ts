import { bridgeName } from '../../protocol/bridge.ts';
import type { WindowBridge } from '../../protocol/bridge.ts';
import type { AppClient } from '../../protocol/app.ts';
import { BridgeClient } from './bridge-client.ts';
import { SocketClient } from './socket-client.ts';

declare global {
  interface Window {
    readonly [bridgeName]?: WindowBridge;
  }
}

/** The desktop's bridge, where a desktop shell shows this window; null in a browser. */
export function desktopBridge(): WindowBridge | null {
  return window[bridgeName] ?? null;
}

/** Connects to the service. Rejects with `ServiceGone` where it does not answer. */
export async function connect(): Promise<AppClient> {
  const bridge = desktopBridge();
  if (bridge !== null) return new BridgeClient(bridge);
  return SocketClient.open(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api`);
}

/**
 * The token stands behind `#` in the address that was printed, where the window's place stands later. It is exchanged for a
 * cookie that no script can read, and leaves the address and its history.
 */
export async function exchangeToken(): Promise<void> {
  const token = location.hash.slice(1);
  if (desktopBridge() !== null || token === '' || token.startsWith('/')) return;
  history.replaceState(null, '', location.pathname);
  await fetch('session', { method: 'POST', headers: { Authorization: `Bearer ${token}` } }).catch(() => undefined);
}
