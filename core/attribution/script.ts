import type { ProcessDescription } from '../../protocol/flow.ts';
import { baseName, folderOf, identity } from './identity.ts';
import type { Identity } from './identity.ts';
import { readInterpreter } from './interpreter.ts';
import type { Interpreted } from './interpreter.ts';

/** The parts of a path put together: `.` and doubled slashes vanish, `..` takes the part before it away. */
function normalised(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/**
 * Where a script lies. One that was named from the root keeps its name; one that was named from where the process stood is
 * put together with that folder, where it is known; else it stays as it was called, so that `./run.py` and `run.py` are one.
 */
function scriptPath(name: string, workingDirectory: string | undefined): string {
  if (name.startsWith('/')) return name.includes('/.') ? normalised(name) : name;
  if (workingDirectory?.startsWith('/') === true) return normalised(`${workingDirectory}/${name}`);
  return name.replace(/^(?:\.\/+)+/u, '');
}

/** Files that are called alike in every program that has them: the folder tells which program it is. */
const namelessFile = /^(?:app\.asar|__main__\.py|index\.[cm]?js)$/u;
const namelessFolder = /^(?:resources|app|bin|lib|dist|build|src)?$/u;

/** `obsidian` for `/usr/lib/obsidian/resources/app.asar`: the nearest name that says something. */
function scriptName(path: string): string {
  const name = baseName(path);
  if (!namelessFile.test(name)) return name;
  let folder = folderOf(path);
  while (folder !== '' && namelessFolder.test(baseName(folder))) folder = folderOf(folder);
  return folder === '' ? name : baseName(folder);
}

/** What an interpreter runs in this process; null where its executable is none. */
export function interpretedBy(process: ProcessDescription): Interpreted | null {
  return process.executable === null ? null : readInterpreter(baseName(process.executable), process.commandLine);
}

/**
 * The app that an interpreter's program is: a script by its path, a module or class by its name (which has no path, so its
 * interpreter is part of it), a program that was only started through another one (`ld.so`) by its own path.
 */
export function scriptIdentity({ family, program }: Interpreted, workingDirectory: string | undefined): Identity | null {
  if (program === null) return null;
  const shown = `${baseName(program.name)} (${family})`;
  switch (program.kind) {
    case 'module':
      return identity(`script:${family}:${program.name}`, shown);
    case 'foreign':
      return identity(`script:${family}:${program.name}`, program.name.slice(program.name.lastIndexOf('\\') + 1));
    case 'executable': {
      const path = scriptPath(program.name, workingDirectory);
      return identity(path, baseName(path));
    }
    case 'file': {
      const path = scriptPath(program.name, workingDirectory);
      return identity(`script:${path}`, `${scriptName(path)} (${family})`);
    }
  }
}
