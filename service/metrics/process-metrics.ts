import { readdirSync } from 'node:fs';
import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { version } from '../version.ts';

/**
 * What Prometheus expects of every process (Prometheus, "Writing client libraries", section "Process metrics"), and the version.
 * The library's own collection would add timers and observers that outlive the service.
 */
export function addProcessMetrics(registry: Registry, startedAt: number): void {
  const build = new Gauge({ registers: [], name: 'tidewatch_build_info', help: 'Always 1: the version that runs.', labelNames: ['version', 'node'] });
  build.set({ version, node: process.versions.node }, 1);
  const start = new Gauge({ registers: [], name: 'process_start_time_seconds', help: 'When the service began, in seconds since 1970.' });
  start.set(startedAt / 1000);
  let seen = 0;
  const processor = new Counter({
    registers: [],
    name: 'process_cpu_seconds_total',
    help: 'User and system time of the service, in seconds; the capture helper is a process of its own.',
    collect() {
      const { user, system } = process.cpuUsage();
      const now = (user + system) / 1e6;
      this.inc(Math.max(0, now - seen));
      seen = now;
    },
  });
  const memory = new Gauge({
    registers: [],
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the service, in bytes.',
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  const descriptors = new Gauge({
    registers: [],
    name: 'process_open_fds',
    help: 'Open file descriptors of the service.',
    collect() {
      this.set(readdirSync('/proc/self/fd').length);
    },
  });
  for (const metric of [build, start, processor, memory, descriptors]) registry.registerMetric(metric);
}
