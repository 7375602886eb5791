import type { WorkflowBundleOption } from '@temporalio/worker';
import { dataConverterFrom } from '../temporal/codec/data-converter.ts';
import { workflowBundle } from '../worker/bundle.ts';

let made: Promise<WorkflowBundleOption> | undefined;

/** The workflows of the stack, bundled once: a command begins with it, because its imports take as long. */
export function stackBundle(): Promise<WorkflowBundleOption> {
  made ??= bundled();
  // It may fail before startStack, which reports it, waits for it.
  made.catch(() => {});
  return made;
}

const bundled = async () => workflowBundle(dataConverterFrom('default').failureConverterPath);
