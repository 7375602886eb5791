import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BundleOptions, bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

/**
 * Written by `npm run build` beside the compiled worker, so that a worker starts without webpack. Workflow failures are
 * converted inside the bundle, so the failure converter is compiled into it.
 */
export const prebuiltBundles = { plain: 'workflow-bundle.js', encodedFailures: 'workflow-bundle-encoded-failures.js' };

const source = (name: string): string => {
  const compiled = fileURLToPath(new URL(`../workflows/${name}.js`, import.meta.url));
  return existsSync(compiled) ? compiled : fileURLToPath(new URL(`../workflows/${name}.ts`, import.meta.url));
};
const interceptors = source('before-its-task');

/** The prebuilt bundle where there is one, else one made now from the sources. */
export async function workflowBundle(failureConverterPath?: string): Promise<WorkflowBundleOption> {
  const name = failureConverterPath ? prebuiltBundles.encodedFailures : prebuiltBundles.plain;
  const codePath = fileURLToPath(new URL(`./${name}`, import.meta.url));
  return existsSync(codePath) ? { codePath } : bundleNow(failureConverterPath);
}

/** @param workflowsPath the module that exports the workflows; default: those of the package */
export const bundleNow = (failureConverterPath?: string, workflowsPath = source('index')): Promise<{ code: string }> =>
  bundleWorkflowCode({
    ...(failureConverterPath && { failureConverterPath }),
    workflowsPath,
    workflowInterceptorModules: [interceptors],
    // Otherwise each cached run keeps modules of its own. The check of the bundle refuses a module that keeps state.
    preloadModules: ['@temporalio/workflow', workflowsPath, interceptors],
    webpackConfigHook: forThisEngine,
    logger: { log: noop, trace: noop, debug: noop, info: noop, warn: console.warn, error: console.error },
  });

/** The SDK compiles for an engine of 2017, with helpers in each module where the language has the syntax since. */
function forThisEngine(config: WebpackConfiguration): WebpackConfiguration {
  const rules = config.module?.rules?.map((rule) => {
    if (!isTypeScriptRule(rule)) return rule;
    const { use } = rule;
    return { ...rule, use: { ...use, options: { ...use.options, jsc: { ...use.options.jsc, target: 'es2022' } } } };
  });
  return { ...config, ...(rules && { module: { ...config.module, rules } }) };
}

type WebpackConfiguration = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

interface TypeScriptRule {
  test: RegExp;
  use: { options: { jsc: object } };
}

const isTypeScriptRule = (rule: unknown): rule is TypeScriptRule =>
  typeof rule === 'object' && rule !== null && 'test' in rule && rule.test instanceof RegExp && rule.test.test('a.ts');

function noop(): void {}
