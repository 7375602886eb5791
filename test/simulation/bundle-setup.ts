import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { bundleNow } from '../../worker/bundle-now.ts';

declare module 'vitest' {
  interface ProvidedContext {
    workflowCode: string;
  }
}

const strictWorkflows = fileURLToPath(new URL('../support/strict-workflows.ts', import.meta.url));

/** One workflow bundle for all files of tests. */
export async function setup(project: TestProject): Promise<void> {
  project.provide('workflowCode', (await bundleNow(undefined, strictWorkflows)).code);
}
