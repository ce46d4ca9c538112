import assert from 'node:assert/strict';
import { chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { installConsent } from '../../scenario/harness/consent.ts';
import type { Consent } from '../../scenario/harness/consent.ts';
import { createNetwork } from '../../scenario/harness/namespace.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import { describeOutcome, projectRoot } from '../../scenario/harness/program.ts';
import type { Program } from '../../scenario/harness/program.ts';
import { missingPrograms } from '../../scenario/harness/requirements.ts';
import { nobody, nobodyMayRun } from '../../scenario/harness/tidewatch.ts';
import { until } from '../../scenario/harness/until.ts';
import { artifactsOf, DesktopApp, setUpOnce } from '../harness/desktop-app.ts';
import type { DesktopShell } from '../harness/desktop-app.ts';
import { desktopOptions } from '../harness/requirements.ts';
import { panelArea, Screen } from '../harness/screen.ts';
import { TrayHost } from '../harness/tray-host.ts';

/** A person without rights, who gives them from the tray. */

export function describeAccess(shell: DesktopShell): void {
  describe(`the desktop in ${shell}, as a user who may not capture`, desktopOptions(shell, 120_000), () => {
    it('says that it is limited, and is no more once access is granted from its menu', (test: TestContext) => access(shell, test));
  });
}

/** The program as nobody's, with a home of nobody's own. */
function startAsNobody(app: DesktopApp, { network, consent, shell }: { network: Network; consent: Consent; shell: DesktopShell }): Program {
  const home = `${app.folder}/home`;
  const runtime = `${app.folder}/run`;
  mkdirSync(home);
  mkdirSync(runtime, { mode: 0o700 });
  for (const place of [app.folder, home, runtime, `${app.folder}/history`, `${app.folder}/settings.json`]) chownSync(place, nobody.uid, nobody.gid);
  const environment = {
    ...app.environment,
    PATH: [consent.folder, path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter),
    // A helper is believed only where root alone can put one.
    TIDEWATCH_HELPER_SOCKET: `${network.folder}/helper.sock`,
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    XDG_CONFIG_HOME: `${home}/config`,
    XDG_DATA_HOME: `${home}/data`,
    XDG_CACHE_HOME: `${home}/cache`,
    XDG_STATE_HOME: `${home}/state`,
  };
  const asUser = [`--reuid=${nobody.uid}`, `--regid=${nobody.gid}`, '--clear-groups', '--inh-caps=-all'];
  const words = [process.execPath, `${projectRoot}build/start.mjs`, '--shell', shell, '--hidden'];
  return network.client.start('setpriv', [...asUser, ...words], { environment, workingDirectory: '/' });
}

async function access(shell: DesktopShell, test: TestContext): Promise<void> {
  const pending = missingPrograms(['cc']) ?? (nobodyMayRun() ? null : 'pending: the checkout lies in a folder that other users may not enter');
  if (pending !== null) {
    test.skip(pending);
    return;
  }
  setUpOnce();
  using network = createNetwork();
  using consent = await installConsent(network);
  await using screen = await Screen.open({ users: 'everybody' });
  await screen.startPanel();
  await using tray = new TrayHost(screen.busAddress);
  // What V8 counts is written into a folder of root's.
  const app = new DesktopApp(screen, network, { shell, coverage: 'off' });
  await using program = startAsNobody(app, { network, consent, shell });
  const helpers = (): readonly string[] => app.processes().filter((command) => /helper\/main\.ts/u.test(command));

  await tray.row(/^Grant access…$/u, 30_000);
  const state = await tray.row(/^only your own apps' TCP connections/iu);
  screen.picture(`${artifactsOf(shell)}/access-1-limited-panel.png`, { ...panelArea, width: 120 });
  assert.ok(helpers().every((command) => command.includes('--limited')) && helpers().length === 1, 'what runs only counts');

  consent.say('yes');
  await tray.click(/^Grant access…$/u);
  await until('a menu without it', 30_000, async () => {
    const labels = (await tray.menu()).map(({ label }) => label);
    return labels.includes('No app uses the network now') && !labels.includes('Grant access…') && !labels.includes(state.label);
  });
  assert.ok(helpers().every((command) => !command.includes('--limited')) && helpers().length === 1, 'what runs captures');

  await tray.click(/^Quit Tidewatch$/u);
  const outcome = await program.ended;
  assert.equal(outcome.code, 0, describeOutcome(outcome));
  await until("root's helper to end", 5000, () => app.processes().length === 0).catch(() => undefined);
  assert.deepEqual(app.processes(), []);
}
