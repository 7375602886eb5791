import { bearerOf } from '../../temporal/hashed-tokens.ts';
import { networkOf } from '../../temporal/rate-limit.ts';
import { unauthenticated } from '../http/problem.ts';
import { type Permission, type Principal, permissions } from './permissions.ts';

/** The part of a request that says who asks; a Fastify request is one. */
export interface PresentedCredentials {
  headers: { authorization?: string | undefined };
  query?: unknown;
  /** The address that it came from. */
  ip?: string;
}

export interface Auth {
  /**
   * Identifies the holder of the request's token. The permission decides where the token may be: header or query.
   *
   * @throws HttpProblem 401 without a valid token, 503 when the token cannot be checked now, 429 when too many of its address
   *   are being checked.
   */
  identify(request: PresentedCredentials, permission: Permission): Promise<Principal>;
}

/** The principal of a token; undefined for a token it does not know. May throw an HttpProblem with the reason. */
export type Recognise = (token: string, address: string) => Promise<Principal | undefined>;

const maxTokenLength = 8_192;

/** The first recogniser that knows the token decides. */
export function createAuth(...recognisers: readonly Recognise[]): Auth {
  return {
    async identify(request, permission) {
      const token = tokenOf(request, permission);
      for (const recognise of recognisers) {
        const principal = await recognise(token, networkOf(request.ip ?? ''));
        if (principal) return principal;
      }
      throw unauthenticated('the token is not known: it may be mistyped, expired or withdrawn');
    },
  };
}

/** Without tokens: every caller may do everything. For loopback only. */
export const openAuth: Auth = {
  identify: async () => ({ name: 'local', permissions }),
};

/** A token in a URL ends up in other people's logs, so only webhooks, whose senders can set no header, may use one. */
function tokenOf({ headers, query }: PresentedCredentials, permission: Permission): string {
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
