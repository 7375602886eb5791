import { describe, expect, it } from 'vitest';
import { type Manifest, manifestProblems } from '../../scripts/manifests.ts';

const labels = { 'app.kubernetes.io/component': 'worker' };

/** A worker as it should be, and all that leads to it. */
const sound = () => ({
  deployment: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a-worker', labels },
    spec: {
      selector: { matchLabels: { ...labels } },
      template: {
        metadata: { labels: { ...labels } },
        spec: {
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
          terminationGracePeriodSeconds: 60,
          topologySpreadConstraints: [{}],
          containers: [
            {
              name: 'worker',
              image: 'showcaller:1.0.0',
              args: ['worker', '--health-port', '8081'],
              env: [{ name: 'SHOWCALLER_API_TOKENS_FILE', value: '/tokens' }],
              envFrom: [{ secretRef: { name: 'accounts' } }],
              ports: [{ name: 'metrics', containerPort: 9464 }],
              resources: { requests: {}, limits: { memory: '1Gi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'accounts', mountPath: '/etc/accounts' }],
              startupProbe: { httpGet: { port: 'metrics' } },
              livenessProbe: {},
              readinessProbe: {},
            },
          ],
          volumes: [{ name: 'accounts', configMap: { name: 'accounts' } }],
        },
      },
    },
  },
  map: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'accounts' } },
  service: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a-worker', labels },
    spec: { selector: { ...labels }, ports: [{ name: 'metrics', targetPort: 'metrics' }] },
  },
  monitor: {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'a-worker' },
    spec: { selector: { matchLabels: labels }, endpoints: [{ port: 'metrics' }] },
  },
  ingress: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'a-worker' },
    spec: { rules: [{ http: { paths: [{ backend: { service: { name: 'a-worker', port: { name: 'metrics' } } } }] } }] },
  },
  budget: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'a-worker' },
    spec: { selector: { matchLabels: { ...labels } } },
  },
});

type Set = ReturnType<typeof sound>;
type Step = (set: Set) => unknown;

const problemsAfter = (spoil: Step) => {
  const set = sound();
  spoil(set);
  return manifestProblems(Object.values(set) as unknown as Manifest[]);
};

const pod = ({ deployment }: Set) => deployment.spec.template.spec;
const first = (set: Set) => {
  const [container] = pod(set).containers;
  if (!container) throw new Error('no container');
  return container;
};

describe('the check of what a cluster is given', () => {
  it('finds nothing wrong with what is as it should be', async () => {
    expect(await problemsAfter(() => {})).toEqual([]);
  });

  const seeds: [string, Step][] = [
    ['may run as root', (set) => Object.assign(pod(set).securityContext, { runAsUser: 0 })],
    ['any system call', (set) => Object.assign(pod(set).securityContext, { seccompProfile: undefined })],
    ['the token of its service account', (set) => Object.assign(pod(set), { automountServiceAccountToken: undefined })],
    ['on one node', (set) => pod(set).topologySpreadConstraints.pop()],
    ['killed before it can end', (set) => Object.assign(pod(set), { terminationGracePeriodSeconds: 45 })],
    ['mounts what is no volume', (set) => pod(set).volumes.pop()],
    ['a ConfigMap that is not there', (set) => Object.assign(set.map.metadata, { name: 'others' })],
    ['an image without a version', (set) => Object.assign(first(set), { image: 'showcaller' })],
    ['may gain rights', (set) => Object.assign(first(set).securityContext, { allowPrivilegeEscalation: true })],
    ['may change its image', (set) => Object.assign(first(set).securityContext, { readOnlyRootFilesystem: undefined })],
    ['has capabilities', (set) => first(set).securityContext.capabilities.drop.pop()],
    ['no bounds to its memory', (set) => Object.assign(first(set).resources, { limits: {} })],
    ['not asked whether it is well', (set) => Object.assign(first(set), { readinessProbe: undefined })],
    ['a port that it has not', (set) => Object.assign(first(set).startupProbe.httpGet, { port: 'health' })],
    ['a secret in its environment', (set) => first(set).env.push({ name: 'TEMPORAL_API_KEY', value: 'abc' })],
    ['reads variables from nothing', (set) => first(set).envFrom.push({ secretRef: { name: '' } })],
    ['run wrongly: error: unknown option', (set) => first(set).args.push('--fast')],
    ['no arguments', (set) => first(set).args.splice(0)],
    ['no DNS label', (set) => Object.assign(set.budget.metadata, { name: 'A_worker' })],
    ['secrets are made elsewhere', (set) => Object.assign(set.map, { kind: 'Secret' })],
    ['selects 0 kinds of pods', (set) => Object.assign(set.budget.spec.selector.matchLabels, { more: 'x' })],
    ['sends to a port', (set) => first(set).ports.splice(0, 1, { name: 'other', containerPort: 1 })],
    ['watches a port', (set) => Object.assign(set.monitor.spec, { endpoints: [{ port: 'http' }] })],
    ['leads to a service', (set) => Object.assign(set.service.metadata, { name: 'b-worker' })],
  ];

  it.each(seeds)('says: %s', async (fault, spoil) => {
    expect((await problemsAfter(spoil)).join('\n')).toContain(fault);
  });
});
