/**
 * A service as the desktop's program holds it: rights are asked for in the system's dialog (pkexec). Prints a line of JSON for each
 * interval, `{"snapshot": …}`. SIGUSR1 is "Grant access…" of its menu, whose outcome is a line `{"outcome": …}`. Ends with SIGTERM.
 * node desktop-service.ts INTERFACE
 */
import { once } from 'node:events';
import { homedir } from 'node:os';
import { defaultPaths, startService } from '../../../service/index.ts';

const [interfaceName = ''] = process.argv.slice(2);
const told = once(process, 'SIGTERM');
const paths = defaultPaths({ variables: process.env, uid: process.getuid?.() ?? 0, homeDirectory: homedir() });
const service = await startService({ ...paths, settings: { capture: { interfaces: [interfaceName] } }, asking: 'in-a-dialog' });

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function follow(): Promise<void> {
  for await (const event of service.client.live()) if (event.kind === 'snapshot') say({ snapshot: event.snapshot });
}

process.on('SIGUSR1', () => void service.client.command('grantAccess', {}).then(say));
void follow();
await Promise.race([told, service.failed]);
await service.stop();
