import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { failureConverterPath } from '../temporal/codec/data-converter.ts';
import { bundleNow } from '../worker/bundle-now.ts';
import { root } from './command.ts';

const mapComment = '//# sourceMappingURL=data:application/json;charset=utf-8;base64,';

/** All that a run may execute: the bundler itself takes in whatever is imported, vendor SDKs included. */
const allowed = [
  /^(workflows|domain)\//,
  /^activities\/contract\.ts$/,
  /^node_modules\/(@temporalio\/(workflow|common)|nexus-rpc|ms|long)\//,
  /^webpack\//,
  /^temporal\/codec\/failure-converter\.(ts|js)$/,
  /^ignored\|.*\|__temporal_custom_(failure|payload)_converter$/,
];

interface SourceMap {
  sources: string[];
  /** The Temporal UI shows it beside a stack. */
  sourcesContent?: string[];
}

/** The workflow bundle, without traces of the machine that made it. */
export async function portableBundle(failureConverterPath?: string): Promise<string> {
  const { code } = await bundleNow(failureConverterPath);
  const { program, map } = partsOf(code);
  const portable: SourceMap = {
    ...map,
    sources: map.sources.map(fromRoot),
    sourcesContent: map.sourcesContent?.map((text) => text.replaceAll(root, '')),
  };
  return `${program}${mapComment}${Buffer.from(JSON.stringify(portable)).toString('base64')}\n`;
}

/** Every module of a bundle, as paths from the project's root. */
export const modulesOf = (code: string): string[] => partsOf(code).map.sources.map(fromRoot);

/** Modules of a bundle that no run may execute. */
export const intrudersIn = (code: string): string[] =>
  modulesOf(code).filter((module) => !allowed.some((pattern) => pattern.test(module)));

const atModuleLevel =
  /^(?:export )?(?:(?:let|var) |const \w+(?:: [^=]+)? = new (?:Map|Set|WeakMap|WeakSet)(?:<.*>)?\(\))/m;
const oursIn = /^(?:workflows|domain|activities)\/.*\.ts$/;
/** They keep nothing of a run. */
const exceptions: ReadonlySet<string> = new Set([
  // Tests replace what happens at a wrong transition, before any run begins.
  'workflows/live-event/transitions.ts',
  // Call stacks by their text, which no run reads.
  'workflows/shared-stacks.ts',
]);

/** Whether a module could keep something between calls. */
export const keepsState = (text: string): boolean => atModuleLevel.test(text);

/** Modules of ours in a bundle that could keep the state of a run, which all runs of a worker would share. */
async function keepersIn(code: string): Promise<string[]> {
  const ours = modulesOf(code).filter((module) => oursIn.test(module) && !exceptions.has(module));
  const texts = await Promise.all(ours.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
  return texts.flatMap(({ path, text }) => (keepsState(text) ? [path] : []));
}

/** What does not belong in the workflows' bundles as they would be made now. */
export async function bundleFaults(): Promise<string[]> {
  const codes = (await Promise.all([bundleNow(), bundleNow(failureConverterPath)])).map(({ code }) => code);
  const intruders = new Set(codes.flatMap(intrudersIn));
  const keepers = new Set((await Promise.all(codes.map(keepersIn))).flat());
  return [
    ...[...intruders].map((module) => `${module} must not be in the workflow bundle`),
    ...[...keepers].map((module) => `${module} keeps state at its top level, which all runs of a worker would share`),
  ];
}

function partsOf(code: string): { program: string; map: SourceMap } {
  const at = code.lastIndexOf(mapComment);
  if (at < 0) throw new Error('the workflow bundle has no inline source map, so its modules cannot be listed');
  const encoded = code.slice(at + mapComment.length).trim();
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as SourceMap;
  if (map.sources.length === 0) throw new Error("the workflow bundle's source map names no module");
  return { program: code.slice(0, at), map };
}

/** A library's place does not count, so that a linked node_modules reads the same. */
const fromRoot = (source: string): string =>
  source
    .split('|')
    .map((part) => {
      const library = part.indexOf('/node_modules/');
      if (library >= 0) return part.slice(library + 1);
      return part.startsWith(root) ? relative(root, part).split(sep).join('/') : part;
    })
    .join('|');
