import { existsSync } from 'node:fs';
import { withCapabilities } from '../../../service/helper-command.ts';
import { projectRoot } from '../../scenario/harness/program.ts';
import type { Program } from '../../scenario/harness/program.ts';
import type { Installation } from '../../scenario/harness/tidewatch.ts';
import { until } from '../../scenario/harness/until.ts';

/**
 * A helper with the rights that it always has, but without some of its owner sources. A service that is started in the same
 * installation finds it where it would else start its own.
 */
export async function startHelperWithout(installation: Installation, leftOut: readonly string[]): Promise<Program> {
  const socket = `${installation.folder}/helper.sock`;
  const words = ['--socket', socket, '--owner', '0:0', '--detached', ...leftOut.flatMap((name) => ['--without', name])];
  const program = { file: process.execPath, arguments: [`${projectRoot}helper/main.ts`, ...words], terminal: 'unused' } as const;
  const command = withCapabilities(program);
  const helper = installation.namespace.start(command.file, command.arguments);
  await until('the helper to listen', 10_000, () => existsSync(socket));
  return helper;
}
