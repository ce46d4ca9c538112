import { chmodSync, chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Network } from './namespace.ts';
import { describeOutcome } from './program.ts';
import { nobody } from './tidewatch.ts';

/** A `pkexec` that asks the test instead of a person (clients/consent.c): polkit's dialog cannot be clicked in a test. */
export interface Consent extends Disposable {
  /** To be the first of PATH. */
  readonly folder: string;
  /** What the person says from now on. At first it is no. */
  say(answer: 'yes' | 'no'): void;
}

/** The inode of a namespace: who has entered it sees the same (namespaces(7)). */
async function inodeOf(network: Network): Promise<string> {
  const asked = await network.client.run('stat', ['--dereference', '--format=%i', '/proc/self/ns/net']);
  if (asked.code !== 0) throw new Error(describeOutcome(asked));
  return asked.stdout;
}

/**
 * Builds it for the client's namespace alone, where nobody's group alone may run it. It has root's rights: nothing of it is left
 * once it is disposed of.
 */
export async function installConsent(network: Network): Promise<Consent> {
  const folder = `${network.folder}/consent`;
  const program = `${folder}/pkexec`;
  const answer = `${folder}/answer`;
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  // Nobody may go through, and look at nothing.
  chmodSync(network.folder, 0o711);
  mkdirSync(folder, { mode: 0o711 });
  try {
    const definitions = [`-DANSWER="${answer}"`, `-DNAMESPACE=${await inodeOf(network)}`];
    const source = fileURLToPath(new URL('../clients/consent.c', import.meta.url));
    const built = await network.client.run('cc', ['-O2', '-Wall', '-Wextra', '-Werror', ...definitions, '-o', program, source]);
    if (built.code !== 0) throw new Error(describeOutcome(built));
    chownSync(program, 0, nobody.gid);
    // After the change of the owner, which takes the bit away (chown(2)).
    chmodSync(program, 0o4750);
    if (statSync(program).uid !== 0) throw new Error(`${program} does not belong to root`);
  } catch (error) {
    remove();
    throw error;
  }
  const say = (text: 'yes' | 'no'): void => writeFileSync(answer, text, { mode: 0o600 });
  say('no');
  return { folder, say, [Symbol.dispose]: remove };
}
