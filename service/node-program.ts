import { fileURLToPath } from 'node:url';

/** The project's own Node, an npm package. */
const ownNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

/**
 * The Node that other processes of Tidewatch are started with: the one that runs this, or, inside of Electron, whose binary is no Node
 * where its fuses say so, the project's own.
 */
export function nodeProgram({ execPath, versions }: Pick<NodeJS.Process, 'execPath' | 'versions'> = process): string {
  return versions['electron'] === undefined ? execPath : ownNode;
}
