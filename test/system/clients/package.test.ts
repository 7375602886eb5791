import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildClientPackage, clientPackage } from '../../../scripts/client-package.ts';
import { root, run, runOrThrow, tool } from '../../../scripts/command.ts';
import { newKeyLine } from '../../../temporal/codec/keys.ts';
import { type TestEnvironment, testEnvironment } from '../../support/environment.ts';
import { fakeVendor, planFor } from '../../support/shows.ts';
import { answerOf } from './clients-harness.ts';

const codec = { SHOWCALLER_CODEC_KEYS: newKeyLine('test') };
const fake = fakeVendor();

let scratch: string;
let tarball: string;
/** Where nothing was installed before. */
let caller: string;
let env: TestEnvironment;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'showcaller-client-'));
  caller = join(scratch, 'caller');
  const built = join(scratch, 'package');
  await buildClientPackage(built);
  const packed = await runOrThrow('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: built });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  tarball = join(scratch, filename);
  await mkdir(caller);
  await writeFile(join(caller, 'package.json'), '{ "private": true }');
  const flags = ['--engine-strict', '--no-audit', '--no-fund', '--prefer-offline'];
  await runOrThrow('npm', ['install', ...flags, tarball], { cwd: caller });
  env = await testEnvironment({ env: codec });
  await env.work(fake.activities);
});
afterAll(async () => {
  await env?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** A show from its start to its stop, as a service that embeds the client would have it. */
const body = `
async function show({ address, namespace, taskQueue, plan }: Input) {
  const connection = await Connection.connect({ address });
  const dataConverter = dataConverterFrom(namespace);
  const client = new Client({ connection, namespace, dataConverter });
  const showcaller = new ShowcallerClient(client, { taskQueue });
  const problems = await showcaller.start({ vendor: 'none' }).catch((error: unknown) => {
    if (error instanceof InvalidPlanError) return error.problems.map(({ path }) => path);
    throw error;
  });
  const { eventId } = await showcaller.start(plan);
  await showcaller.cancel(eventId);
  const report: EventStatus = await showcaller.result(eventId);
  await connection.close();
  return { problems, endReason: report.endReason, required: Object.keys(schema.properties).includes('vendor') };
}
interface Input { address: string; namespace: string; taskQueue: string; plan: Plan }
let input = '';
process.stdin.on('data', (text) => { input += String(text); });
process.stdin.on('end', () => {
  show(JSON.parse(input)).then((answer) => console.log(JSON.stringify(answer)));
});
`;
const modules = {
  mts: `
import { Client, Connection } from '@temporalio/client';
import { type EventStatus, InvalidPlanError, type Plan, ShowcallerClient } from '${clientPackage}';
import { dataConverterFrom } from '${clientPackage}/codec';
import schema from '${clientPackage}/plan.schema.json' with { type: 'json' };
`,
  cts: `
import { Client, Connection } from '@temporalio/client';
import client = require('${clientPackage}');
import codec = require('${clientPackage}/codec');
import schema = require('${clientPackage}/plan.schema.json');
const { InvalidPlanError, ShowcallerClient } = client;
const { dataConverterFrom } = codec;
type EventStatus = client.EventStatus;
type Plan = client.Plan;
`,
};

describe('the package of the client', () => {
  it('has types that are right for import and for require', async () => {
    const data = createPackageFromTarballData(new Uint8Array(await readFile(tarball)));
    const analysis = await checkPackage(data, { entrypoints: ['.', './codec'] });
    // The resolution before Node 12 knows no exports: this Node and its tools do.
    const problems = (analysis.types ? analysis.problems : ['has no types']).filter(
      (one) => !(typeof one === 'object' && 'resolutionKind' in one && one.resolutionKind === 'node10'),
    );
    expect(problems).toEqual([]);
  });

  it('brings neither the worker nor the SDK of a vendor, and nothing of a server', async () => {
    const names = await installed(join(caller, 'node_modules'));
    const whole = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { dependencies: object };
    const expected = ['@grpc/grpc-js', '@temporalio/client', '@temporalio/common', 'protobufjs', 'zod'];
    expect(Object.keys(whole.dependencies).filter((name) => names.includes(name))).toEqual(expected);
    const unwanted =
      /^(@temporalio\/(worker|core-bridge|workflow|activity)|@aws-sdk\/|@smithy\/|@azure\/|ali-oss|@volcengine\/)/;
    expect(names.filter((name) => unwanted.test(name))).toEqual([]);
  });

  it('has the schemas and the examples', async () => {
    const folder = join(caller, 'node_modules', clientPackage);
    const names = await readdir(folder);
    expect(names).toEqual(expect.arrayContaining(['plan.schema.json', 'openapi.json', 'LICENSE', 'README.md']));
    const examples = (await readdir(join(root, 'examples'))).filter((name) => name.endsWith('.json'));
    expect(await readdir(join(folder, 'examples'))).toEqual(examples.sort());
  });

  it('compiles for import and for require', async () => {
    for (const kind of ['mts', 'cts'] as const) await writeFile(join(caller, `show.${kind}`), modules[kind] + body);
    const options = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--resolveJsonModule'];
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const files = ['show.mts', 'show.cts'];
    const { output } = await run(tool('tsc'), ['--ignoreConfig', ...options, ...types, ...files], { cwd: caller });
    const problems = output.split('\n').filter((line) => /error TS/.test(line));
    // Temporal's declarations need those of a package that it does not bring.
    expect(problems.filter((line) => !line.startsWith('node_modules/@temporalio/'))).toEqual([]);
  });

  it.each(['mjs', 'cjs'] as const)('runs a show, encrypted, in a .%s', async (kind) => {
    const { address, namespace, taskQueue } = env;
    const plan = planFor({ duration: '1h', waits: { firstConnect: '1h' } });
    const keys = Object.entries(codec).map(([name, value]) => `${name}=${value}`);
    const args = [...keys, process.execPath, join(caller, `show.${kind}`)];
    expect(await answerOf('env', args, { address, namespace, taskQueue, plan })).toEqual({
      problems: expect.arrayContaining(['eventId', 'vendor']),
      endReason: 'cancelled',
      required: true,
    });
  });
});

/** The names of all packages in a folder of modules. */
async function installed(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const scoped = names.map(async (name) =>
    name.startsWith('@') ? (await readdir(join(folder, name))).map((each) => `${name}/${each}`) : [name],
  );
  return (await Promise.all(scoped)).flat();
}
