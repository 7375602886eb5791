import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const silent = { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error };

/** The workflows of the probe, for whichever Core. */
export async function probeBundle(): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('./workflows.ts', import.meta.url));
  return (await bundleWorkflowCode({ workflowsPath, logger: silent })).code;
}
