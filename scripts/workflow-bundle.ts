import { relative, sep } from 'node:path';
import { failureConverterPath } from '../temporal/codec/data-converter.ts';
import { bundleNow } from '../worker/bundle.ts';
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

/** What does not belong in the workflows' bundles as they would be made now. */
export async function bundleIntruders(): Promise<string[]> {
  const bundles = await Promise.all([bundleNow(), bundleNow(failureConverterPath)]);
  const intruders = new Set(bundles.flatMap(({ code }) => intrudersIn(code)));
  return [...intruders].map((module) => `${module} must not be in the workflow bundle`);
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
