import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { z } from 'zod';
import { appContract } from '../../protocol/app.ts';
import type { AppClient, AppParameters, AppQueryName, AppResult, LiveEvent } from '../../protocol/app.ts';
import { launchBrowser, skip, WindowStage } from './stage.ts';

const queries: { readonly [Name in AppQueryName]: { readonly parameters: z.ZodType<AppParameters<Name>>; readonly result: z.ZodType<AppResult<Name>> } } = appContract.queries;

function isQuery(name: string): name is AppQueryName {
  return Object.hasOwn(queries, name);
}

function ask<Name extends AppQueryName>(client: AppClient, name: Name, raw: unknown): Promise<AppResult<Name>> {
  return client.query(name, queries[name].parameters.parse(raw));
}

describe('the window on a desktop’s bridge', { skip }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(async () => browser.close());

  it('needs no WebSocket and no token: it asks, follows and lets go over the bridge alone', async () => {
    await using stage = await WindowStage.open({ days: 2 });
    const { client } = stage.service;
    const context = await browser.newContext({ viewport: { width: 1100, height: 800 }, locale: 'en-GB' });
    const page = await context.newPage();
    let events: AsyncIterator<LiveEvent> | null = null;
    const follow = async (): Promise<void> => {
      events = client.live()[Symbol.asyncIterator]();
      for (let next = await events.next(); next.done !== true; next = await events.next()) {
        await page.evaluate((event) => Reflect.get(globalThis, 'listener')?.(event), next.value).catch(() => undefined);
      }
    };
    await page.exposeFunction('callQuery', (name: string, parameters: unknown) => (isQuery(name) ? ask(client, name, parameters) : Promise.reject(new Error(`no query ${name}`))));
    await page.exposeFunction('callLive', (wanted: boolean) => {
      if (wanted) void follow();
      else void events?.return?.();
    });
    await page.addInitScript(`
      window.sockets = 0;
      window.WebSocket = class { constructor() { window.sockets += 1; } };
      window.tidewatch = {
        query: (name, parameters) => callQuery(name, parameters),
        command: () => Promise.reject(new Error('not from here')),
        live: (listener) => { window.listener = listener; callLive(true); return () => callLive(false); },
        open: (which) => { window.opened = which; },
      };`);
    await page.goto(new URL('/', stage.address).href);
    await page.getByRole('status').getByText('Connected').waitFor();
    stage.second();
    await page.getByRole('row', { name: /Zoom|VLC|Firefox/u }).first().waitFor();
    await page.getByRole('button', { name: 'Mini window' }).click();
    assert.equal(await page.evaluate('opened'), 'mini');
    await page.getByRole('link', { name: 'Usage' }).click();
    await page.locator('main tfoot').waitFor();
    await page.getByRole('button', { name: 'Pause or private mode' }).click();
    await page.getByRole('button', { name: 'For an hour' }).first().click();
    await page.getByRole('alert').getByText('not from here').waitFor();
    assert.equal(await page.evaluate('sockets'), 0);
    await context.close();
  });
});
