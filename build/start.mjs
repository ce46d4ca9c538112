/**
 * `npm start`: sets up what is missing, then shows who is using the bandwidth: in the tray where there is a desktop, else in the
 * terminal. `npm start -- --shell electron|portable|none` decides by hand, `--hidden` opens no window; other words after `--` go
 * to `tidewatch live`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { runInForeground } from './child.mjs';
import { afterSetUp, root } from './set-up.mjs';
import { choiceLine, chooseShell } from './shell.mjs';

/** Electron's package says in this file where its binary is, once that was fetched. */
function electronBinary() {
  const folder = `${root}node_modules/electron/`;
  if (!existsSync(`${folder}path.txt`)) return null;
  const binary = `${folder}dist/${readFileSync(`${folder}path.txt`, 'utf8').trim()}`;
  return existsSync(binary) ? binary : null;
}

/** Browsers and Electron refuse to sandbox pages for root; one line says so. */
function rootWords() {
  if (process.getuid?.() !== 0) return [];
  process.stderr.write('tidewatch: as root the windows run without their sandbox\n');
  return ['--no-sandbox'];
}

/** Keeps compiled code from one run to the next, as bin/tidewatch does. */
function keepCompiledCode() {
  process.env['NODE_COMPILE_CACHE'] ??= `${root}node_modules/.cache/tidewatch`;
}

/** @param {import('./shell.mjs').Choice} choice */
function run({ shell, words }) {
  // Words are for programs and scripts; a person without any gets the window beside the table, as a page.
  if (shell === 'none') return runInForeground(`${root}bin/tidewatch`, ['live', ...(words.length === 0 ? ['--web'] : words)]);
  if (shell === 'electron') return runInForeground(electronBinary() ?? 'electron', [...rootWords(), root, ...words]);
  keepCompiledCode();
  // A young generation that stays small, for the reason that bin/tidewatch gives.
  return runInForeground('node', ['--semi-space-growth-factor=1', '--import', './portable/register.ts', './electron/main.ts', ...words]);
}

await afterSetUp(['run'], async () => {
  const { platform, env: variables } = process;
  const choice = chooseShell(process.argv.slice(2), { platform, variables, hasElectron: electronBinary() !== null });
  if ('wrong' in choice) {
    process.stderr.write(`tidewatch: ${choice.wrong}\n`);
    process.exitCode = 2;
    return;
  }
  // Words for `live` are for programs, too, which read what is printed.
  if (choice.words.length === 0 || choice.shell !== 'none') process.stderr.write(`tidewatch: ${choiceLine(choice)}\n`);
  process.exitCode = await run(choice);
});
