import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { openReports, traffic } from './report-stage.ts';

const browser = '/usr/bin/chromium';
const friday = Date.UTC(2026, 10, 20, 12);

describe("the mail's HTML", { skip: existsSync(browser) ? false : 'pending: needs the Debian package chromium', timeout: 120_000 }, () => {
  it('shows its bars in a browser without scripts, and asks nobody for anything', async () => {
    await using stage = await openReports(friday, {});
    await traffic(stage, 100_000);
    stage.clock.set(86_400_000);
    const { text } = await stage.service.client.query('reportPreview', { period: 'daily', format: 'mail' });
    const launched = await chromium.launch({ executablePath: browser, args: ['--no-sandbox'] });
    try {
      const page = await launched.newPage({ javaScriptEnabled: false, viewport: { width: 800, height: 1000 } });
      const asked: string[] = [];
      page.on('request', (request) => void asked.push(request.url()));
      await page.setContent(text);
      const bar = await page.locator('td[bgcolor="#0072b2"]').first().boundingBox();
      assert.ok(bar !== null && bar.width > 100 && bar.height >= 8, JSON.stringify(bar));
      assert.ok(await page.getByText('curl', { exact: true }).first().isVisible());
      assert.ok((await page.screenshot()).length > 10_000);
      assert.deepEqual(asked.filter((url) => !url.startsWith('about:')), []);
    } finally {
      await launched.close();
    }
  });
});
