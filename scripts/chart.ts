import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root, run } from './command.ts';
import { findHelm } from './find-helm.ts';
import { type Manifest, manifestProblems } from './manifests.ts';

export const chartFolder = join(root, 'deploy/helm/showcaller');
/** Helm built by Go takes itself for one of an old cluster. */
const cluster = ['--kube-version', '1.31.0'];

/** The values that are tried: the defaults, and every file in `ci/`. */
export async function valueSets(): Promise<string[][]> {
  const files = (await readdir(join(chartFolder, 'ci'))).sort();
  return [[], ...files.map((file) => ['--values', join(chartFolder, 'ci', file)])];
}

/** @throws Error with Helm's words. */
export async function rendered(helm: string, flags: readonly string[]): Promise<Manifest[]> {
  const { code, stdout, output } = await run(helm, ['template', 'shows', chartFolder, ...cluster, ...flags]);
  if (code !== 0) throw new Error(output);
  const documents = parseAllDocuments(stdout) as { toJS(): Manifest | null }[];
  return documents.map((document) => document.toJS()).filter((manifest) => manifest !== null);
}

/** What is wrong with the chart; nothing, and a line that says so, where there is no Helm to ask. */
export async function chartProblems(): Promise<string[]> {
  const helm = await findHelm({ log: (line) => console.log(`chart: not checked: ${line}`) });
  if (!helm) return [];
  const sets = await valueSets();
  const found = await Promise.all(sets.map((flags) => problemsWith(helm, flags)));
  return found.flat();
}

async function problemsWith(helm: string, flags: readonly string[]): Promise<string[]> {
  const name = flags.at(-1)?.replace(root, '') ?? 'the default values';
  const { code, output } = await run(helm, ['lint', '--strict', '--quiet', ...cluster, ...flags, chartFolder]);
  if (code !== 0) return [`with ${name}: ${output.trim()}`];
  return (await manifestProblems(await rendered(helm, flags))).map((problem) => `with ${name}: ${problem}`);
}
