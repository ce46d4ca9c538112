/**
 * To look at the window while it is made: `node test/renderer/look.ts` serves it with a household's history and its live traffic
 * and prints the address; with `--pictures` it takes the pictures of every page instead (test/artifacts/window-….png).
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { artifacts, launchBrowser, openWindow, WindowStage } from './stage.ts';

const places = {
  now: '#/now',
  usage: '#/usage?range=week',
  today: '#/usage?range=today',
  domain: '#/usage?range=month&by=domain&app=%2Fusr%2Flib%2Ffirefox%2Ffirefox',
  compare: '#/usage?range=month&compare=yes',
  table: '#/usage?range=week&view=table',
  connections: '#/connections',
  searched: '#/connections?q=app%3Afirefox%20!port%3A80&sort=total',
  alerts: '#/alerts',
  settings: '#/settings',
  rules: '#/settings?group=alerts',
  app: '#/app?app=%2Fusr%2Flib%2Ffirefox%2Ffirefox',
  site: '#/domain?domain=wikipedia.org',
  mini: '#/mini',
};
const widths = [360, 1024, 1440, 2560];

const wanted = process.argv.slice(2);
const days = wanted.includes('--year') ? 365 : 45;
await using stage = await WindowStage.open({ days, port: wanted.includes('--pictures') ? 0 : 8765 });
for (let second = 90; second > 0; second -= 1) stage.second(Date.now() - second * 1000);
stage.play();

if (!wanted.includes('--pictures')) {
  process.stdout.write(`${stage.address}\n`);
  await new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve));
} else {
  mkdirSync(artifacts, { recursive: true });
  const only = wanted.find((word) => word.startsWith('--only='))?.slice('--only='.length).split(',');
  const browser = await launchBrowser();
  for (const theme of ['light', 'dark'] as const) {
    for (const language of ['en', 'de'] as const) {
      for (const width of widths) {
        const { context, page, errors } = await openWindow(browser, stage.address, { width, height: width < 500 ? 800 : width > 2000 ? 1440 : 900, theme, language });
        for (const [name, place] of Object.entries(places)) {
          const file = `window-${name}-${theme}-${width}-${language}`;
          if (only !== undefined && !only.some((part) => file.includes(part))) continue;
          await page.goto(`${stage.address.split('#')[0]}${place}`);
          await page.locator('main canvas, main section').first().waitFor();
          await page.waitForTimeout(name === 'usage' ? 400 : 2500);
          await page.screenshot({ path: path.join(artifacts, `${file}.png`), fullPage: true });
        }
        if (errors.length > 0) process.stderr.write(`${[...new Set(errors)].join('\n')}\n`);
        await context.close();
      }
    }
  }
  await browser.close();
}
