import { forbidden, unauthenticated } from '../http/problem.ts';
import { may, type Permission, type Principal, permissions } from './permissions.ts';

/** The part of a request that carries its token; a Fastify request is one. */
export interface Credentials {
  headers: { authorization?: string | undefined };
  query?: unknown;
}

export interface Auth {
  /**
   * The principal, when it holds the permission.
   *
   * @throws HttpProblem 401 without a valid token, 403 without the permission, 503 when the token cannot be checked now.
   */
  authorize(request: Credentials, permission: Permission): Promise<Principal>;
}

/** The principal of a token; undefined for a token it does not know. May throw an HttpProblem with the reason. */
export type Recognise = (token: string) => Promise<Principal | undefined>;

const maxTokenLength = 8_192;

/** The first recogniser that knows the token decides. */
export function createAuth(...recognisers: readonly Recognise[]): Auth {
  return {
    async authorize(request, permission) {
      const token = tokenOf(request, permission);
      for (const recognise of recognisers) {
        const principal = await recognise(token);
        if (!principal) continue;
        if (may(principal, permission)) return principal;
        const held = principal.permissions.join(', ') || 'nothing';
        throw forbidden(`this needs ${permission}; ${principal.name} holds ${held}`);
      }
      throw unauthenticated('the token is not known: it may be mistyped, expired or withdrawn');
    },
  };
}

/** Without tokens: every caller may do everything. For loopback only. */
export const openAuth: Auth = {
  authorize: async () => ({ name: 'local', permissions }),
};

/** A token in a URL ends up in other people's logs, so only webhooks, whose senders can set no header, may use one. */
function tokenOf({ headers, query }: Credentials, permission: Permission): string {
  const { authorization } = headers;
  const bearer = authorization === undefined ? undefined : /^Bearer +([^ ]+) *$/i.exec(authorization)?.[1];
  const token = bearer ?? (permission === 'hook' ? tokenInQuery(query) : undefined);
  if (token !== undefined && token.length <= maxTokenLength) return token;
  const problem = authorization === undefined ? 'no token was sent' : 'the authorization header is not a bearer token';
  throw unauthenticated(`${problem}: send \`Authorization: Bearer <token>\``);
}

function tokenInQuery(query: unknown): string | undefined {
  const { token } = (query ?? {}) as { token?: unknown };
  return typeof token === 'string' && token !== '' ? token : undefined;
}
