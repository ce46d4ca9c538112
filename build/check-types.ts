/**
 * Checks every folder against its own tsconfig, so that `core/` sees no Node and no DOM types and so on.
 * Prints nothing but the compiler's own lines; exits 1 if any folder has an error.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { once } from 'node:events';

/** The stand-in checks electron/ against portable/ in Electron's place. */
const projects = globSync(['*/tsconfig.json', 'test/portable/stand-in/tsconfig.json']).toSorted();

async function check(project: string): Promise<boolean> {
  const compiler = spawn('tsc', ['--project', project, '--pretty'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(compiler, 'exit');
  return code === 0;
}

/** Components are checked by the compiler that knows them; it prints what it found only. */
async function checkComponents(): Promise<boolean> {
  const words = ['--tsconfig', './tsconfig.json', '--threshold', 'warning', '--fail-on-warnings', '--output', 'human'];
  const checker = spawn('svelte-check', words, { cwd: 'renderer', stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  checker.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(checker, 'close');
  if (code !== 0) process.stdout.write(said);
  return code === 0;
}

let ok = await checkComponents();
for (const project of projects) ok = (await check(project)) && ok;
process.exitCode = ok ? 0 : 1;
