import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, tool } from '../../../scripts/command.ts';
import { type SourceCopy, sourceCopy } from '../../guards/source-copy.ts';

/** What a run must not touch, and one thing that it may. */
const lines = {
  process: 'export const home = process.env.HOME;',
  Buffer: "export const bytes = Buffer.from('');",
  fetch: "export const answer = fetch('http://localhost');",
  setImmediate: 'export const soon = setImmediate;',
  'node:crypto': "export { randomUUID } from 'node:crypto';",
  sleep: "export { sleep } from '@temporalio/workflow';",
};

let copy: SourceCopy;
let output: string;

beforeAll(async () => {
  copy = await sourceCopy();
  await copy.write('workflows/seeded-touch.ts', `${Object.values(lines).join('\n')}\n`);
  ({ output } = await run(tool('tsc'), ['-p', 'workflows', '--noEmit', '--pretty', 'false'], { cwd: copy.folder }));
});

afterAll(() => copy?.remove());

const errorOfLine = (name: string): string | undefined => {
  const line = Object.keys(lines).indexOf(name) + 1;
  return output.split('\n').find((said) => said.startsWith(`workflows/seeded-touch.ts(${line},`));
};

describe('the type check of the workflows', () => {
  it.each(['process', 'Buffer', 'fetch', 'setImmediate', 'node:crypto'])('does not know %s', (name) => {
    expect(errorOfLine(name)).toMatch(new RegExp(`error TS\\d+: Cannot find .*'${name}'`));
  });

  it('knows what the workflow package gives', () => {
    expect(errorOfLine('sleep')).toBeUndefined();
  });
});
