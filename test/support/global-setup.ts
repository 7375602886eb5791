import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { buildPackage } from '../../scripts/build-package.ts';
import { root } from '../../scripts/command.ts';
import { startEmbeddedServer } from '../../temporal/dev-server/embedded-server.ts';
import { bundleNow } from '../../worker/bundle-now.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    temporalNamespace: string;
    workflowCode: string;
    /** The file of the command as it is shipped. */
    builtCommand: string;
  }
}

const strictWorkflows = fileURLToPath(new URL('./strict-workflows.ts', import.meta.url));

const outDir = join(root, 'dist');

/** One real Temporal server, one workflow bundle and one build of the command for all test files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [server, bundle] = await Promise.all([
    startEmbeddedServer({
      log: (line) => process.stderr.write(`${line}\n`),
      searchAttributes: Object.values(searchAttributes),
    }),
    bundleNow(undefined, strictWorkflows),
    buildPackage({ outDir, checkTypes: false }),
  ]);
  project.provide('temporalAddress', server.address);
  project.provide('temporalNamespace', server.namespace);
  project.provide('workflowCode', bundle.code);
  project.provide('builtCommand', join(outDir, 'cli/main.js'));
  return () => server.stop();
}
