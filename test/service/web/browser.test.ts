import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { epochMs } from '../../../protocol/units.ts';
import { busySnapshot, domainRow } from '../../cli/snapshots.ts';
import { openWeb } from './stage.ts';
import type { WebStage } from './stage.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const skip = executablePath === undefined ? 'pending: no Chromium is installed here (apt-get install chromium)' : false;

/** What a page of another origin tried, and what it got. */
type Attempts = Readonly<Record<string, string>>;

/**
 * Runs in the page of the other origin: tries to read and to write in every way a page has. Written as a text, because what runs
 * there is the browser's, not this program's.
 */
function attempts(target: string, socket: string): string {
  return `(async () => {
    const outcome = async (act) => { try { return await act(); } catch (error) { return 'failed: ' + error.name; } };
    const loaded = (tag, attribute, url) => new Promise((resolve) => {
      const element = document.createElement(tag);
      element.onload = () => resolve('loaded');
      element.onerror = () => resolve('failed');
      element[attribute] = url;
      document.body.append(element);
    });
    const opened = (url) => new Promise((resolve) => {
      const webSocket = new WebSocket(url);
      webSocket.onopen = () => resolve('opened');
      webSocket.onerror = () => resolve('failed');
    });
    const framed = () => new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.src = ${JSON.stringify(target)};
      frame.onload = () => {
        try { resolve('content: ' + frame.contentDocument.body.innerText); } catch (error) { resolve('failed: ' + error.name); }
      };
      document.body.append(frame);
    });
    const target = ${JSON.stringify(target)};
    const send = (url, options) => fetch(url, options).then((response) => response.type + ' ' + response.status);
    return {
      fetchPage: await outcome(() => send(target)),
      fetchWithCookies: await outcome(() => send(target + 'icon.svg', { credentials: 'include' })),
      fetchOpaque: await outcome(() => fetch(target, { mode: 'no-cors', credentials: 'include' }).then((response) => response.text().then((text) => response.type + ' ' + text.length))),
      postToken: await outcome(() => send(target + 'session', { method: 'POST', headers: { Authorization: 'Bearer x' }, credentials: 'include' })),
      postSimple: await outcome(() => send(target + 'session', { method: 'POST', mode: 'no-cors', credentials: 'include' })),
      fetchApi: await outcome(() => send(target + 'api', { credentials: 'include' })),
      webSocket: await outcome(() => opened(${JSON.stringify(socket)})),
      webSocketByName: await outcome(() => opened(${JSON.stringify(socket.replace('127.0.0.1', 'localhost'))})),
      image: await outcome(() => loaded('img', 'src', target + 'icon.svg')),
      script: await outcome(() => loaded('script', 'src', target + 'icon.svg')),
      frame: await outcome(framed),
    };
  })()`;
}

/** A page of another origin: another port of the same address, to which a browser sends the same cookies. */
class OtherOrigin implements AsyncDisposable {
  readonly #server: Server;
  readonly seen: IncomingHttpHeaders[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      this.seen.push(request.headers);
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end('<!doctype html><title>other</title><body></body>');
    });
  }

  static async listen(): Promise<OtherOrigin> {
    const other = new OtherOrigin();
    other.#server.listen(0, '127.0.0.1');
    await once(other.#server, 'listening');
    return other;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

describe('a real browser', { skip }, () => {
  let browser: Browser;

  before(async () => {
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const args = [...asRoot, '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
    browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args });
  });
  after(async () => browser.close());

  /** The own page, opened by its printed address, and its cookie with it. */
  async function ownPage(stage: WebStage): Promise<{ readonly context: BrowserContext; readonly page: Page; readonly errors: string[] }> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(stage.web.address);
    await page.getByText('Connected').or(page.getByText('Measuring')).first().waitFor();
    return { context, page, errors };
  }

  it('shows live data on the own page, as text, and keeps the token in no address', async () => {
    await using stage = await openWeb();
    const { context, page, errors } = await ownPage(stage);
    const named = domainRow({ domain: '<img src=x onerror=alert(1)>', rxBytes: 5_000_000 });
    stage.feed.publish({ ...busySnapshot(), time: epochMs(Date.now()), domains: [named] });
    await page.getByRole('status').getByText('Measuring eth0').waitFor();
    await page.getByText('12.3 MB/s', { exact: true }).waitFor();
    const row = page.getByRole('row', { name: 'curl 12.0 MB/s 240 kB/s' });
    await row.waitFor();
    assert.equal(await page.getByRole('rowheader', { name: '<img src=x onerror=alert(1)>' }).count(), 1);
    assert.equal(await page.locator('main img').count(), 0);
    stage.feed.notice({ mode: { paused: null, private: { since: epochMs(1), until: null } }, troubles: [] });
    await page.getByText('Private mode: totals only').waitFor();
    assert.equal(page.url(), `http://127.0.0.1:${stage.web.port}/`);
    assert.equal(await page.evaluate('document.cookie'), '');
    assert.deepEqual(errors, []);
    await context.close();
  });

  it('opens the page again with the cookie alone, and says what to do without one', async () => {
    await using stage = await openWeb();
    const { context, page } = await ownPage(stage);
    await page.reload();
    await page.getByText('Connected').waitFor();
    await context.close();
    const stranger = await browser.newContext();
    const uninvited = await stranger.newPage();
    await uninvited.goto(`http://127.0.0.1:${stage.web.port}/`);
    await uninvited.getByText('Not let in: open the address').waitFor();
    await stranger.close();
  });

  it('does nothing while nobody sees the page', async () => {
    await using stage = await openWeb();
    const { context, page } = await ownPage(stage);
    while (stage.feed.listeners === 0) await new Promise((resolve) => setImmediate(resolve));
    await page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }); document.dispatchEvent(new Event('visibilitychange'))`);
    while (stage.feed.listeners > 0) await new Promise((resolve) => setImmediate(resolve));
    await page.evaluate(`delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))`);
    while (stage.feed.listeners === 0) await new Promise((resolve) => setImmediate(resolve));
    await context.close();
  });

  it('lets a page of another origin read and write nothing, though the browser holds the cookie', async () => {
    await using stage = await openWeb();
    await using other = await OtherOrigin.listen();
    const { context } = await ownPage(stage);
    stage.feed.publish(busySnapshot());
    const connections = stage.web.connections;
    const page = await context.newPage();
    await page.goto(other.url);
    const own = `http://127.0.0.1:${stage.web.port}/`;
    const outcome: Attempts = await page.evaluate(attempts(own, `ws://127.0.0.1:${stage.web.port}/api`));
    assert.deepEqual(outcome, {
      fetchPage: 'failed: TypeError',
      fetchWithCookies: 'failed: TypeError',
      fetchOpaque: 'failed: TypeError',
      postToken: 'failed: TypeError',
      postSimple: 'failed: TypeError',
      fetchApi: 'failed: TypeError',
      webSocket: 'failed',
      webSocketByName: 'failed',
      image: 'failed',
      script: 'failed',
      frame: 'failed: TypeError',
    });
    assert.ok(other.seen.some(({ cookie }) => cookie?.startsWith('tidewatch-')), 'the browser sends the cookie to the other port, too');
    assert.equal(stage.web.connections, connections, 'no WebSocket more than before');
    await context.close();
  });

  it('posts a form of another origin, which is refused and changes nothing', async () => {
    await using stage = await openWeb();
    await using other = await OtherOrigin.listen();
    const { context } = await ownPage(stage);
    const page = await context.newPage();
    await page.goto(other.url);
    const own = `http://127.0.0.1:${stage.web.port}`;
    const [reply] = await Promise.all([
      page.waitForResponse((response) => response.url() === `${own}/session`),
      page.evaluate(`const form = document.createElement('form'); form.method = 'POST'; form.action = '${own}/session'; document.body.append(form); form.submit()`),
    ]);
    assert.equal(reply.status(), 403);
    assert.equal(await reply.headerValue('set-cookie'), null);
    await context.close();
  });

  it('shows the page that another page links to, without a hold on it', async () => {
    await using stage = await openWeb();
    await using other = await OtherOrigin.listen();
    const { context } = await ownPage(stage);
    const page = await context.newPage();
    await page.goto(other.url);
    const [popup] = await Promise.all([
      context.waitForEvent('page'),
      page.evaluate(`window.opened = window.open('http://127.0.0.1:${stage.web.port}/'); 0`),
    ]);
    await popup.waitForLoadState();
    await page.waitForFunction('window.opened.closed === true');
    await context.close();
  });
});
