import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../../scripts/command.ts';
import { intrudersIn, keepsState, modulesOf, portableBundle } from '../../../scripts/workflow-bundle.ts';
import { failureConverterPath } from '../../../temporal/codec/data-converter.ts';
import { bundleNow } from '../../../worker/bundle-now.ts';

const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

describe('the workflow bundle', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'showcaller-bundle-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds the workflows, the domain and nothing else of ours but the contract', async () => {
    const { code } = await bundleNow();
    expect(modulesOf(code)).toContain('workflows/live-event/live-event.ts');
    expect(intrudersIn(code)).toEqual([]);
  });

  it('holds how failures are written too, where they are encrypted, and no more', async () => {
    const { code } = await bundleNow(failureConverterPath);
    expect(modulesOf(code)).toContain('temporal/codec/failure-converter.ts');
    expect(intrudersIn(code)).toEqual([]);
  });

  it('is seen to hold what a workflow should not have imported', async () => {
    const workflow = join(folder, 'seeded.ts');
    const imported = JSON.stringify(join(root, 'plan/limits.ts'));
    await writeFile(workflow, `export * from ${imported};\n`);
    const { code } = await bundleWorkflowCode({ workflowsPath: workflow, logger: quiet });
    expect(intrudersIn(code)).toContain('plan/limits.ts');
  });

  it.each([
    ['let last: string | undefined;', true],
    ['export let count = 0;', true],
    ['const seen = new Map<string, number>();', true],
    ['const known: Set<string> = new Set();', true],
    ["const names: ReadonlySet<string> = new Set(['a']);", false],
    ['function f() {\n  let n = 0;\n  return new Map();\n}', false],
  ])('may hold no module that keeps state, which all runs would share: %s', (text, keeps) => {
    expect(keepsState(`import { a } from './a.ts';\n${text}\n`)).toBe(keeps);
  });

  it('cannot be judged without its source map', () => {
    expect(() => modulesOf('var a = 1;')).toThrow('no inline source map');
  });

  it('does not reveal where it was made', async () => {
    const code = await portableBundle();
    const map = Buffer.from(code.slice(code.lastIndexOf('base64,') + 'base64,'.length), 'base64').toString('utf8');
    const betrayals = [code, map].flatMap((text) => text.split('\n')).filter((line) => line.includes(root));
    expect(modulesOf(code)).toContain('workflows/live-event/live-event.ts');
    expect(betrayals).toHaveLength(0);
  });
});
