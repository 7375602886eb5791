import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hangsAfterMs } from '../../support/hangs.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const fifth = fileURLToPath(new URL('../../contract/fifth-vendor/', import.meta.url));
/** What the contract of a vendor needs; the rest of the tree knows no vendor. */
const sources = ['activities', 'certify', 'domain', 'plan', 'simulators', 'test', 'vendors'];
const files = ['package.json', 'tsconfig.json'];
/** How a file of `fifth-vendor/` reaches the root, and how the same file does from its place in the tree. */
const fromHere = '../../../../../';
const fromThere = '../../';

let scratch: string;
let tree: string;
/** The tree as it was copied. */
let original: Map<string, string>;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fifth-vendor-'));
  tree = join(scratch, 'tree');
  await mkdir(tree);
  for (const name of [...sources, ...files]) await cp(join(root, name), join(tree, name), { recursive: true });
  original = await contents();
  await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
  await addVendor();
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

/** The steps of docs/adding-a-vendor.md, in its order. */
async function addVendor(): Promise<void> {
  for (const folder of ['vendors/tiny-live', 'simulators/tiny-live']) {
    await mkdir(join(tree, folder));
    for (const name of await readdir(join(fifth, folder))) {
      const text = await readFile(join(fifth, folder, name), 'utf8');
      await writeFile(join(tree, folder, name), text.replaceAll(fromHere, fromThere));
    }
  }
  await register('vendors/registry.ts', 'tinyLive');
  await register('simulators/registry.ts', 'tinyLiveSimulator');
}

/** The end of the one list that a registry is. */
const endOfList = /(: readonly \w+\[\] = \[[^\]]*?),?(\s*\])/;

async function register(path: string, name: string): Promise<void> {
  const text = await readFile(join(tree, path), 'utf8');
  const listed = text.replace(endOfList, `$1, ${name}$2`);
  expect(listed).not.toBe(text);
  await writeFile(join(tree, path), `import { ${name} } from './tiny-live/index.ts';\n${listed}`);
}

interface Outcome {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

/** Runs these files of the contract for the fifth vendor alone, in the copied tree. */
async function contract(...names: string[]): Promise<{ passed: number; failures: string[] }> {
  const config = join(scratch, 'vitest.config.mjs');
  await writeFile(
    config,
    `export default { test: { root: ${JSON.stringify(tree)}, pool: 'forks', testTimeout: ${hangsAfterMs} } };\n`,
  );
  const report = join(scratch, `${names.join('-')}.json`);
  const args = ['run', '--config', config, '-t', 'tiny-live', '--reporter=json', `--outputFile=${report}`];
  const paths = names.map((name) => `test/contract/${name}.test.ts`);
  await vitest([...args, ...paths]);
  const { numPassedTests, testResults } = JSON.parse(await readFile(report, 'utf8')) as Outcome;
  const failures = testResults.flatMap(({ message, assertionResults }) => [
    ...(message ? [message] : []),
    ...assertionResults.flatMap(({ status, fullName, failureMessages }) =>
      status === 'failed' ? [`${fullName}: ${failureMessages.join(' ')}`] : [],
    ),
  ]);
  return { passed: numPassedTests, failures };
}

/** The runner of its own process; its report says how it ended. */
function vitest(args: string[]): Promise<void> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const main = join(root, 'node_modules/vitest/vitest.mjs');
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { cwd: tree, env }, () => resolve());
  });
}

/** Paths that are no longer what they were when the tree was copied. */
async function changes(): Promise<string[]> {
  const now = await contents();
  const paths = new Set([...original.keys(), ...now.keys()]);
  return [...paths].filter((path) => original.get(path) !== now.get(path)).sort();
}

async function contents(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of files) found.set(name, await readFile(join(tree, name), 'utf8'));
  for (const source of sources) {
    for (const entry of await readdir(join(tree, source), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) found.set(relative(tree, path).split(sep).join('/'), await readFile(path, 'latin1'));
    }
  }
  return found;
}

describe('a fifth vendor', () => {
  it('needs its two folders and a line in each registry, and nothing else', async () => {
    const outside = (await changes()).filter((path) => !/^(vendors|simulators)\/tiny-live\//.test(path));
    expect(outside).toEqual(['simulators/registry.ts', 'vendors/registry.ts']);
  });

  it('is held to the contract by that alone', async () => {
    const { passed, failures } = await contract('show', 'names', 'ingest', 'absence', 'refusals', 'capabilities');
    expect(failures).toEqual([]);
    expect(passed).toBeGreaterThan(25);
  });

  it('fails the contract when it breaks a promise', async () => {
    const path = join(tree, 'vendors/tiny-live/driver.ts');
    const text = await readFile(path, 'utf8');
    const careless = text.replace('if (found.open) await sdk.setOpen(ref.name, false);', '');
    expect(careless).not.toBe(text);
    await writeFile(path, careless);
    const { failures } = await contract('ingest');
    await writeFile(path, text);
    expect(failures).toEqual([expect.stringContaining('stops for good')]);
  });
});
