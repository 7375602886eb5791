import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { bareHost, holds, isNetwork, networksIn } from './addresses.ts';
import type { Network } from './network.ts';

export interface Agents {
  /** Sends each request on its way, whatever its protocol: what SDKs and our own client are given. */
  agent: http.Agent;
  /** Whether an address is reached through a proxy, which then resolves its name. */
  usesProxy(url: URL): boolean;
  /** Closes connections that are kept open. */
  close(): void;
}

/**
 * The one way out: proxies, trusted certificates, and how names are resolved where no proxy does it.
 *
 * @param pinned a proxy does not resolve names either: it is asked for a tunnel to the address that `lookup` gives
 */
export function agentsOf(
  { proxies, noProxy, ca }: Network,
  lookup: LookupFunction,
  { pinned = false }: { pinned?: boolean } = {},
): Agents {
  const trust = ca && { ca: [...ca] };
  const direct = {
    'http:': new http.Agent({ keepAlive: true, lookup }),
    'https:': new https.Agent({ keepAlive: true, lookup, ...trust }),
  };
  const viaProxy = {
    // In an ordinary request a proxy takes the address from the same place as the server its name: only a tunnel has both. Its
    // connections are not kept: a request has been written by the time the route chooses, and is rewritten only while connecting.
    'http:':
      proxies.http && (pinned ? new TunnelAgent(proxies.http, trust, lookup) : new HttpProxyAgent(proxies.http, trust)),
    'https:': proxies.https && new TunnelAgent(proxies.https, trust, pinned ? lookup : undefined),
  };
  const bypassed = bypass(noProxy);
  const proxyFor = (protocol: Protocol, host: string, port: number): Agent | undefined =>
    bypassed(bareHost(host), port) ? undefined : viaProxy[protocol];
  const all = [...Object.values(direct), ...Object.values(viaProxy)];
  for (const agent of all) if (agent) closeIdle(agent);
  return {
    agent: new Route((protocol, host, port) => proxyFor(protocol, host, port) ?? direct[protocol]),
    usesProxy: ({ protocol, hostname, port }) =>
      proxyFor(protocol as Protocol, hostname, Number(port) || defaultPorts[protocol as Protocol]) !== undefined,
    close: () => {
      for (const agent of all) agent?.destroy();
    },
  };
}

type RequestOptions = { secureEndpoint?: boolean; protocol?: string | null; _defaultAgent?: { protocol?: string } };
type Protocol = 'http:' | 'https:';
type Choose = (protocol: Protocol, host: string, port: number) => http.Agent;
const defaultPorts: Record<Protocol, number> = { 'http:': 80, 'https:': 443 };

/**
 * Shorter than servers keep a connection, by the defaults of Node, nginx and Apache: a change that is sent into one that is just
 * being closed would look as if its answer were lost.
 */
const idleMs = 4_000;
/** So much sooner than a server says. */
const soonerMs = 1_000;

function closeIdle(agent: http.Agent): void {
  const usual = agent.keepSocketAlive;
  agent.keepSocketAlive = (socket: Socket) => {
    // Node's answers whether it is kept, which the types leave out.
    const kept: unknown = usual.call(agent, socket);
    socket.setTimeout(Math.min(idleMs, Math.max(1, saidMs(socket) - soonerMs)));
    return kept;
  };
}

/** How long the server says that it keeps an idle connection; Node heeds it only where its agents have a time limit of their own. */
function saidMs(socket: Socket): number {
  const { _httpMessage: request } = socket as { _httpMessage?: { res?: http.IncomingMessage } };
  const said = /(?:^|[\s,;])timeout=(\d+)/i.exec(String(request?.res?.headers['keep-alive']))?.[1];
  return said === undefined ? Number.POSITIVE_INFINITY : Number(said) * 1_000;
}

/** Chooses for each request; SDKs keep one agent for all of theirs. */
class Route extends Agent {
  readonly #choose: Choose;

  constructor(choose: Choose) {
    // Without it Node asks the server to close the connection behind each answer, whatever the agents that connect do.
    super({ keepAlive: true });
    this.#choose = choose;
    // agent-base finds it out anew from a stack, at each of several questions for each request. Without an answer Node holds
    // the request against the protocol of its own agent, which is that of the function that was called.
    Object.defineProperty(this, 'protocol', { value: undefined });
  }

  /** Asked once for each request that has no port, while Node's `request` is on the stack. */
  override get defaultPort(): number {
    return defaultPorts[this.isSecureEndpoint() ? 'https:' : 'http:'];
  }

  override set defaultPort(_: number) {
    // Node's own constructor sets it.
  }

  /** Node's https names its own agent for the rest of what it does, Node's http none. */
  override isSecureEndpoint(options?: AgentConnectOpts): boolean {
    if (!options) return super.isSecureEndpoint();
    const { _defaultAgent, secureEndpoint, protocol }: RequestOptions = options;
    return _defaultAgent?.protocol === 'https:' || (secureEndpoint ?? protocol === 'https:');
  }

  override connect(_request: http.ClientRequest, options: AgentConnectOpts): http.Agent {
    const protocol = options.secureEndpoint ? 'https:' : 'http:';
    // Some SDKs leave the brackets around an IPv6 address, and then it is looked up as a name.
    options.host = bareHost(options.host ?? 'localhost');
    return this.#choose(protocol, options.host, Number(options.port));
  }
}

/** A tunnel that trusts our certificates too, and says when the proxy refuses: its answer is no answer of the vendor. */
class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #trust: { ca: string[] } | undefined;
  readonly #lookup: LookupFunction | undefined;

  /** @param lookup resolves the names; without it the proxy does */
  constructor(proxy: URL, trust: { ca: string[] } | undefined, lookup?: LookupFunction) {
    super(proxy.href, { keepAlive: true, ...trust });
    this.#trust = trust;
    this.#lookup = lookup;
  }

  override async connect(request: http.ClientRequest, options: Parameters<HttpsProxyAgent<string>['connect']>[1]) {
    let status = 200;
    request.once('proxyConnect', (answer: { statusCode: number }) => {
      status = answer.statusCode;
    });
    const { host = '' } = options;
    const target = this.#lookup && isIP(host) === 0 ? { servername: host, host: await found(this.#lookup, host) } : {};
    const socket = await super.connect(request, { ...options, ...this.#trust, ...target });
    if (status === 200) return socket;
    socket.destroy();
    throw Object.assign(new Error(`the proxy ${this.proxy.host} answered ${status} to CONNECT ${options.host}`), {
      code: 'ERR_PROXY_REFUSED',
    });
  }
}

/** One address of a name, of IPv4 where it has one: more proxies reach those. */
const found = (lookup: LookupFunction, name: string): Promise<string> =>
  new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, addresses) => {
      if (error) reject(error.code === 'ENOTFOUND' ? notResolvedHere(name) : error);
      else if (typeof addresses === 'string') resolve(addresses);
      else resolve((addresses.find(({ family }) => family === 4) ?? addresses[0])?.address ?? '');
    });
  });

/** Without the cause: the innermost words are those that are shown. */
const notResolvedHere = (name: string): Error =>
  Object.assign(
    new Error(
      `${name} cannot be resolved here, and the proxy is asked for checked addresses alone; SHOWCALLER_PROXY_RESOLVES=true leaves both to the proxy`,
    ),
    { code: 'ENOTFOUND' },
  );

/** Entries as curl and Go read them: a name and what is below it, an address, a network; `:port` narrows a name. */
function bypass(entries: readonly string[]): (host: string, port: number) => boolean {
  const networks = networksIn(entries.filter(isNetwork));
  const names = entries
    .filter((entry) => !isNetwork(entry))
    .map((entry) => {
      const [, name = '', port] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
      return { name: bareHost(name), port: port === undefined ? undefined : Number(port) };
    });
  return (host, port) => {
    const bare = host.toLowerCase();
    if (isIP(bare) !== 0 && holds(networks, bare)) return true;
    return names.some(
      (one) =>
        (one.port === undefined || one.port === port) &&
        (one.name === '*' || bare === one.name || bare.endsWith(`.${one.name}`)),
    );
  };
}
