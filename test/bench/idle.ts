import { setTimeout as delay } from 'node:timers/promises';
import { createNetwork, linkName } from '../scenario/harness/namespace.ts';
import { missingPrograms } from '../scenario/harness/requirements.ts';
import { helperPid, install, startTidewatch } from '../scenario/harness/tidewatch.ts';
import { until } from '../scenario/harness/until.ts';
import { atMost, megabytes, pendingRow } from './table.ts';
import type { Row } from './table.ts';
import { cpuSeconds, memoryOf } from './usage.ts';

const part = 'idle';

/** Share of one core without traffic; resident bytes (DESIGN, budgets). */
const budget = { share: 0.005, helperBytes: 80e6, serviceBytes: 130e6 } as const;

/** What starting costs is not what idling costs. */
const warmUpSeconds = 5;
const seconds = 30;

/** What helper and headless service cost when nothing crosses the link. */
export async function benchIdle(): Promise<readonly Row[]> {
  const missing = missingPrograms(['ip']);
  if (missing !== null || process.getuid?.() !== 0) return [pendingRow(part, 'idle', missing ?? 'network namespaces need root')];
  using network = createNetwork();
  const installation = install(network);
  await using service = startTidewatch(installation, ['serve', '--interface', linkName]);
  const helper = await until('the helper', 20_000, () => helperPid(installation));
  await delay(warmUpSeconds * 1000);
  const costOf = (): readonly [number, number] => [cpuSeconds(helper), cpuSeconds(service.pid)];
  const [helperBefore, serviceBefore] = costOf();
  await delay(seconds * 1000);
  const [helperAfter, serviceAfter] = costOf();
  const helperShare = (helperAfter - helperBefore) / seconds;
  const serviceShare = (serviceAfter - serviceBefore) / seconds;
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  const memoryRow = (name: string, pid: number, limit: number): Row => {
    const { resident, proportional } = memoryOf(pid);
    return {
      part,
      what: `memory of the ${name}`,
      measured: `${megabytes(resident)} resident, ${megabytes(proportional)} proportional`,
      budget: `≤ ${megabytes(limit)}`,
      verdict: atMost(resident, limit),
    };
  };
  return [
    {
      part,
      what: `CPU over ${seconds} s without traffic, of one core`,
      measured: `${percent(helperShare + serviceShare)} (helper ${percent(helperShare)}, service ${percent(serviceShare)})`,
      budget: `≤ ${percent(budget.share)}`,
      verdict: atMost(helperShare + serviceShare, budget.share),
    },
    memoryRow('helper', helper, budget.helperBytes),
    memoryRow('service', service.pid, budget.serviceBytes),
  ];
}
