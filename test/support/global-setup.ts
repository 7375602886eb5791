import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startEmbeddedServer } from '../../temporal/dev-server/embedded-server.ts';
import { bundleNow } from '../../worker/bundle.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    temporalNamespace: string;
    workflowCode: string;
  }
}

const strictWorkflows = fileURLToPath(new URL('./strict-workflows.ts', import.meta.url));

/** One real Temporal server and one workflow bundle for all test files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [server, bundle] = await Promise.all([
    startEmbeddedServer({
      log: (line) => process.stderr.write(`${line}\n`),
      searchAttributes: Object.values(searchAttributes),
    }),
    bundleNow(undefined, strictWorkflows),
  ]);
  project.provide('temporalAddress', server.address);
  project.provide('temporalNamespace', server.namespace);
  project.provide('workflowCode', bundle.code);
  return () => server.stop();
}
