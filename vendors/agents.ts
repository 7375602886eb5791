import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
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

/** The one way out: proxies, trusted certificates, and how names are resolved where no proxy does it. */
export function agentsOf({ proxies, noProxy, ca }: Network, lookup: LookupFunction): Agents {
  const trust = ca && { ca: [...ca] };
  const direct = {
    'http:': new http.Agent({ keepAlive: true, lookup }),
    'https:': new https.Agent({ keepAlive: true, lookup, ...trust }),
  };
  const viaProxy = {
    'http:': proxies.http && new HttpProxyAgent(proxies.http, { keepAlive: true, ...trust }),
    'https:': proxies.https && new TunnelAgent(proxies.https, trust),
  };
  const bypassed = bypass(noProxy);
  const proxyFor = (protocol: Protocol, host: string, port: number): Agent | undefined =>
    bypassed(bareHost(host), port) ? undefined : viaProxy[protocol];
  const all = [...Object.values(direct), ...Object.values(viaProxy)];
  return {
    agent: new Route((protocol, host, port) => proxyFor(protocol, host, port) ?? direct[protocol]),
    usesProxy: ({ protocol, hostname, port }) =>
      proxyFor(protocol as Protocol, hostname, Number(port) || defaultPorts[protocol as Protocol]) !== undefined,
    close: () => {
      for (const agent of all) agent?.destroy();
    },
  };
}

type Protocol = 'http:' | 'https:';
type Choose = (protocol: Protocol, host: string, port: number) => http.Agent;
const defaultPorts: Record<Protocol, number> = { 'http:': 80, 'https:': 443 };

/** Chooses for each request; SDKs keep one agent for all of theirs. */
class Route extends Agent {
  readonly #choose: Choose;

  constructor(choose: Choose) {
    super();
    this.#choose = choose;
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

  constructor(proxy: URL, trust: { ca: string[] } | undefined) {
    super(proxy.href, { keepAlive: true, ...trust });
    this.#trust = trust;
  }

  override async connect(request: http.ClientRequest, options: Parameters<HttpsProxyAgent<string>['connect']>[1]) {
    let status = 200;
    request.once('proxyConnect', (answer: { statusCode: number }) => {
      status = answer.statusCode;
    });
    const socket = await super.connect(request, { ...options, ...this.#trust });
    if (status === 200) return socket;
    socket.destroy();
    throw Object.assign(new Error(`the proxy ${this.proxy.host} answered ${status} to CONNECT ${options.host}`), {
      code: 'ERR_PROXY_REFUSED',
    });
  }
}

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
