import { appContract } from '../../protocol/app.ts';
import type { AppClient, AppCommandName, AppParameters, AppQueryName, AppResult, LiveEvent } from '../../protocol/app.ts';
import type { WindowBridge } from '../../protocol/bridge.ts';
import { EventQueue } from './event-queue.ts';
import { Refused } from './service-gone.ts';
import { parsed } from './parsed.ts';

function refusal(error: unknown): Refused {
  return new Refused(error instanceof Error ? error.message : String(error), 'refused');
}

/** The app API over what a desktop's preload gives to the window. */
export class BridgeClient implements AppClient {
  readonly #bridge: WindowBridge;
  readonly #subscriptions = new Set<EventQueue>();

  constructor(bridge: WindowBridge) {
    this.#bridge = bridge;
  }

  async query<Name extends AppQueryName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    const result = await this.#bridge.query(name, parameters).catch((error: unknown) => {
      throw refusal(error);
    });
    return parsed(name, result);
  }

  async command<Name extends AppCommandName>(name: Name, parameters: AppParameters<Name>): Promise<AppResult<Name>> {
    const result = await this.#bridge.command(name, parameters).catch((error: unknown) => {
      throw refusal(error);
    });
    return parsed(name, result);
  }

  live(): AsyncIterable<LiveEvent> {
    let stop: (() => void) | null = null;
    const events: EventQueue = new EventQueue(() => {
      this.#subscriptions.delete(events);
      stop?.();
    });
    this.#subscriptions.add(events);
    stop = this.#bridge.live(
      (event) => {
        const read = appContract.subscription.event.safeParse(event);
        if (read.success) events.put(read.data);
        else events.end();
      },
      () => events.end(),
    );
    return events;
  }

  close(): void {
    for (const events of this.#subscriptions) events.end();
  }
}
