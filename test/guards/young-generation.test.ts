import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

/** What docs/operations.md says of it must hold wherever a worker is started, and where its cost is measured. */
it.each([
  'Dockerfile',
  'deploy/helm/showcaller/templates/worker.yaml',
  'docs/running.md',
  'docs/deployment.md',
  'docs/operations.md',
  'bench/all.ts',
])('%s starts workers with the same young generation', async (file) => {
  const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
  expect(text.match(/--max-semi-space-size=\S+?(?=[\s`]|$)/g)).toEqual(['--max-semi-space-size=32']);
});
