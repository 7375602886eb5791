import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

/**
 * Written by `npm run build` beside the compiled worker, so that a worker starts without webpack. Workflow failures are
 * converted inside the bundle, so the failure converter is compiled into it.
 */
export const prebuiltBundles = { plain: 'workflow-bundle.js', encodedFailures: 'workflow-bundle-encoded-failures.js' };

const source = (): string => {
  const compiled = fileURLToPath(new URL('../workflows/index.js', import.meta.url));
  return existsSync(compiled) ? compiled : fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
};

/** The prebuilt bundle where there is one, else one made now from the sources. */
export async function workflowBundle(failureConverterPath?: string): Promise<WorkflowBundleOption> {
  const name = failureConverterPath ? prebuiltBundles.encodedFailures : prebuiltBundles.plain;
  const codePath = fileURLToPath(new URL(`./${name}`, import.meta.url));
  return existsSync(codePath) ? { codePath } : bundleNow(failureConverterPath);
}

/** @param workflowsPath the module that exports the workflows; default: those of the package */
export const bundleNow = (failureConverterPath?: string, workflowsPath = source()): Promise<{ code: string }> =>
  bundleWorkflowCode({
    ...(failureConverterPath && { failureConverterPath }),
    workflowsPath,
    logger: { log: noop, trace: noop, debug: noop, info: noop, warn: console.warn, error: console.error },
  });

function noop(): void {}
