import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));

const text = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Folders that hold source of ours, each of which explains itself. */
const sourceFolders = [
  ...new Set(
    tracked
      .filter((path) => /^(protocol|core|helper|service|cli|electron|build)\/.*\.(ts|mjs|cc|c)$/u.test(path))
      .map((path) => dirname(path)),
  ),
].toSorted();

describe('the repository', () => {
  for (const folder of sourceFolders) {
    it(`explains ${folder}/ in a README`, () => assert.ok(tracked.includes(`${folder}/README.md`)));
  }

  it('names no download address in its lockfile', () => {
    assert.doesNotMatch(text('package-lock.json'), /"resolved":|https?:\/\/[^"]*registry/u);
  });

  it('pins every dependency to one version', () => {
    const manifest: unknown = JSON.parse(text('package.json'));
    assert.ok(typeof manifest === 'object' && manifest !== null);
    const versions = Object.entries(manifest)
      .filter(([key]) => key === 'dependencies' || key === 'devDependencies')
      .flatMap(([, packages]) => Object.entries(Object(packages)));
    assert.ok(versions.length > 0);
    assert.deepEqual(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/u.test(String(version))), []);
  });

  it('gives the reason for each dependency in docs/DECISIONS.md', () => {
    const decisions = text('docs/DECISIONS.md');
    const manifest: { dependencies?: object; devDependencies?: object } = JSON.parse(text('package.json'));
    const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      (name) => !name.startsWith('@types/'),
    );
    assert.deepEqual(names.filter((name) => !decisions.includes(`\`${name}\``)), []);
  });

  it('links only to files that exist', () => {
    const broken = tracked
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...text(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/gu)].map(
          (match) => [path, match[1] ?? ''] as const,
        ),
      )
      .filter(([path, target]) => !existsSync(join(root, dirname(path), target)))
      .map(([path, target]) => `${path} → ${target}`);
    assert.deepEqual(broken, []);
  });

  it('silences no checker and focuses no test', () => {
    const silenced = /@ts-(?:ignore|nocheck|expect-error)|(?:eslint|oxlint)-disable|\b(?:it|test|describe)\.only\(/u;
    const files = tracked.filter(
      (path) => /\.(?:ts|mjs)$/u.test(path) && path !== 'test/architecture/repository.test.ts',
    );
    assert.deepEqual(files.filter((path) => silenced.test(text(path))), []);
  });
});
