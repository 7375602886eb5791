import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundleOption } from '@temporalio/worker';

/**
 * Written by `npm run build` beside the compiled worker, so that a worker starts without webpack. Workflow failures are
 * converted inside the bundle, so the failure converter is compiled into it.
 */
export const prebuiltBundles = { plain: 'workflow-bundle.js', encodedFailures: 'workflow-bundle-encoded-failures.js' };

const pathOf = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));
const isPrebuilt = (): boolean => existsSync(pathOf(prebuiltBundles.plain));

/** The prebuilt bundle where there is one, else one made now from the sources. */
export async function workflowBundle(failureConverterPath?: string): Promise<WorkflowBundleOption> {
  if (!isPrebuilt()) return { code: await bundledElsewhere(failureConverterPath) };
  return { codePath: pathOf(failureConverterPath ? prebuiltBundles.encodedFailures : prebuiltBundles.plain) };
}

interface Bundler {
  process: ChildProcess;
  /** Rejects when it has ended, which it does only after it was let go. */
  ended: Promise<never>;
}

let ready: Bundler | undefined;

/** Loads what bundles the workflows, where nothing is prebuilt: for a command whose own imports take as long. */
export function readyBundler(): void {
  if (!isPrebuilt()) ready ??= bundler();
}

/** A process of its own: it takes one core for two seconds, and its caller has more to start. */
function bundler(): Bundler {
  const made = fork(pathOf('bundle-process.ts'), { execArgv: ['--import', import.meta.resolve('tsx')] });
  // A command that ends without a bundle, as for its help, does not wait for it; it ends with the command.
  made.unref();
  made.channel?.unref();
  const ended = endOf(made);
  ended.catch(() => {});
  return { process: made, ended };
}

async function bundledElsewhere(failureConverterPath: string | undefined): Promise<string> {
  const { process: maker, ended } = ready ?? bundler();
  ready = undefined;
  maker.ref();
  maker.channel?.ref();
  try {
    const code = once(maker, 'message').then(([text]) => String(text));
    // One that has ended gives its reason by its end.
    maker.send({ failureConverterPath }, () => {});
    return await Promise.race([code, ended]);
  } finally {
    if (maker.connected) maker.disconnect();
  }
}

/** `once` rejects with the error of a process that could not be started. */
async function endOf(maker: ChildProcess): Promise<never> {
  const [code, signal] = await once(maker, 'exit');
  throw new Error(`bundling the workflows failed: its process ended with ${signal ?? code}, and its output says why`);
}
