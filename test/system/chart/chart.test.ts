import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type SettingMeta, settingsOf } from '../../../domain/configuration/settings.ts';
import { chartFolder, rendered, valueSets } from '../../../scripts/chart.ts';
import { root } from '../../../scripts/command.ts';
import { findHelm } from '../../../scripts/find-helm.ts';
import { manifestProblems } from '../../../scripts/manifests.ts';
import { readConfigFile } from '../../../vendors/config.ts';
import { scratchDir } from '../../support/scratch.ts';
import { settingsSchemas } from '../../support/settings-schemas.ts';
import { promtool } from '../metrics/promtool.ts';

const helm = await findHelm({ get: false, log: (line) => console.warn(`the chart is not tested: ${line}`) });
const sets = (await valueSets()).map((flags) => ({ flags, name: basename(flags.at(-1) ?? 'the default values') }));
const template = (...flags: string[]) => rendered(helm ?? '', flags);
const setting = (...values: string[]) => template(...values.flatMap((value) => ['--set', value]));

const everything = sets.find(({ name }) => name === 'everything-values.yaml')?.flags ?? [];

/** Settings that no value of the chart sets, and why. */
const notForTheChart = {
  '--no-auth': 'an API in a cluster is not on loopback',
  FFMPEG: 'the image has one',
  SHOWCALLER_PACE: 'for rehearsals on one machine',
};
/** Read by Temporal's own library, so that no schema of ours has them. */
const ofTemporal = [
  ...['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY', 'TEMPORAL_TLS', 'TEMPORAL_TLS_SERVER_NAME'],
  ...['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH', 'TEMPORAL_TLS_SERVER_CA_CERT_PATH'],
];
const ofCodec = ['SHOWCALLER_CODEC_KEYS_FILE', 'SHOWCALLER_CODEC_REQUIRED'];

interface Rules {
  groups: { name: string; rules: { alert: string; annotations: Record<string, string> }[] }[];
}

async function rulesWith(...flags: string[]): Promise<Rules['groups']> {
  const rule = (await template(...flags)).find(({ kind }) => kind === 'PrometheusRule');
  return (rule?.spec as Rules | undefined)?.groups ?? [];
}

describe.skipIf(!helm)('the chart', () => {
  it.each(sets)('gives a cluster what it can work with, with $name', async ({ flags }) => {
    expect(await manifestProblems(await template(...flags))).toEqual([]);
  });

  it('can do all that the configuration can', async () => {
    const manifests = await template(...everything);
    const containers = manifests.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);
    const isGiven = ({ variable = '', flag = '' }: SettingMeta) =>
      containers.some(({ env = [], args = [] }) => env.some(({ name }) => name === variable) || args.includes(flag));
    const missing = Object.values(settingsSchemas).flatMap((schema) =>
      settingsOf(schema).flatMap(([, meta]) => (isGiven(meta) ? [] : (meta.variable ?? meta.flag ?? ''))),
    );
    expect([...new Set(missing)].sort()).toEqual(Object.keys(notForTheChart).sort());
    const variables = containers.flatMap(({ env = [] }) => env.map(({ name }) => name));
    expect(variables).toEqual(expect.arrayContaining([...ofTemporal, ...ofCodec]));
  });

  it('gives each process the sections of the configuration file that it reads, and accounts only with their secrets', async () => {
    const sectionsFor = async (...values: string[]) => {
      const manifests = await template(...everything, ...values.flatMap((value) => ['--set', value]));
      const { data = {} } = manifests.find(({ kind }) => kind === 'ConfigMap') as { data?: Record<string, string> };
      const containers = manifests.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);
      return Object.fromEntries(
        containers.map(({ name, env = [] }) => {
          const path = env.find((one) => one.name === 'SHOWCALLER_CONFIG')?.value;
          const text = data[basename(path ?? '')] ?? '{}';
          const read = readConfigFile({ env: { SHOWCALLER_CONFIG: path }, readFile: () => text });
          return [name, read.ok && Object.keys(read.value)];
        }),
      );
    };
    const sections = ['booking', 'tenants', 'webhooks'];
    const whole = ['accounts', ...sections];
    expect(await sectionsFor()).toEqual({ worker: whole, api: whole, setup: whole, 'codec-server': [] });
    expect(await sectionsFor('api.vendorAccounts=false')).toMatchObject({ worker: whole, api: sections });
  });

  it('gives the alert rules, whose links lead where the docs are', async () => {
    const groups = await rulesWith(...everything);
    const given = parse(readFileSync(join(root, 'deploy/prometheus/rules.yml'), 'utf8')) as Rules;
    const withLinks = given.groups.map(({ name, rules }) => ({
      name,
      rules: rules.map(({ annotations: { runbook_url: page, ...annotations }, ...rule }) => ({
        ...rule,
        annotations: { ...annotations, runbook_url: `https://git.example.com/media/showcaller/blob/main/${page}` },
      })),
    }));
    expect(groups).toEqual(withLinks);
    const withoutBase = await rulesWith('--set', 'prometheusRule.enabled=true');
    const annotations = withoutBase.flatMap(({ rules }) => rules.map((rule) => rule.annotations));
    expect(annotations.filter(({ runbook_url: link }) => link !== undefined)).toEqual([]);
    expect(annotations.every(({ runbook }) => runbook?.startsWith('docs/'))).toBe(true);
  });

  it('alerts of nothing where nothing is wrong, with the values of the docs', async (context) => {
    const check = await promtool();
    if (!check) return context.skip('there is no promtool');
    const folder = await scratchDir();
    const [, example = ''] =
      /```yaml\n(# our-values\.yaml\n[^`]*)```/.exec(readFileSync('docs/deployment.md', 'utf8')) ?? [];
    await writeFile(join(folder, 'our-values.yaml'), example);
    const groups = await rulesWith('--values', join(folder, 'our-values.yaml'));
    const all = await rulesWith(...everything);
    const alerts = all.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect(alerts.length).toBeGreaterThan(15);
    await writeFile(join(folder, 'rules.yml'), JSON.stringify({ groups }));
    const silent = alerts.map((alertname) => ({ eval_time: '3h', alertname, exp_alerts: [] }));
    const tests = [
      { interval: '1m', input_series: [{ series: 'up{job="worker"}', values: '1x180' }], alert_rule_test: silent },
    ];
    const file = join(folder, 'rules.test.yml');
    await writeFile(file, JSON.stringify({ rule_files: ['rules.yml'], tests }));
    expect(await check(['test', 'rules', file])).toMatchObject({ code: 0 });
    // The rule about absent metrics is there where the API's metrics are read, and is seen to fire here.
    await writeFile(join(folder, 'rules.yml'), JSON.stringify({ groups: all }));
    expect((await check(['test', 'rules', file])).output).toMatch(/alertname: ?ShowcallerUnseen/);
  });

  it('keeps to the rate of a vendor, however many workers share it', async () => {
    const manifests = await setting('worker.replicas=4');
    const containers = manifests.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);
    const args = containers.find(({ name }) => name === 'worker')?.args ?? [];
    expect(args[args.indexOf('--rate-share') + 1]).toBe('0.25');
  });

  it.each([
    ['a value that there is none of', ['worker.replica=3'], 'replica'],
    ['less time than a worker needs to end', ['worker.terminationGracePeriodSeconds=30'], 'minimum'],
    [
      'simulators for many workers',
      ['simulators.enabled=true', 'accounts.existingSecret='],
      'set worker.replicas to 1',
    ],
    ['real accounts beside simulators', ['simulators.enabled=true', 'worker.replicas=1'], 'accounts.existingSecret'],
    ['a codec server without keys', ['codecServer.enabled=true'], 'codecKeys.existingSecret'],
    ['an API without tokens', ['api.tokens.existingSecret='], 'no tokens configured'],
    ['secrets of subscribers that nothing holds', ['config.webhooks.ops.default=true'], 'webhooks.existingSecret'],
    ['a proxy with a password', ['network.proxy=http://me:secret@proxy:3128'], 'pattern'],
    ['a section that there is none of', ['config.webhook.ops.default=true'], 'webhook'],
    ['encryption without keys', ['codecKeys.required=true'], 'codecKeys.existingSecret'],
    ['a build without a deployment', ['worker.deployment.buildId=v1'], 'set both, or neither'],
    ['a deployment name that Temporal refuses', ['worker.deployment.name=a.b'], 'pattern'],
  ])('refuses %s', async (_what, values, why) => {
    await expect(setting(...values)).rejects.toThrow(why);
  });

  it('names the image by its digest where there is one', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const manifests = await setting('image.tag=1.2.3', `image.digest=${digest}`);
    const images = manifests.flatMap(({ spec }) => spec?.template?.spec.containers ?? []).map(({ image }) => image);
    expect(new Set(images)).toEqual(new Set([`showcaller:1.2.3@${digest}`]));
    await expect(setting('image.digest=latest')).rejects.toThrow('digest');
  });

  it('leaves outgoing connections alone, or allows DNS, Temporal, public addresses and what is named', async () => {
    const policies = (manifests: Awaited<ReturnType<typeof template>>) =>
      manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec as EgressSpec);
    const open = policies(await setting('networkPolicy.enabled=true'));
    expect(open.map(({ policyTypes }) => policyTypes)).toEqual(open.map(() => ['Ingress']));
    const closed = policies(await template(...everything));
    const rules = closed.map(({ egress }) => egress.map(({ ports }) => ports[0]?.port));
    expect(rules).toEqual([[53, 7233, 443, 4318], [53, 7233, 443, 4318], [], [53, 7233, 443, 4318]]);
    const except = closed[0]?.egress[2]?.to?.[0]?.ipBlock?.except ?? [];
    expect(except).toEqual(
      expect.arrayContaining([
        '10.0.0.0/8',
        '168.63.129.16/32',
        '169.254.0.0/16',
        '172.16.0.0/12',
        '192.0.0.0/24',
        '192.168.0.0/16',
      ]),
    );
  });

  it('takes no secret as a value', () => {
    const values = readFileSync(join(chartFolder, 'values.yaml'), 'utf8');
    const fields = [...values.matchAll(/^\s*(\w*(?:secret|password|token|key)\w*):\s*(.*)$/gim)];
    const named = fields.filter(
      ([, name]) =>
        !/^(existingSecret|tlsSecret|imagePullSecrets|key|tokens|apiToken|codecKeys|apiKey|(client|ca)Secret|caKey|secret)$/.test(
          name ?? '',
        ),
    );
    expect(named.map(([line]) => line)).toEqual([]);
  });
});

interface EgressSpec {
  policyTypes: string[];
  egress: { ports: { port: number }[]; to?: { ipBlock?: { except?: string[] } }[] }[];
}
