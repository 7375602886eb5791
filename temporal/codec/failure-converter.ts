import { DefaultFailureConverter } from '@temporalio/common';

// Loaded by `require` without any loader for TypeScript: no types in here.

/** Messages and stacks of failures become payloads, which the codec encrypts; types and categories stay readable. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
