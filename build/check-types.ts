/**
 * Checks every folder against its own tsconfig, so that `core/` sees no Node and no DOM types and so on.
 * Prints nothing but the compiler's own lines; exits 1 if any folder has an error.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { once } from 'node:events';

/** test/portable is checked apart: it reaches scripts that run in a page, and so sees the DOM's types. */
const projects = globSync(['*/tsconfig.json', 'test/portable/tsconfig.json']).toSorted();

async function check(project: string): Promise<boolean> {
  const compiler = spawn('tsc', ['--project', project, '--pretty'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(compiler, 'exit');
  return code === 0;
}

let ok = true;
for (const project of projects) ok = (await check(project)) && ok;
process.exitCode = ok ? 0 : 1;
