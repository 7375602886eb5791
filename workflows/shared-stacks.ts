import type { WorkflowInterceptors } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes.js';
import type { Stack } from '@temporalio/workflow/lib/internals.js';

/** By its text: all places of the code at which a run waits. It holds nothing of a run, and no run reads it. */
const known = new Map<string, Stack>();

/**
 * The SDK writes the call stack of each pending promise for each run anew, where all that wait in the same place have the same: a
 * third of what a waiting run keeps in the isolate. So runs share them.
 *
 * @temporalio/worker, lib/workflow/vm-shared.js: `setPromiseHook` writes them, and the queries of stacks read them.
 */
export function interceptors(): WorkflowInterceptors {
  return {
    internals: [
      {
        concludeActivation(input, next) {
          const { promiseToStack } = getActivator().promiseStackStore;
          for (const [promise, stack] of promiseToStack) {
            const shared = known.get(stack.formatted);
            if (shared === undefined) known.set(stack.formatted, stack);
            else if (shared !== stack) promiseToStack.set(promise, shared);
          }
          return next(input);
        },
      },
    ],
  };
}
