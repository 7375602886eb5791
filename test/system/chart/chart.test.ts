import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartFolder, rendered, valueSets } from '../../../scripts/chart.ts';
import { root } from '../../../scripts/command.ts';
import { findHelm } from '../../../scripts/find-helm.ts';
import { manifestProblems } from '../../../scripts/manifests.ts';

const helm = await findHelm({ get: false, log: (line) => console.warn(`the chart is not tested: ${line}`) });
const sets = (await valueSets()).map((flags) => ({ flags, name: basename(flags.at(-1) ?? 'the default values') }));
const template = (...flags: string[]) => rendered(helm ?? '', flags);
const setting = (...values: string[]) => template(...values.flatMap((value) => ['--set', value]));

describe.skipIf(!helm)('the chart', () => {
  it.each(sets)('gives a cluster what it can work with, with $name', async ({ flags }) => {
    expect(await manifestProblems(await template(...flags))).toEqual([]);
  });

  it('gives the alert rules as they are', async () => {
    const manifests = await setting('prometheusRule.enabled=true');
    const rule = manifests.find(({ kind }) => kind === 'PrometheusRule');
    expect(rule?.spec).toEqual(parse(readFileSync(join(root, 'deploy/prometheus/rules.yml'), 'utf8')));
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
    const flags = sets.find(({ name }) => name === 'everything-values.yaml')?.flags ?? [];
    const closed = policies(await template(...flags));
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
      ([, name]) => !/^(existingSecret|tlsSecret|imagePullSecrets|key|tokens|apiToken|codecKeys)$/.test(name ?? ''),
    );
    expect(named.map(([line]) => line)).toEqual([]);
  });
});

interface EgressSpec {
  policyTypes: string[];
  egress: { ports: { port: number }[]; to?: { ipBlock?: { except?: string[] } }[] }[];
}
