import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, tool } from '../../scripts/command.ts';
import { type SourceCopy, sourceCopy } from './source-copy.ts';

const stopping = 'export async function stopEverything(): Promise<void> {}\n';

/** Each file breaks one rule whose loss nothing else would show. */
const spoiled: Readonly<Record<string, { rule: string; text: string }>> = {
  'worker/seeded-floating.ts': {
    rule: 'noFloatingPromises',
    text: 'async function stop(): Promise<void> {}\n\nexport function end(): void {\n  stop();\n}\n',
  },
  'worker/seeded-floating-import.ts': {
    rule: 'noFloatingPromises',
    text: "import { stopEverything } from './seeded-stopping.ts';\n\nexport function end(): void {\n  stopEverything();\n}\n",
  },
  'worker/seeded-misused.ts': {
    rule: 'noMisusedPromises',
    text: 'export const end = (all: number[]) => all.filter(async (one) => one > 1);\n',
  },
  'worker/seeded-any.ts': { rule: 'noExplicitAny', text: 'export const anything = (value: any) => value;\n' },
  'worker/seeded-default.ts': { rule: 'noDefaultExport', text: 'export default 1;\n' },
  'worker/seeded-assertion.ts': {
    rule: 'noNonNullAssertion',
    text: 'export const first = (all: string[]): string => all[0]!;\n',
  },
};

let copy: SourceCopy;
let output: string;
let code: number | null;

beforeAll(async () => {
  copy = await sourceCopy();
  await copy.write('worker/seeded-stopping.ts', stopping);
  await Promise.all(Object.entries(spoiled).map(([file, { text }]) => copy.write(file, text)));
  const files = Object.keys(spoiled);
  // The copy is no repository.
  ({ code, output } = await run(
    tool('biome'),
    ['lint', '--colors=off', '--vcs-enabled=false', '--max-diagnostics=none', ...files],
    { cwd: copy.folder },
  ));
});

afterAll(() => copy?.remove());

describe('the linter', () => {
  it.each(Object.entries(spoiled))('refuses %s', (file, { rule }) => {
    const headings = output.split('\n').filter((line) => line.startsWith(`${file}:`));
    expect(headings.join('\n')).toContain(`/${rule} `);
  });

  it('ends with an error, so that the check fails', () => {
    expect(code).toBe(1);
  });
});
