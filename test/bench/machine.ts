import { cpus, release, totalmem } from 'node:os';

/** One line about where the figures were measured: they mean little without it. */
export function describeMachine(): string {
  const processors = cpus();
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`;
  return `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} cores, ${memory}, Linux ${release()}, Node ${process.versions.node}`;
}
