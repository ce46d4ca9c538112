import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { WebContents } from 'electron';
import type { AppClient, LiveEvent } from '../../protocol/app.ts';
import type { BridgePorts, WindowBridge as Bridge } from '../../electron/window-bridge.ts';
import '../../portable/register.ts';
import { ipcMain } from '../../portable/window/ipc-main.ts';
import { snapshotOf } from './standings.ts';

// From here on `electron` is portable/.
const { WindowBridge } = await import('../../electron/window-bridge.ts');

/** The bridge with a page of ours, a page of nobody's, and a service that notes what it is asked. */

const own = 'tidewatch://app/index.html';

/** What is sent to one window's page. */
class Page extends EventEmitter {
  readonly sent: (readonly unknown[])[] = [];
  isGone = false;

  isDestroyed(): boolean {
    return this.isGone;
  }

  send(...words: readonly unknown[]): void {
    this.sent.push(words);
  }
}

interface Sender {
  readonly sender: Page;
  readonly senderFrame: { readonly url: string; readonly parent: object | null } | null;
}

const event: LiveEvent = { kind: 'snapshot', sequence: 7, snapshot: snapshotOf([]), mode: { paused: null, private: null } };

describe('the bridge to the windows', () => {
  let page: Page;
  let bridge: Bridge;
  let asked: (readonly unknown[])[];
  let opened: (readonly unknown[])[];
  let isShown: boolean;
  let hasService: boolean;

  const client: Pick<AppClient, 'query' | 'command'> = {
    query: (name, parameters) => {
      asked.push(['query', name, parameters]);
      return Promise.reject(new Error('the history is closed'));
    },
    command: async (name, parameters) => {
      asked.push(['command', name, parameters]);
      return await new Promise(() => undefined);
    },
  };

  beforeEach(() => {
    [page, asked, opened, isShown, hasService] = [new Page(), [], [], true, true];
    const ports = {
      client: () => (hasService ? client : null),
      newest: () => event,
      isOurs: (contents: unknown) => contents === page,
      isShown: () => isShown,
      open: (...words: readonly unknown[]) => opened.push(words),
    };
    bridge = new WindowBridge(ports as unknown as BridgePorts);
  });

  afterEach(() => bridge[Symbol.dispose]());

  const from = (url: string, more: Partial<Sender> = {}): Sender => ({ sender: page, senderFrame: { url, parent: null }, ...more });

  async function call(sender: Sender, ...words: readonly unknown[]): Promise<unknown> {
    return await ipcMain.answer('tidewatch:call', sender as unknown as Parameters<typeof ipcMain.answer>[1], words);
  }

  function say(channel: string, sender: Sender, ...words: readonly unknown[]): void {
    ipcMain.emit(`tidewatch:${channel}`, sender, ...words);
  }

  it('hands on what the contract has, parsed, and tells why it was refused', async () => {
    assert.deepEqual(await call(from(own), 'query', 'top', { by: 'app', limit: 3, more: 'words' }), { refused: 'the history is closed' });
    assert.deepEqual(asked, [['query', 'top', { by: 'app', limit: 3 }]]);
  });

  it('refuses what the contract does not have', async () => {
    const refusals = await Promise.all([
      call(from(own), 'query', 'pause', {}), call(from(own), 'command', 'top', { by: 'app', limit: 1 }), call(from(own), 'query', 'toString', {}),
      call(from(own), 'shell', 'identify', {}), call(from(own), 'query', 7, {}), call(from(own), 'query', 'constructor', {}), call(from(own)),
    ]);
    for (const refusal of refusals) assert.deepEqual(refusal, { refused: 'there is no such query or command' });
    assert.deepEqual(asked, []);
  });

  it('refuses parameters that are not as the contract says', async () => {
    assert.deepEqual(await call(from(own), 'query', 'top', { by: 'weather', limit: 1 }), { refused: 'wrong parameters: by: Invalid option: expected one of "app"|"domain"|"host"|"network"|"scope"|"certainty"|"country"|"service"' });
    assert.match(JSON.stringify(await call(from(own), 'command', 'pause', 'for ever')), /wrong parameters: parameters: /u);
    assert.deepEqual(asked, []);
  });

  it('answers no page but its own, in no frame but the window itself', async () => {
    const strangers = [
      from('https://example.org/'), from('tidewatch://app.example.org/'), from('tidewatch://apple/'), from('file:///etc/passwd'),
      from(own, { sender: new Page() }), from(own, { senderFrame: null }), from(own, { senderFrame: { url: own, parent: {} } }),
    ];
    for (const stranger of strangers) {
      assert.deepEqual(await call(stranger, 'query', 'identify', {}), { refused: 'only the windows of Tidewatch may ask' });
      say('listen', stranger, true);
      say('open', stranger, 'main');
    }
    bridge.publish(event);
    assert.deepEqual([asked, opened, page.sent], [[], [], []]);
  });

  it('takes so many questions at once, and no more', async () => {
    const waiting = Array.from({ length: 64 }, () => call(from(own), 'command', 'resume', {}));
    assert.deepEqual(await call(from(own), 'command', 'resume', {}), { refused: 'too many questions at once' });
    assert.equal(asked.length, waiting.length);
  });

  it('sends events to a window while it listens and is shown, the newest snapshot first', () => {
    say('listen', from(own), true);
    assert.deepEqual(page.sent, [['tidewatch:event', event]]);
    isShown = false;
    bridge.publish(event);
    assert.equal(page.sent.length, 1, 'a hidden window is sent nothing');
    isShown = true;
    bridge.catchUp(page as unknown as WebContents);
    assert.equal(page.sent.length, 2);
    say('listen', from(own), false);
    bridge.publish(event);
    assert.equal(page.sent.length, 2);
  });

  it('tells the windows once when the service is gone, and who listens later at once', async () => {
    say('listen', from(own), true);
    bridge.end();
    bridge.publish(event);
    assert.deepEqual(page.sent.slice(1), [['tidewatch:ended']]);
    hasService = false;
    say('listen', from(own), true);
    assert.deepEqual(page.sent.slice(2), [['tidewatch:ended']]);
    assert.deepEqual(await call(from(own), 'query', 'identify', {}), { refused: 'Tidewatch is not measuring now' });
  });

  it('sends nothing to a page that is gone', () => {
    say('listen', from(own), true);
    page.isGone = true;
    bridge.publish(event);
    bridge.end();
    assert.equal(page.sent.length, 1);
  });

  it('opens the windows that there are, at places that are places', () => {
    say('open', from(own), 'main', '/usage?app=%2Fusr%2Fbin%2Fcurl');
    say('open', from(own), 'mini');
    say('open', from(own), 'settings');
    say('open', from(own), 'main', 'a b');
    say('open', from(own), 'main', { place: '/' });
    assert.deepEqual(opened, [['main', '/usage?app=%2Fusr%2Fbin%2Fcurl'], ['mini', undefined]]);
  });
});
