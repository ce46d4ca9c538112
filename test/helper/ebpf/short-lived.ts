import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Namespace } from '../../scenario/harness/namespace.ts';

/** What `traffic.c` says of itself. */
export interface Ends {
  readonly pid: number;
  readonly localPort: number;
  readonly remotePort: number;
}

/** The ends in each line that a traffic program printed. */
export function endsOf(output: string): readonly Ends[] {
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** A namespace of the test's own, in which `traffic.c` runs and ends. */
export interface TrafficNamespace extends Disposable {
  readonly namespace: Namespace;
  /** Path of the compiled program. */
  readonly program: string;
  /**
   * An address of loopback that no other test uses: the same ends in two namespaces at one time are nobody's. What is sent
   * there leaves from 127.0.0.1. `last` from 1 to 254.
   */
  address(last: number): string;
  /** Runs it to its end and returns the ends that it printed. */
  run(way: string, address: string, port: number): Ends;
}

let made = 0;

/** Compiles `traffic.c` and makes a namespace with loopback only. */
export function createTrafficNamespace(): TrafficNamespace {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-traffic-'));
  const program = path.join(folder, 'traffic');
  const source = fileURLToPath(new URL('traffic.c', import.meta.url));
  const compiled = spawnSync('cc', ['-O1', '-o', program, source], { encoding: 'utf8' });
  if (compiled.status !== 0) throw new Error(`traffic.c does not compile: ${compiled.stderr}`);
  made += 1;
  const namesake = made;
  const namespace = new Namespace(`tw-${process.pid}-traffic${made}`);
  return {
    namespace,
    program,
    address: (last) => `127.${1 + (process.pid % 250)}.${(Math.floor(process.pid / 250) + 64 * namesake) % 256}.${last}`,
    run: (way, address, port) => {
      const words = ['netns', 'exec', namespace.name, program, way, address, String(port)];
      const { stdout, stderr, status } = spawnSync('ip', words, { encoding: 'utf8' });
      const [ends] = endsOf(stdout);
      if (status !== 0 || ends === undefined) throw new Error(`traffic ${way}: ${stderr}`);
      return ends;
    },
    [Symbol.dispose]: () => {
      namespace.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
