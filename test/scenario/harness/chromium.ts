import { mkdtempSync } from 'node:fs';
import type { Network } from './namespace.ts';
import { describeOutcome } from './program.ts';
import { sites } from './shared-sites.ts';
import type { SharedSites } from './shared-sites.ts';

/** Quiet: nothing that the browser would ask for on its own. Root has no sandbox; a profile of its own, fresh each time. */
const quiet = [
  '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-default-apps', '--disable-extensions', '--disable-dev-shm-usage', '--no-default-browser-check',
  '--disable-features=OptimizationHints,MediaRouter',
];

/** What to open: a page of {@link SharedSites}, by the key of its certificate. `quic`: over HTTP/3 and nothing else. */
export interface Visit {
  readonly url: string;
  readonly keyHash: SharedSites['keyHash'];
  readonly transport: 'tls' | 'quic';
}

/** Opens the page in the client's namespace and waits until all of it is loaded. */
export async function openInChromium(network: Network, { url, keyHash, transport }: Visit): Promise<void> {
  const profile = mkdtempSync(`${network.folder}/chromium-`);
  const origins = sites.map(({ name, port }) => `${name}:${port}`).join(',');
  const words = [
    ...quiet,
    `--user-data-dir=${profile}`,
    `--ignore-certificate-errors-spki-list=${keyHash}`,
    ...(transport === 'quic' ? [`--origin-to-force-quic-on=${origins}`] : ['--disable-quic']),
    '--dump-dom', url,
  ];
  const outcome = await network.client.run('chromium', words, { environment: { HOME: profile } });
  if (outcome.code !== 0 || !outcome.stdout.includes('mail.bmp')) throw new Error(`chromium: ${describeOutcome(outcome)}`);
}
