import type { LiveEvent } from '../protocol/app.ts';
import type { WebOptions } from '../service/index.ts';
import { CaptureOptions, givenCaptureOptions, settingsOf } from './capture-options.ts';
import type { Edges } from './edges.ts';
import { until } from './ending.ts';
import { CommandError, UsageError } from './failure.ts';
import { GlobalOptions, chosenPaths } from './global-options.ts';
import { modeLines } from './mode-lines.ts';
import { attach, startOwn } from './service-session.ts';
import type { ServiceSession } from './service-session.ts';

/** What decides whom a command watches. */
export const WatchOptions = GlobalOptions.extend(CaptureOptions.shape);
export type WatchOptions = GlobalOptions & CaptureOptions;

/** How long a command watches, and what a service of its own serves meanwhile. */
interface Watching {
  readonly duration?: number | undefined;
  readonly page?: WebOptions | undefined;
}

/**
 * The service that runs already, or one of our own. What was to be captured is settled when a service starts: options
 * that say otherwise are refused rather than ignored. Throws `ServiceError` and {@link UsageError}.
 */
async function openSession(options: WatchOptions & Watching, edges: Edges): Promise<ServiceSession> {
  const paths = chosenPaths(options, edges.defaultPaths);
  const running = await attach(paths.socketPath);
  if (running === null) {
    return startOwn({
      ...paths,
      ...(options.page === undefined ? {} : { web: options.page }),
      settings: { ...settingsOf(options), log: { level: options.verbose ? 'debug' : 'error' } },
    });
  }
  const given = givenCaptureOptions(options);
  if (given.length === 0) return running;
  const { pid } = await running.client.query('identify', {});
  await running.close();
  throw new UsageError(
    `a Tidewatch service (process ${pid}) is measuring already, so ${given.join(', ')} cannot apply: leave that out to watch it, or end it first`,
  );
}

/**
 * Watches the service that runs, or one of our own, and ends that with it; after `duration` seconds, where there is one, the ending
 * comes by itself. Says on standard error what is paused or private. Throws `ServiceError` and {@link UsageError}.
 */
export async function withWatched(options: WatchOptions & Watching, edges: Edges, watch: (session: ServiceSession) => Promise<void>): Promise<void> {
  const session = await openSession(options, edges);
  const timer = options.duration === undefined ? null : setTimeout(() => edges.ending.end('time-over'), options.duration * 1000);
  try {
    for (const line of modeLines(await session.client.query('mode', {}))) edges.errors.write(`tidewatch: ${line}\n`);
    await watch(session);
  } finally {
    if (timer !== null) clearTimeout(timer);
    await session.close();
  }
}

/**
 * Hands over every event until the ending, or until `take` says that it has enough; throws {@link CommandError} where the service goes
 * away before.
 */
export async function follow(session: ServiceSession, edges: Edges, take: (event: LiveEvent) => 'more' | 'enough'): Promise<void> {
  let hasEnough = false;
  const show = async (): Promise<null> => {
    for await (const event of until<LiveEvent>(edges.ending, session.client.live())) {
      hasEnough = take(event) === 'enough';
      if (hasEnough) return null;
    }
    return null;
  };
  const failure = await Promise.race([show(), session.failed, session.stopAsked.then(() => edges.ending.end('asked')).then(() => null)]);
  if (failure !== null) throw new CommandError(failure.message);
  if (!hasEnough && !edges.ending.signal.aborted) {
    throw new CommandError('the service that was watched has ended: start it again with `tidewatch serve`, or run `tidewatch live` to measure from here');
  }
}
