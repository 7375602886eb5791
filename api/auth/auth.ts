import { bearerOf } from '../../temporal/hashed-tokens.ts';
import { unauthenticated } from '../http/problem.ts';
import { type Permission, type Principal, permissions } from './permissions.ts';

/** The part of a request that carries its token; a Fastify request is one. */
export interface Credentials {
  headers: { authorization?: string | undefined };
  query?: unknown;
}

export interface Auth {
  /**
   * Identifies the holder of the request's token. The permission decides where the token may be: header or query.
   *
   * @param beforeCost called once before the first check that costs more than a look at a list
   * @throws HttpProblem 401 without a valid token, 503 when the token cannot be checked now, and what `beforeCost` throws.
   */
  identify(request: Credentials, permission: Permission, beforeCost?: () => Promise<void>): Promise<Principal>;
}

/** The principal of a token; undefined for a token it does not know. May throw an HttpProblem with the reason. */
export interface Recognise {
  (token: string): Promise<Principal | undefined>;
  /** True when it verifies a signature or calls the issuer. */
  costly?: boolean;
}

const maxTokenLength = 8_192;

/** The first recogniser that knows the token decides; those that cost most are asked last. */
export function createAuth(...recognisers: readonly Recognise[]): Auth {
  const [cheap, costly] = [false, true].map((one) => recognisers.filter(({ costly = false }) => costly === one));
  const ask = async (some: readonly Recognise[] = [], token: string) => {
    for (const recognise of some) {
      const principal = await recognise(token);
      if (principal) return principal;
    }
    return undefined;
  };
  return {
    async identify(request, permission, beforeCost) {
      const token = tokenOf(request, permission);
      const known = await ask(cheap, token);
      if (known) return known;
      if (costly?.length) await beforeCost?.();
      const found = await ask(costly, token);
      if (found) return found;
      throw unauthenticated('the token is not known: it may be mistyped, expired or withdrawn');
    },
  };
}

/** Without tokens: every caller may do everything. For loopback only. */
export const openAuth: Auth = {
  identify: async () => ({ name: 'local', permissions }),
};

/** A token in a URL ends up in other people's logs, so only webhooks, whose senders can set no header, may use one. */
function tokenOf({ headers, query }: Credentials, permission: Permission): string {
  const { authorization } = headers;
  const token = bearerOf(authorization) ?? (permission === 'hook' ? tokenInQuery(query) : undefined);
  if (token !== undefined && token.length <= maxTokenLength) return token;
  const problem = authorization === undefined ? 'no token was sent' : 'the authorization header is not a bearer token';
  throw unauthenticated(`${problem}: send \`Authorization: Bearer <token>\``);
}

function tokenInQuery(query: unknown): string | undefined {
  const { token } = (query ?? {}) as { token?: unknown };
  return typeof token === 'string' && token !== '' ? token : undefined;
}
