import { chartProblems } from './chart.ts';
import { packageProblems } from './check-package.ts';
import { run, tool } from './command.ts';
import { brokenLinks } from './docs-links.ts';
import { filesTooLong } from './file-size.ts';
import { generated } from './generated.ts';
import { drift } from './generated-drift.ts';
import { lockfileProblems } from './lockfile.ts';
import type { Check } from './run-checks.ts';
import { retiredWords } from './words.ts';
import { bundleFaults } from './workflow-bundle.ts';

/** A check that is a program's exit code, with what the program said. */
const command = (name: string, program: string, args: readonly string[]): Check => ({
  name,
  async run() {
    const { code, output } = await run(tool(program), args);
    return code === 0 ? undefined : output;
  },
});

/** A check that finds a list of faults. */
const faults = (name: string, find: () => Promise<string[]>): Check => ({
  name,
  async run() {
    const found = await find();
    return found.length === 0 ? undefined : found.join('\n');
  },
});

/** Longest first, so that none is waited for alone at the end. */
export const checks: readonly Check[] = [
  command('types', 'tsc', ['-p', '.', '--noEmit']),
  faults('package', packageProblems),
  command('board-types', 'tsc', ['-p', 'api/board', '--noEmit']),
  command('workflow-types', 'tsc', ['-p', 'workflows', '--noEmit']),
  command('style', 'biome', ['ci', '--error-on-warnings', '--colors=off', '.']),
  command('imports', 'depcruise', ['--config', '.dependency-cruiser.cjs', '.']),
  command('unused', 'knip', ['--no-progress']),
  command('compose', 'dclint', ['--quiet', 'docker-compose.yml']),
  faults('workflow-bundle', bundleFaults),
  faults('chart', chartProblems),
  faults('lockfile', () => lockfileProblems()),
  faults('generated', () => drift(generated)),
  faults('links', () => brokenLinks()),
  faults('words', () => retiredWords()),
  faults('file-size', () => filesTooLong()),
];
