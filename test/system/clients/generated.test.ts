import { copyFile, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { type ApiHarness, apiHarness } from '../api/api-harness.ts';
import { answerOf, folder, installed, say } from './clients-harness.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const document = join(root, 'docs/openapi.json');

const python = await installed('Python', 'clients-generated-python', ['requirements.txt'], async (target, from) => {
  await say('python3', ['-m', 'venv', target]);
  const requirements = join(from, 'requirements.txt');
  await say(join(target, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--no-input', '-r', requirements]);
});
const typescript = await installed('npm', 'clients-generated-typescript', ['package.json'], async (target, from) => {
  await copyFile(join(from, 'package.json'), join(target, 'package.json'));
  await say('npm', ['install', '--prefix', target, '--no-audit', '--no-fund', '--ignore-scripts']);
});

let api: ApiHarness;
let scratch: string;
const operations: string[] = [];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'showcaller-generated-'));
  const { paths } = JSON.parse(await readFile(document, 'utf8')) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  for (const methods of Object.values(paths))
    for (const one of Object.values(methods)) operations.push(one.operationId);
  api = await apiHarness(fakeVendor().activities);
});
afterAll(async () => {
  await api?.close();
  await rm(scratch, { recursive: true });
});

const input = () => {
  const plan = planFor({ duration: '1h', waits: { firstConnect: '1h' } });
  const { eventId: _, warmUp: __, startLead: ___, ...often } = plan;
  const spec = { cron: '0 20 * * *', timeZone: 'Europe/Berlin' };
  const schedule = { scheduleId: `${plan.eventId}-often`, plan: often, spec, overlap: 'skip' };
  return { url: api.url, token: api.token('admin'), plan, schedule };
};
const outcome = {
  started: true,
  listed: true,
  accepted: true,
  audit: ['stopNow by admin: enough'],
  dates: 5,
  deleted: 204,
  problems: ['eventId', 'vendor'],
};
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

describe('a client that is generated of the document of the API', () => {
  it.skipIf(!python)('in Python has every operation, and runs a show', async () => {
    const client = join(scratch, 'showcaller_client');
    const bin = join(python ?? '', 'bin');
    const flags = ['--path', document, '--output-path', client, '--meta', 'none'];
    const words = await say(join(bin, 'openapi-python-client'), ['generate', ...flags]);
    expect(words).not.toMatch(/will not be generated|Unable to process/);
    const modules = await say('find', [join(client, 'api'), '-name', '*.py', '-not', '-name', '__init__.py']);
    const made = modules
      .trim()
      .split('\n')
      .map((path) => path.replace(/^.*\/(\w+)\.py$/, '$1'));
    expect(made.sort()).toEqual(operations.map(snake).sort());
    await copyFile(join(folder('python-generated'), 'show.py'), join(scratch, 'show.py'));
    expect(await answerOf(join(bin, 'python'), [join(scratch, 'show.py')], input())).toEqual(outcome);
  });

  it.skipIf(!typescript)('in TypeScript has every operation, is checked by its compiler, and runs a show', async () => {
    const modules = join(typescript ?? '', 'node_modules');
    await symlink(modules, join(scratch, 'node_modules'));
    const types = join(scratch, 'schema.d.ts');
    await say(join(modules, '.bin', 'openapi-typescript'), [document, '--output', types]);
    const [, given = ''] = (await readFile(types, 'utf8')).split('export interface operations {');
    const made = [...given.matchAll(/^ {4}"?(\w+)"?: \{$/gm)].map(([, name]) => name);
    expect(made.sort()).toEqual([...operations].sort());
    // The compiler of this repository knows none of what it imports.
    const program = join(scratch, 'show.mts');
    await copyFile(join(folder('typescript-generated'), 'show.mts.txt'), program);
    const types20 = join(root, 'node_modules/@types');
    const how = [
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--types',
      'node',
      '--typeRoots',
      types20,
      '--skipLibCheck',
    ];
    await say(join(modules, '.bin', 'tsc'), ['--strict', '--noEmit', ...how, program]);
    const tsx = join(root, 'node_modules/tsx/dist/loader.mjs');
    expect(await answerOf(process.execPath, ['--import', tsx, program], input())).toEqual(outcome);
  });
});
