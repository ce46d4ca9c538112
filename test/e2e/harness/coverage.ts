import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { projectRoot } from '../../scenario/harness/program.ts';

/** Which lines of electron/ were executed by the programs of the tests, from what V8 wrote when they ended (NODE_V8_COVERAGE). */

export const coverageFolder = `${projectRoot}artifacts/e2e/coverage`;

const Range = z.object({ startOffset: z.number(), endOffset: z.number(), count: z.number() });
const Script = z.object({ url: z.string(), functions: z.array(z.object({ ranges: z.array(Range) })) });
const Profile = z.object({ result: z.array(Script) });
type Script = z.infer<typeof Script>;

/** What is left of an earlier run would count as executed. */
export function forgetCoverage(): void {
  rmSync(coverageFolder, { recursive: true, force: true });
  mkdirSync(coverageFolder, { recursive: true });
}

/** Offsets that were executed. Ranges of a function lie within each other: the innermost says what holds. */
function executedIn({ functions }: Script, length: number): Uint8Array {
  const executed = new Uint8Array(length).fill(1);
  const ranges = functions.flatMap(({ ranges: own }) => own).toSorted((a, b) => b.endOffset - b.startOffset - (a.endOffset - a.startOffset));
  for (const { startOffset, endOffset, count } of ranges) executed.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return executed;
}

export interface FileCoverage {
  readonly file: string;
  readonly lines: number;
  /** Numbers of lines that nobody executed, from 1. */
  readonly missed: readonly number[];
}

/** Line numbers that hold code: what remains after the types are taken out, without comments and lone brackets. */
function codeLines(source: string): readonly { readonly number: number; readonly start: number; readonly end: number }[] {
  const code = stripTypeScriptTypes(source).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gmu, (comment) => comment.replaceAll(/[^\n]/gu, ' '));
  let start = 0;
  return code.split('\n').flatMap((line, index) => {
    const begin = start + line.length - line.trimStart().length;
    const end = start + line.trimEnd().length;
    start += line.length + 1;
    return /[\p{L}\d]/u.test(line) ? [{ number: index + 1, start: begin, end }] : [];
  });
}

function coverageOf(file: string, scripts: readonly Script[]): FileCoverage {
  const source = readFileSync(file, 'utf8');
  const executed = scripts.map((script) => executedIn(script, source.length));
  const lines = codeLines(source);
  const missed = lines.filter(({ start, end }) => !executed.some((run) => run.subarray(start, end).includes(1)));
  return { file: path.relative(projectRoot, file), lines: lines.length, missed: missed.map(({ number }) => number) };
}

/** Coverage of every TypeScript file of electron/, over all programs that have ended. */
export function electronCoverage(): readonly FileCoverage[] {
  const folder = pathToFileURL(`${projectRoot}electron/`).href;
  const byUrl = new Map<string, Script[]>();
  for (const name of readdirSync(coverageFolder)) {
    for (const script of Profile.parse(JSON.parse(readFileSync(`${coverageFolder}/${name}`, 'utf8'))).result) {
      if (script.url.startsWith(folder)) byUrl.set(script.url, [...(byUrl.get(script.url) ?? []), script]);
    }
  }
  return readdirSync(`${projectRoot}electron`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map((name) => {
      const url = `${folder}${name}`;
      return coverageOf(fileURLToPath(url), byUrl.get(url) ?? []);
    });
}
