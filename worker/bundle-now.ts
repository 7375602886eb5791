import { fileURLToPath } from 'node:url';
import type { BundleOptions } from '@temporalio/worker';
// Not by the package's own name, which loads a worker and its native part too.
import { bundleWorkflowCode } from '@temporalio/worker/lib/workflow/bundler.js';

const source = (name: string): string => fileURLToPath(new URL(`../workflows/${name}.ts`, import.meta.url));
const interceptors = [source('before-its-task'), source('shared-stacks')];

/** @param workflowsPath the module that exports the workflows; default: those of the package */
export const bundleNow = (failureConverterPath?: string, workflowsPath = source('index')): Promise<{ code: string }> =>
  bundleWorkflowCode({
    ...(failureConverterPath && { failureConverterPath }),
    workflowsPath,
    workflowInterceptorModules: interceptors,
    // Otherwise each cached run keeps modules of its own. The check of the bundle refuses a module that keeps state.
    preloadModules: ['@temporalio/workflow', workflowsPath, ...interceptors],
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
