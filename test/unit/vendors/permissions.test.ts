import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { vendors } from '../../../vendors/registry.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Dialect {
  /** Actions of this vendor begin with one of these. */
  prefixes: string[];
  /** What an operation of ours needs; undefined for one that needs no permission. */
  actionOf(operation: string): string | undefined;
  /** Literals that look like operations and are none, or are read with no credentials. */
  noOperation: string[];
  /** Needed without a call of ours; the page says what for. */
  besides: string[];
}

const ofResourceManager: Record<string, string> = {
  Mediaservices_Get: 'Microsoft.Media/mediaservices/read',
  Permissions_ListForResource: 'Microsoft.Authorization/permissions/read',
  ManagementLocks_ListAtResourceLevel: 'Microsoft.Authorization/locks/read',
};

const azureAction = (operation: string): string => {
  if (ofResourceManager[operation]) return ofResourceManager[operation];
  const [group = '', verb = ''] = operation.split('_');
  const kind = group === 'LiveOutputs' ? 'liveEvents/liveOutputs' : `${group.charAt(0).toLowerCase()}${group.slice(1)}`;
  const standard: Record<string, string> = {
    Get: 'read',
    List: 'read',
    Create: 'write',
    CreateOrUpdate: 'write',
    Delete: 'delete',
  };
  const special: Record<string, string> = {
    ListGetStatus: 'getStatus',
    ListGetStreamEvents: 'getStreamEvents',
    ListPaths: 'listPaths',
  };
  const action = standard[verb] ?? `${special[verb] ?? `${verb.charAt(0).toLowerCase()}${verb.slice(1)}`}/action`;
  return `Microsoft.Media/mediaservices/${kind}/${action}`;
};

const awsElsewhere: Record<string, string> = {
  ListObjectsV2: 's3:ListBucket',
  GetObject: 's3:GetObject',
  ReceiveMessage: 'sqs:ReceiveMessage',
  DeleteMessage: 'sqs:DeleteMessage',
  SimulatePrincipalPolicy: 'iam:SimulatePrincipalPolicy',
};
/** Allowed to every key. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const awsFree = ['GetCallerIdentity'];

const dialects: Record<string, Dialect> = {
  'aws-ivs': {
    prefixes: ['ivs:', 's3:', 'sqs:', 'iam:'],
    actionOf: (operation) =>
      awsFree.includes(operation) ? undefined : (awsElsewhere[operation] ?? `ivs:${operation}`),
    noOperation: ['GetPlaybackFile', 'NoSuchKey', 'InvalidRange', 'EvaluationResults'],
    besides: [
      'ivs:TagResource',
      'iam:AttachRolePolicy',
      'iam:CreateServiceLinkedRole',
      'iam:PutRolePolicy',
      's3:GetBucketLocation',
    ],
  },
  'azure-media-services': {
    prefixes: ['Microsoft.Media/', 'Microsoft.Authorization/'],
    actionOf: azureAction,
    noOperation: [],
    besides: [],
  },
  'alibaba-oss': {
    prefixes: ['oss:'],
    actionOf: (operation) => (operation === 'GetLiveChannelInfo' ? 'oss:GetLiveChannel' : `oss:${operation}`),
    noOperation: [
      'LiveChannelConfiguration',
      'LiveChannelStat',
      'LiveChannelHistory',
      'LiveRecord',
      'ListLiveChannelResult',
      'ResponseError',
    ],
    besides: ['oss:PublishRtmpStream'],
  },
  'volcengine-live': {
    prefixes: ['live:'],
    actionOf: (operation) => `live:${operation}`,
    noOperation: ['GetRecording'],
    besides: [],
  },
};

/** Every literal of a vendor's sdk.ts that is spelt as its operations are. */
async function operationsOf(vendor: string): Promise<string[]> {
  const folder = join(root, 'vendors', vendor);
  const sdkFiles = (await readdir(folder)).filter((file) => /(^|-)sdk\.ts$/.test(file));
  const texts = await Promise.all(sdkFiles.map((file) => readFile(join(folder, file), 'utf8')));
  const spelt = vendor === 'azure-media-services' ? /'([A-Z]\w+_\w+)'/g : /'([A-Z][a-z]+[A-Z]\w+)'/g;
  return [...new Set(texts.flatMap((text) => [...text.matchAll(spelt)].map(([, name = '']) => name)))];
}

/** Every permission that the vendor's preflight asks about. */
async function askedFor(vendor: string): Promise<string[]> {
  const text = await readFile(join(root, 'vendors', vendor, 'preflight.ts'), 'utf8').catch(() => '');
  const spelt = /'((?:ivs|s3|oss|live):[A-Z]\w+|(?:assets|liveEvents|streamingEndpoints|streamingLocators)\/[\w/]+)'/g;
  return [...text.matchAll(spelt)].map(([, action = '']) =>
    action.includes(':') ? action : `Microsoft.Media/mediaservices/${action}`,
  );
}

const actionKeys = new Set(['Action', 'Actions']);

/** The actions of a policy, in whatever statement. */
function actionsIn(policy: unknown, key = ''): string[] {
  if (typeof policy === 'string') return actionKeys.has(key) ? [policy] : [];
  if (policy === null || typeof policy !== 'object') return [];
  return Object.entries(policy).flatMap(([name, value]) => actionsIn(value, Array.isArray(policy) ? key : name));
}

const covers = (granted: string, needed: string): boolean =>
  new RegExp(`^${granted.replace(/[.]/g, '\\.').replaceAll('*', '[^/]+')}$`, 'i').test(needed);

describe.each(vendors.map(({ name }) => name))('the documented permissions for %s', (vendor) => {
  const dialect = dialects[vendor];
  let granted: string[];
  let needed: string[];
  beforeAll(async () => {
    if (!dialect) throw new Error(`this test does not know how ${vendor} names its permissions`);
    const page = await readFile(join(root, 'docs/security.md'), 'utf8');
    const policies = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => JSON.parse(text));
    granted = policies
      .flatMap((policy) => actionsIn(policy))
      .filter((action) => dialect.prefixes.some((prefix) => action.startsWith(prefix)));
    const operations = (await operationsOf(vendor)).filter((name) => !dialect.noOperation.includes(name));
    expect(operations.length).toBeGreaterThan(5);
    needed = operations.flatMap((name) => dialect.actionOf(name) ?? []);
  });

  it('allow every call that the code makes', () => {
    expect(needed.filter((action) => !granted.some((one) => covers(one, action)))).toEqual([]);
  });

  it('allow what the preflight asks about, which the code needs', async () => {
    const asked = await askedFor(vendor);
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter((action) => !granted.some((one) => covers(one, action)))).toEqual([]);
    const needless = asked.filter((action) => !needed.includes(action) && !(dialect?.besides ?? []).includes(action));
    expect(needless).toEqual([]);
  });

  it('allow nothing else', () => {
    const unneeded = granted.filter(
      (one) => ![...needed, ...(dialect?.besides ?? [])].some((action) => covers(one, action)),
    );
    expect(unneeded).toEqual([]);
  });
});
