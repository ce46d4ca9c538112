import type { Browser, CDPSession, Page } from 'playwright-core';
import { FlowId, ProcessKey } from '../../../protocol/flow.ts';
import type { FlowDelta } from '../../../protocol/flow.ts';
import { maximumFlowsPerMessage } from '../../../protocol/helper.ts';
import { epochMs } from '../../../protocol/units.ts';
import { busySnapshot } from '../../cli/snapshots.ts';
import { launchBrowser, skip, WindowStage } from '../../renderer/stage.ts';
import { DrivenClock } from '../../service/driven-clock.ts';
import { deltaOf, exactly, processOf, tickOf } from '../../service/measurements.ts';
import { openWeb } from '../../service/web/stage.ts';
import { fillYear, yearEnd } from '../history/fill.ts';
import { makeHousehold } from '../history/generate.ts';
import { atMost, median, megabytes, pendingRow } from '../table.ts';
import type { Row } from '../table.ts';

const part = 'window';
const paintBudgetMs = 1000;
const brushBudgetMs = 100;
const scriptingBudget = 0.2;
const loads = 5;
const liveConnections = 10_000;

interface Opened {
  readonly page: Page;
  readonly session: CDPSession;
  readonly close: () => Promise<void>;
}

/** A browser context that knows nothing of the page yet; `now` is what the page takes the time to be. */
async function openCold(browser: Browser, address: string, now: number | null = null): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  if (now !== null) await page.clock.setFixedTime(now);
  const session = await context.newCDPSession(page);
  await page.goto(address);
  return { page, session, close: () => context.close() };
}

/** Milliseconds from the beginning of the navigation until something is in the page and was painted. */
function seenAfter(page: Page, selector: string): Promise<number> {
  return page.evaluate(`new Promise((resolve) => {
    const look = () => document.querySelector(${JSON.stringify(selector)}) === null ? requestAnimationFrame(look) : requestAnimationFrame(() => resolve(performance.now()));
    look();
  })`);
}

async function measurePaints(browser: Browser, stage: WindowStage): Promise<readonly Row[]> {
  // The key is exchanged once; then pages are opened cold with what it was exchanged for.
  const places = [
    { what: 'first useful paint, now (live figures)', place: '#/now', selector: 'main dl .figure' },
    { what: 'first useful paint, usage of 12 months', place: '#/usage?range=year', selector: 'main tfoot' },
  ];
  const rows: Row[] = [];
  for (const { what, place, selector } of places) {
    const times: number[] = [];
    for (let load = 0; load < loads; load += 1) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      await page.clock.setFixedTime(yearEnd);
      await page.request.post(new URL('session', stage.address).href, { headers: { Authorization: `Bearer ${new URL(stage.address).hash.slice(1)}`, Origin: new URL(stage.address).origin } });
      await page.goto(new URL(place, stage.address.split('#')[0]).href, { waitUntil: 'commit' });
      times.push(await seenAfter(page, selector));
      await context.close();
    }
    const time = median(times);
    rows.push({ part, what, measured: `${time.toFixed(0)} ms`, budget: `${paintBudgetMs} ms`, verdict: atMost(time, paintBudgetMs) });
  }
  return rows;
}

/** From a movement of the pointer over all that is kept until the table (and, in the same turn, the chart) shows the new range. */
async function measureBrush(browser: Browser, stage: WindowStage): Promise<readonly Row[]> {
  const { page, close } = await openCold(browser, stage.address, yearEnd);
  await page.evaluate(`location.hash = '/usage?range=year'`);
  await page.locator('main tfoot').waitFor();
  await page.locator('.overview').waitFor();
  await page.evaluate(`
    window.times = [];
    let begun = 0;
    addEventListener('pointermove', () => { begun = performance.now(); }, { capture: true });
    new MutationObserver(() => {
      if (begun === 0) return;
      const from = begun;
      begun = 0;
      requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => times.push(performance.now() - from); channel.port2.postMessage(0); });
    }).observe(document.querySelector('main tfoot'), { characterData: true, childList: true, subtree: true });`);
  const box = await page.locator('.overview').boundingBox();
  if (box === null) throw new Error('there is nothing to brush');
  await page.mouse.move(box.x + box.width * 0.2, box.y + 12);
  await page.mouse.down();
  for (let step = 1; step <= 40; step += 1) {
    await page.mouse.move(box.x + box.width * (0.2 + step * 0.012), box.y + 12);
    await page.waitForTimeout(150);
  }
  await page.mouse.up();
  const times: readonly number[] = await page.evaluate('times');
  await close();
  const p95 = times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1] ?? Number.NaN;
  return [{ part, what: `brush to redraw, a year, p95 of ${times.length}`, measured: `${p95.toFixed(0)} ms`, budget: `${brushBudgetMs} ms`, verdict: atMost(p95, brushBudgetMs) }];
}

async function metrics(session: CDPSession): Promise<ReadonlyMap<string, number>> {
  await session.send('Performance.enable');
  const { metrics: values } = await session.send('Performance.getMetrics');
  return new Map(values.map(({ name, value }) => [name, value]));
}

/** Ten thousand connections, all of which moved in the second that ends at `time`. */
function busySecond(time: number): readonly FlowDelta[] {
  return Array.from({ length: liveConnections }, (_, index) => {
    const flow = deltaOf({ flow: index + 1, rx: 1000 + ((index * 7919 + time) % 50_000), tx: 200, at: time - 1, remote: `198.51.${index >> 8}.${index & 255}`, owner: exactly(ProcessKey.parse(`${100 + (index % 60)}@1`)) });
    return { ...flow, flow: FlowId.parse(index + 1), key: { ...flow.key, localPort: 20_000 + index } };
  });
}

function sayBusy(stage: WindowStage, time: number): void {
  const flows = busySecond(time);
  for (let at = 0; at < flows.length; at += maximumFlowsPerMessage) stage.helper.say({ kind: 'flows', flows: flows.slice(at, at + maximumFlowsPerMessage) });
  stage.helper.say(tickOf(time, flows));
}

async function wait(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Frames while the list is scrolled from its top to its end and back, and how many came later than the second after the one before. */
function lateFrames(page: Page): Promise<{ readonly frames: number; readonly late: number }> {
  return page.evaluate(`new Promise((resolve) => {
    const list = document.querySelector('[role=table]').parentElement;
    const begin = performance.now();
    let frames = 0;
    let late = 0;
    let last = begin;
    const step = (now) => {
      frames += 1;
      if (now - last > 34) late += 1;
      last = now;
      const course = ((now - begin) / 1500) % 2;
      list.scrollTop = (list.scrollHeight - list.clientHeight) * (course < 1 ? course : 2 - course);
      if (now - begin < 3000) requestAnimationFrame(step);
      else resolve({ frames, late });
    };
    requestAnimationFrame(step);
  })`);
}

/** What live figures of many connections cost the page, and what a hidden one does. */
async function measureLive(browser: Browser): Promise<readonly Row[]> {
  await using stage = await WindowStage.open();
  const { page, session, close } = await openCold(browser, stage.address);
  await page.getByRole('status').getByText('Connected').waitFor();
  stage.helper.say({ kind: 'processes', processes: Array.from({ length: 60 }, (_, index) => processOf(ProcessKey.parse(`${100 + index}@1`), `/usr/bin/app-${index}`)) });
  const seconds = async (count: number): Promise<void> => {
    for (let second = 0; second < count; second += 1) {
      const begin = Date.now();
      sayBusy(stage, begin);
      await wait(Math.max(0, begin + 1000 - Date.now()));
    }
  };
  /** The shares of a core that the page takes over ten seconds: its scripts, and all that it does. */
  const shares = async (): Promise<{ readonly scripting: number; readonly all: number }> => {
    await seconds(5);
    const before = await metrics(session);
    await seconds(10);
    const after = await metrics(session);
    const spent = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    return { scripting: spent('ScriptDuration') / spent('Timestamp'), all: spent('TaskDuration') / spent('Timestamp') };
  };
  const now = await shares();
  await page.evaluate(`location.hash = '#/connections'`);
  await page.locator('[role=table] [role=row]').nth(5).waitFor();
  const connections = await shares();
  const scrolled = seconds(5);
  const late = await lateFrames(page);
  await scrolled;
  await page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, get: () => true }); document.dispatchEvent(new Event('visibilitychange'))`);
  await wait(1000);
  const hiddenBefore = await metrics(session);
  await seconds(5);
  const hiddenAfter = await metrics(session);
  const hidden = 1000 * ((hiddenAfter.get('ScriptDuration') ?? 0) - (hiddenBefore.get('ScriptDuration') ?? 0));
  await close();
  const percent = (share: number): string => `${(100 * share).toFixed(1)} % of a core`;
  return [
    { part, what: `scripting, now page, ${liveConnections} connections`, measured: percent(now.scripting), budget: '20 %', verdict: atMost(now.scripting, scriptingBudget) },
    { part, what: 'the same with layout and painting', measured: percent(now.all) },
    { part, what: `scripting, connections page, ${liveConnections} connections`, measured: percent(connections.scripting), budget: '20 %', verdict: atMost(connections.scripting, scriptingBudget) },
    { part, what: 'the same with layout and painting', measured: percent(connections.all) },
    { part, what: 'scrolling through them for 3 s: frames, of which late (> 34 ms)', measured: `${late.frames}, ${late.late}`, budget: 'none late', verdict: atMost(late.late, 0) },
    { part, what: 'scripting while hidden, 5 s', measured: `${hidden.toFixed(2)} ms`, budget: 'none', verdict: atMost(hidden, 0) },
  ];
}

/** Ten minutes of live figures, as fast as the page takes them: what is alive afterwards. */
async function measureHeap(browser: Browser): Promise<readonly Row[]> {
  await using stage = await openWeb();
  const { page, session, close } = await openCold(browser, stage.web.address);
  await page.getByRole('status').getByText('Connected').waitFor();
  const begin = Date.now();
  const minute = async (at: number): Promise<number> => {
    for (let second = 0; second < 60; second += 1) {
      const time = begin + (at * 60 + second) * 1000;
      const apps = Array.from({ length: 40 }, (_, index) => ({ app: `/usr/bin/app-${(index + at * 7) % 300}`, displayName: `App ${index}`, exe: null, pids: [1], rxBytes: 1000 * (index + second), txBytes: 10, exact: { rxBytes: 0, txBytes: 0 }, reason: null }));
      stage.feed.publish(busySnapshot({ time: epochMs(time), apps }));
      await wait(12);
    }
    await session.send('HeapProfiler.collectGarbage');
    return (await metrics(session)).get('JSHeapUsedSize') ?? Number.NaN;
  };
  const sizes: number[] = [];
  for (let at = 0; at < 10; at += 1) sizes.push(await minute(at));
  await close();
  const [, second = Number.NaN] = sizes;
  const last = sizes.at(-1) ?? Number.NaN;
  const growth = last - second;
  return [{ part, what: 'heap after ten minutes live; growth since the second', measured: `${megabytes(last)}; ${megabytes(growth)}`, budget: 'flat (1 MB)', verdict: atMost(growth, 1e6) }];
}

/** How quick the window is, in a real browser, over a year of heavy use. */
export async function benchWindow(): Promise<readonly Row[]> {
  if (skip !== false) return [pendingRow(part, 'the window', skip)];
  const browser = await launchBrowser();
  try {
    const clock = new DrivenClock(yearEnd);
    await using stage = await WindowStage.open({ clock, make: (file) => fillYear(file, makeHousehold(1)) });
    stage.second(yearEnd + 1000);
    return [...(await measurePaints(browser, stage)), ...(await measureBrush(browser, stage)), ...(await measureLive(browser)), ...(await measureHeap(browser))];
  } finally {
    await browser.close();
  }
}
