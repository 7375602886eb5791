import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../scripts/command.ts';
import usual from '../../vitest.config.ts';
import faults from '../../vitest.faults.config.ts';
import long from '../../vitest.long.config.ts';
import simulation from '../../vitest.simulation.config.ts';
import system from '../../vitest.system.config.ts';

interface Globs {
  include?: string[];
  exclude?: string[];
}

/** A glob as our configurations have them: names, `*`, `**` and alternatives. */
const expressionOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll('.', '\\.')
      .replaceAll('**/', '<>')
      .replaceAll('**', '.*')
      .replaceAll('*', '[^/]*')
      .replaceAll('<>', '(.*/)?')
      .replaceAll('{', '(')
      .replaceAll('}', ')')
      .replaceAll(',', '|')}$`,
  );
const isOf = (globs: readonly string[] | undefined, file: string): boolean =>
  (globs ?? []).some((glob) => expressionOf(glob).test(file));
const runs = ({ include, exclude }: Globs, file: string): boolean => isOf(include, file) && !isOf(exclude, file);

const tiers: Globs[] = [
  ...[usual, faults, long, system].map(({ test }) => test ?? {}),
  ...simulation.test.projects.map(({ test }) => test),
];

it('each file of tests is run by one of the commands', async () => {
  const names = await readdir(join(root, 'test'), { recursive: true });
  const files = names.filter((name) => name.endsWith('.test.ts')).map((name) => `test/${name.replaceAll('\\', '/')}`);
  expect(files.length).toBeGreaterThan(200);
  expect(files.filter((file) => !tiers.some((tier) => runs(tier, file)))).toEqual([]);
});

it('a file at length that no configuration names is seen', () => {
  expect(tiers.some((tier) => runs(tier, 'test/simulation/workflows/at-length.test.ts'))).toBe(false);
  expect(tiers.some((tier) => runs(tier, 'test/simulation/workflows/races-at-length.test.ts'))).toBe(true);
});
