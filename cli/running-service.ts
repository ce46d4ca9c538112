import { CommandError } from './failure.ts';
import { attach } from './service-session.ts';
import type { ServiceSession } from './service-session.ts';

/** Does something with the service that runs. Throws {@link CommandError} where none does. */
export async function withRunningService<Result>(socketPath: string, act: (session: ServiceSession) => Promise<Result>): Promise<Result> {
  const running = await attach(socketPath);
  if (running === null) {
    throw new CommandError('no Tidewatch service is running here: start one with `tidewatch serve`, or name its socket with --socket');
  }
  try {
    return await act(running);
  } finally {
    await running.close();
  }
}
