import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { z } from 'zod';
import { type Checked, refused, unlessProblems } from '../domain/configuration/checked.ts';
import { type ConfigSources, codeOf } from '../domain/configuration/environment.ts';
import { readSettings } from '../domain/configuration/settings.ts';
import type { Problem } from '../domain/errors.ts';
import type { Json } from '../domain/json.ts';
import { problemsOf } from '../domain/problems.ts';
import { isNetwork } from './addresses.ts';

/** How this process reaches other machines over HTTP. */
export interface Network {
  /** For `https:` and for `http:` addresses; may hold a password. */
  proxies: { https?: URL; http?: URL };
  /** Hosts, domains and networks that are reached without a proxy; `*` for all. */
  noProxy: readonly string[];
  /** The proxy resolves and checks the names of addresses from outside. Default: we do, and ask it for the address. */
  proxyResolves?: boolean;
  /** Certificates that are trusted, PEM; undefined for those that Node trusts. */
  ca?: readonly string[];
  /** Networks that are not public and may be asked all the same when an address comes from outside. */
  privateNetworks: readonly string[];
}

/** Straight to the Internet, and to public addresses alone. */
export const directNetwork: Network = { proxies: {}, noProxy: [], privateNetworks: [] };

const proxyUrl = z
  .string()
  .refine(isProxy, 'must be the URL of a proxy, such as http://proxy.example:3128')
  .refine(canBeDecoded, 'has a % in its user name or password that begins no code: %25 stands for it');
const network = z.string().refine(isNetwork, 'must be a network such as 10.1.0.0/16 or fd00:1::/32, or one address');
const listOf = (item: z.ZodString) =>
  z
    .string()
    .transform((text) => text.split(/[\s,]+/).filter((word) => word !== ''))
    .pipe(z.array(item));

/** What is read from variables; they win over the section of the configuration file. */
export const networkSettings = z.object({
  httpsProxy: proxyUrl.optional().meta({ variable: 'HTTPS_PROXY', description: 'proxy for https: addresses' }),
  httpProxy: proxyUrl.optional().meta({ variable: 'HTTP_PROXY', description: 'proxy for http: addresses' }),
  noProxy: listOf(z.string()).optional().meta({ variable: 'NO_PROXY', description: 'what is reached without a proxy' }),
  proxyResolves: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({
      variable: 'SHOWCALLER_PROXY_RESOLVES',
      description: 'true: the proxy resolves names that come from outside, and refuses those of private networks',
    }),
  caFile: z.string().optional().meta({
    variable: 'SHOWCALLER_CA_FILE',
    description: 'certificates (PEM) that are trusted besides the public ones',
  }),
  privateNetworks: listOf(network).optional().meta({
    variable: 'SHOWCALLER_PRIVATE_NETWORKS',
    description: 'networks that addresses from outside may lead to',
  }),
});

/** The section `network` of the configuration file. */
const networkSection = z.strictObject({
  proxy: proxyUrl.optional().describe('Proxy for https: and http: addresses, without a password.'),
  noProxy: z.array(z.string()).optional().describe('Hosts, domains and networks that are reached without it.'),
  proxyResolves: z
    .boolean()
    .optional()
    .describe('The proxy resolves names that come from outside, and refuses those of private networks.'),
  caFile: z.string().optional().describe('File with certificates (PEM) that are trusted besides the public ones.'),
  privateNetworks: z
    .array(network)
    .optional()
    .describe('Networks that are not public and that playlists, sources and subscribers may lead to.'),
});

/** How this process reaches other machines, or everything that is wrong with what says so. */
export function readNetwork(section: Json | undefined, sources: ConfigSources): Checked<Network> {
  const given = section ?? {};
  const parsed = networkSection.safeParse(given);
  const env = readSettings(networkSettings, { ...sources, env: eitherCase(sources.env) });
  const problems = [
    ...problemsOf({ network: given }, parsed.error?.issues ?? [], networkSection, ['network']),
    ...(env.ok ? [] : env.problems),
  ].map(withoutPassword);
  if (problems.length > 0 || !parsed.success || !env.ok) return refused(...problems);
  const { proxy, noProxy = [], proxyResolves = false, caFile, privateNetworks = [] } = parsed.data;
  const { httpsProxy = proxy, httpProxy = proxy } = env.value;
  const file = env.value.caFile ?? caFile;
  const ca = file === undefined ? { problems: [], certificates: undefined } : certificatesIn(file, sources);
  return unlessProblems(ca.problems, () => ({
    proxies: { ...(httpsProxy && { https: new URL(httpsProxy) }), ...(httpProxy && { http: new URL(httpProxy) }) },
    noProxy: env.value.noProxy ?? noProxy,
    privateNetworks: env.value.privateNetworks ?? privateNetworks,
    ...((env.value.proxyResolves ?? proxyResolves) && { proxyResolves: true }),
    ...(ca.certificates && { ca: ca.certificates }),
  }));
}

/** Passwords of proxies, which may stand in no log. */
export const secretsOfNetwork = ({ proxies }: Network): string[] =>
  [proxies.https, proxies.http].flatMap((proxy) => (proxy?.password ? [decodeURIComponent(proxy.password)] : []));

/** curl's spelling, which other tools share: in lower case too. */
const eitherCase = (env: ConfigSources['env']): ConfigSources['env'] => ({
  ...env,
  HTTPS_PROXY: env.HTTPS_PROXY || env.https_proxy,
  HTTP_PROXY: env.HTTP_PROXY || env.http_proxy,
  NO_PROXY: env.NO_PROXY || env.no_proxy,
});

function isProxy(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search } = new URL(text);
  return /^https?:$/.test(protocol) && pathname === '/' && search === '';
}

/** Each request would fail otherwise, in the words of its library. */
function canBeDecoded(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { username, password } = new URL(text);
  try {
    decodeURIComponent(`${username}:${password}`);
    return true;
  } catch {
    return false;
  }
}

/** The address of a proxy may hold one. */
const withoutPassword = ({ path, message }: Problem): Problem => ({ path, message });

function certificatesIn(
  file: string,
  { env, readFile }: ConfigSources,
): { problems: Problem[]; certificates?: string[] } {
  const problem = (message: string) => ({ problems: [{ path: 'SHOWCALLER_CA_FILE', message }] });
  try {
    const text = readFile(file);
    const blocks = text.split('-----BEGIN CERTIFICATE-----').slice(1);
    if (blocks.length === 0) return problem(`names ${file}, which holds no certificate (PEM)`);
    // TLS leaves out what it cannot read, and says nothing.
    const damaged = blocks.findIndex((block) => !isCertificate(block)) + 1;
    if (damaged > 0) return problem(`names ${file}, whose certificate ${damaged} of ${blocks.length} is damaged (PEM)`);
    // The certificates of a client replace those of Node, so those of NODE_EXTRA_CA_CERTS are added again.
    const extra = env.NODE_EXTRA_CA_CERTS ? [readFile(env.NODE_EXTRA_CA_CERTS)] : [];
    return { problems: [], certificates: [...rootCertificates, ...extra, text] };
  } catch (error) {
    return problem(`names ${file}, which cannot be read (${codeOf(error)})`);
  }
}

/** Whether what stands between this beginning and its end is one. */
function isCertificate(block: string): boolean {
  const [body = '', ...behind] = block.split('-----END CERTIFICATE-----');
  if (behind.length !== 1) return false;
  try {
    new X509Certificate(`-----BEGIN CERTIFICATE-----${body}-----END CERTIFICATE-----\n`);
    return true;
  } catch {
    return false;
  }
}
