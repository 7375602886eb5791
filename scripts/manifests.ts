import { endsWithinMs } from '../worker/ending.ts';
import { complaintAbout } from './command-lines.ts';

type Labels = Record<string, string>;

interface Probe {
  httpGet?: { port: string };
}

interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
  envFrom?: { secretRef?: { name?: string }; configMapRef?: { name?: string } }[];
  ports?: { name: string; containerPort: number }[];
  resources?: { requests?: object; limits?: { memory?: string } };
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[] };
  };
  volumeMounts?: { name: string; mountPath: string }[];
  restartPolicy?: string;
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
}

interface Pod {
  metadata: { labels: Labels };
  spec: {
    automountServiceAccountToken?: boolean;
    serviceAccountName?: string;
    securityContext?: { runAsNonRoot?: boolean; runAsUser?: number; seccompProfile?: { type: string } };
    terminationGracePeriodSeconds?: number;
    topologySpreadConstraints?: unknown[];
    containers: Container[];
    initContainers?: Container[];
    volumes?: { name: string; configMap?: { name: string } }[];
  };
}

/** As much of a Kubernetes object as is looked at here. */
export interface Manifest {
  kind: string;
  apiVersion: string;
  metadata: { name: string; labels?: Labels };
  spec?: {
    template?: Pod;
    selector?: { matchLabels?: Labels } & Labels;
    podSelector?: { matchLabels: Labels };
    ports?: { name: string; targetPort: string }[];
    endpoints?: { port: string }[];
    rules?: { http: { paths: { backend: { service: { name: string; port: { name: string } } } }[] } }[];
  };
}

const workerNeedsSeconds = endsWithinMs / 1000;

/** What would go wrong with these objects in a cluster, though each of them alone is well formed. */
export async function manifestProblems(manifests: readonly Manifest[]): Promise<string[]> {
  const problems = manifests.flatMap((manifest) => [...nameProblems(manifest), ...podProblems(manifest, manifests)]);
  const commands = await Promise.all(manifests.map(commandProblems));
  return [...problems, ...commands.flat(), ...manifests.flatMap((manifest) => linkProblems(manifest, manifests))];
}

const title = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name}`;

function nameProblems(manifest: Manifest): string[] {
  const { kind, metadata } = manifest;
  const found: string[] = [];
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(metadata.name)) found.push(`${title(manifest)}: no DNS label`);
  if (kind === 'Secret') found.push(`${title(manifest)}: secrets are made elsewhere`);
  return found;
}

const containersOf = ({ spec }: Pod): Container[] => [...(spec.initContainers ?? []), ...spec.containers];

function podProblems(manifest: Manifest, all: readonly Manifest[]): string[] {
  const pod = manifest.spec?.template;
  if (!pod) return [];
  const { spec } = pod;
  const serves = manifest.kind === 'Deployment';
  const component = pod.metadata.labels['app.kubernetes.io/component'];
  const checks: [boolean, string][] = [
    [spec.securityContext?.runAsNonRoot === true && (spec.securityContext.runAsUser ?? 0) > 0, 'may run as root'],
    [spec.securityContext?.seccompProfile?.type === 'RuntimeDefault', 'any system call is allowed'],
    [spec.automountServiceAccountToken === false, 'is given the token of its service account'],
    [!serves || (spec.topologySpreadConstraints?.length ?? 0) > 0, 'all of it may land on one node'],
    [
      component !== 'worker' || (spec.terminationGracePeriodSeconds ?? 30) > workerNeedsSeconds,
      `is killed before it can end: it may take ${workerNeedsSeconds} s`,
    ],
    [volumesFit(pod, all), 'mounts what is no volume, or a ConfigMap that is not there'],
  ];
  const own = checks.filter(([holds]) => !holds).map(([, fault]) => fault);
  const theirs = containersOf(pod).flatMap((container) =>
    containerFaults(container, serves && container.restartPolicy === undefined).map(
      (fault) => `${container.name} ${fault}`,
    ),
  );
  return [...own, ...theirs].map((fault) => `${title(manifest)}: ${fault}`);
}

/** ConfigMaps and Secrets that have not the name of this release are made elsewhere. */
function volumesFit({ metadata, spec }: Pod, all: readonly Manifest[]): boolean {
  const names = spec.volumes?.map(({ name }) => name) ?? [];
  const mounted = [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ volumeMounts = [] }) => volumeMounts);
  const maps = all.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name);
  const release = metadata.labels['app.kubernetes.io/instance'] ?? '';
  const wanted = spec.volumes?.flatMap(({ configMap }) => configMap?.name ?? []) ?? [];
  return (
    mounted.every(({ name }) => names.includes(name)) &&
    wanted.every((name) => maps.includes(name) || !name.startsWith(release))
  );
}

function containerFaults(container: Container, probed: boolean): string[] {
  const { securityContext: security, resources, ports = [], env = [], envFrom = [] } = container;
  const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
  const portNames = ports.map(({ name }) => name);
  const literal = env.filter(
    ({ name, value }) => /TOKEN|SECRET|PASSWORD|KEY/.test(name) && !/_(FILE|PATH)$/.test(name) && value,
  );
  const checks: [boolean, string][] = [
    [/:[\w.+-]+$/.test(container.image ?? ''), 'has an image without a version'],
    [security?.allowPrivilegeEscalation === false, 'may gain rights'],
    [security?.readOnlyRootFilesystem === true, 'may change its image'],
    [security?.capabilities?.drop?.includes('ALL') === true, 'has capabilities'],
    [resources?.requests !== undefined && resources.limits?.memory !== undefined, 'has no bounds to its memory'],
    [!probed || probes.every((probe) => probe !== undefined), 'is not asked whether it is well'],
    [
      probes.every((probe) => !probe?.httpGet || portNames.includes(probe.httpGet.port)),
      'is asked at a port that it has not',
    ],
    [literal.length === 0, 'has a secret in its environment'],
    [envFrom.every((from) => Boolean(from.secretRef?.name || from.configMapRef?.name)), 'reads variables from nothing'],
  ];
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}

/** Every container runs our command, with flags that it has. */
async function commandProblems(manifest: Manifest): Promise<string[]> {
  const pod = manifest.spec?.template;
  if (!pod) return [];
  const problems = await Promise.all(
    pod.spec.containers.map(async ({ name, args }) => {
      const complaint = args?.length ? await complaintAbout(args) : 'no arguments';
      return complaint && `${title(manifest)}: ${name} is run wrongly: ${complaint}`;
    }),
  );
  return problems.filter((line) => line !== undefined && line !== '') as string[];
}

const matches = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** Selectors select one thing, ports and services that are named exist. */
function linkProblems(manifest: Manifest, all: readonly Manifest[]): string[] {
  const { kind, spec } = manifest;
  const say = (fault: string) => [`${title(manifest)}: ${fault}`];
  const services = all.filter((one) => one.kind === 'Service');
  if (kind === 'Ingress') {
    const backends = spec?.rules?.flatMap(({ http }) => http.paths.map(({ backend }) => backend.service)) ?? [];
    const isThere = ({ name, port }: (typeof backends)[number]) =>
      services.some(({ metadata, spec: of }) => metadata.name === name && of?.ports?.some((p) => p.name === port.name));
    return backends.length > 0 && backends.every(isThere) ? [] : say('leads to a service or port that is not there');
  }
  if (kind === 'ServiceMonitor') {
    const wanted = spec?.endpoints?.map(({ port }) => port) ?? [];
    const found = services.filter(({ metadata }) => matches(spec?.selector?.matchLabels ?? {}, metadata.labels ?? {}));
    const ports = found.flatMap((one) => one.spec?.ports?.map(({ name }) => name) ?? []);
    return wanted.length > 0 && wanted.every((port) => ports.includes(port))
      ? []
      : say('watches a port that is not there');
  }
  const selector = selectorOf(manifest);
  if (!selector) return [];
  const pods = all.flatMap((one) => one.spec?.template ?? []);
  const selected = pods.filter(({ metadata }) => matches(selector, metadata.labels));
  const [pod] = selected;
  if (!pod || selected.length > 1) return say(`selects ${selected.length} kinds of pods, not one`);
  const open = containersOf(pod).flatMap(({ ports = [] }) => ports.map(({ name }) => name));
  const wanted = kind === 'Service' ? (spec?.ports ?? []) : [];
  return wanted.every(({ targetPort }) => open.includes(targetPort))
    ? []
    : say('sends to a port that its pods have not');
}

function selectorOf({ kind, spec }: Manifest): Labels | undefined {
  if (kind === 'Service') return spec?.selector;
  if (kind === 'NetworkPolicy') return spec?.podSelector?.matchLabels;
  if (kind === 'Deployment' || kind === 'PodDisruptionBudget') return spec?.selector?.matchLabels ?? {};
  return undefined;
}
