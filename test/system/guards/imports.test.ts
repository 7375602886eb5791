import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, run, tool } from '../../../scripts/command.ts';
import { type SourceCopy, sourceCopy } from '../../guards/source-copy.ts';
import { type Seed, seeds } from './import-seeds.ts';

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
  /** Of a cycle: its files; the cycle is reported for one of them only. */
  cycle?: { name: string }[];
}

let copy: SourceCopy;
let clean: Violation[];
let spoiled: Violation[];

beforeAll(async () => {
  copy = await sourceCopy();
  clean = await violationsIn(copy.folder);
  for (const { file, line } of seeds) {
    if (file.includes('seeded-')) await copy.write(file, `${line}\n`);
    else await copy.append(file, `\n${line}\n`);
  }
  spoiled = await violationsIn(copy.folder);
  // Twice over the whole tree: seconds alone, minutes beside everything else.
});

afterAll(() => copy?.remove());

describe('the import rules', () => {
  it('find nothing wrong with the project as it is', () => {
    expect(clean.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });

  it.each(seeds)('refuse by $rule, in $file: $line', (seed: Seed) => {
    const names = spoiled.filter((violation) => concerns(violation, seed.file)).map(({ rule }) => rule.name);
    expect(names).toContain(seed.rule);
  });

  it('are all seen to refuse something', () => {
    const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
      forbidden: { name: string }[];
    };
    expect(new Set(seeds.map(({ rule }) => rule))).toEqual(new Set(forbidden.map(({ name }) => name)));
  });
});

const concerns = ({ from, cycle = [] }: Violation, file: string): boolean =>
  from === file || cycle.some(({ name }) => name === file);

async function violationsIn(folder: string): Promise<Violation[]> {
  const { stdout, output } = await run(
    tool('depcruise'),
    ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', '.'],
    { cwd: folder },
  );
  if (stdout === '') throw new Error(`depcruise said no JSON: ${output}`);
  const { summary } = JSON.parse(stdout) as { summary: { violations: Violation[]; totalDependenciesCruised: number } };
  // It finds no dependency at all, silently, with a compiler that it does not know.
  expect(summary.totalDependenciesCruised).toBeGreaterThan(500);
  return summary.violations;
}
