import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

/** Written by `npm run build` beside the compiled worker, so that a worker starts without webpack. */
const prebuiltBundlePath = fileURLToPath(new URL('./workflow-bundle.js', import.meta.url));

const source = (): string => {
  const compiled = fileURLToPath(new URL('../workflows/index.js', import.meta.url));
  return existsSync(compiled) ? compiled : fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
};

/** The prebuilt bundle where there is one, else one made now from the sources. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  return existsSync(prebuiltBundlePath) ? { codePath: prebuiltBundlePath } : bundleNow();
}

export const bundleNow = (): Promise<{ code: string }> =>
  bundleWorkflowCode({
    workflowsPath: source(),
    logger: { log: noop, trace: noop, debug: noop, info: noop, warn: console.warn, error: console.error },
  });

function noop(): void {}
