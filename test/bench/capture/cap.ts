import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { linkName } from '../../scenario/harness/namespace.ts';
import type { Network } from '../../scenario/harness/namespace.ts';
import { until } from '../../scenario/harness/until.ts';
import type { Contender, RunningContender } from './contender.ts';

/** The version of the npm package `cap` that is measured: its newest, and likely its last. */
const version = '0.2.1';

/** Counts packets and does nothing else; the ring is as large as Tidewatch's. */
const program = `
  const { Cap } = require('cap');
  const capture = new Cap();
  const buffer = Buffer.alloc(65535);
  let packets = 0;
  capture.open(process.argv[2], '', 32 * 1024 * 1024, buffer);
  capture.on('packet', () => { packets += 1; });
  // The buffer is named here so that it stays: cap keeps its address, but does not keep it from the collector.
  process.on('SIGTERM', () => { process.stdout.write(packets + '\\n', () => process.exit(buffer.length > 0 ? 0 : 1)); });
  process.stdout.write('open\\n');
`;

/** Every Node there is: an addon of this age may load in an older one only. */
function nodes(): readonly string[] {
  const onPath = (process.env['PATH'] ?? '').split(':').map((folder) => `${folder}/node`);
  return [...new Set([process.execPath, ...onPath])].filter((node) => existsSync(node));
}

/** Installs the package into `folder` and finds a Node that loads it; a text says why not. */
function install(folder: string): { readonly node: string } | { readonly reason: string } {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, JSON.stringify({ name: 'capture-peer', private: true, allowScripts: { cap: true } }));
  writeFileSync(`${folder}/count.cjs`, program);
  const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--foreground-scripts', `cap@${version}`], {
    cwd: folder, encoding: 'utf8', timeout: 180_000,
  });
  const node = nodes().find((candidate) => spawnSync(candidate, ['-e', "require('cap')"], { cwd: folder }).status === 0);
  if (node !== undefined) return { node };
  const said = `${installed.stderr ?? ''}\n${installed.stdout ?? ''}`.split('\n').findLast((line) => /error|ERR!/iu.test(line));
  return { reason: `pending: npm's cap ${version} could not be built: ${said?.trim() ?? 'no Node here loads it'}` };
}

/** The npm package `cap` with a handler that only counts. Installed into `folder` now; never a dependency. */
export function prepareCap(folder: string): Contender {
  const found = install(folder);
  return {
    name: `npm cap ${version}, empty handler`,
    pending: 'reason' in found ? found.reason : null,
    async start(network: Network): Promise<RunningContender> {
      if ('reason' in found) throw new Error(found.reason);
      const running = network.client.start(found.node, ['count.cjs', linkName], { workingDirectory: folder });
      await until('cap to open', 10_000, () => running.stdout.includes('open'));
      return {
        pid: running.pid,
        settle: () => delay(1500),
        async finish() {
          const { stdout } = await running.stop('SIGTERM');
          return { packets: Number(stdout.split('\n')[1] ?? Number.NaN), dropped: null };
        },
      };
    },
  };
}
