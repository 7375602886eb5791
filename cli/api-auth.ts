import { readFileSync } from 'node:fs';
import { type Auth, createAuth, openAuth, type Recognise } from '../api/auth/auth.ts';
import { oidcRecogniser } from '../api/auth/oidc.ts';
import { parseTokenFile, type TokenEntry, tokenRecogniser } from '../api/auth/tokens.ts';
import { say, UsageError } from './io.ts';

type Env = Record<string, string | undefined>;

/** Loopback alone: whoever is on this machine could run the command as well. */
const loopback = ['127.0.0.1', '::1', 'localhost'];

export interface ApiAuth {
  auth: Auth;
  /** Reads the token file again; one that is wrong leaves the tokens as they were. */
  reload(): void;
}

/** Who may come in, from the environment; or everything that is wrong with it. */
export function apiAuthFrom(env: Env, { host, open }: { host: string; open: boolean }): ApiAuth {
  if (open) {
    if (!loopback.includes(host))
      throw new UsageError(`--no-auth is for loopback alone, not for ${host}: give out tokens instead`);
    return { auth: openAuth, reload: () => {} };
  }
  const recognisers: Recognise[] = [];
  let reload = () => {};
  const { SHOWCALLER_API_TOKENS_FILE: file } = env;
  if (file) {
    let entries = tokensIn(file);
    recognisers.push(tokenRecogniser(() => entries));
    reload = () => {
      try {
        entries = tokensIn(file);
        say(`read ${file} again: ${entries.length} token(s)`);
      } catch (error) {
        say(`${(error as Error).message}\nthe tokens are left as they were`);
      }
    };
  }
  const oidc = oidcFrom(env);
  if (oidc) recognisers.push(oidc);
  if (recognisers.length === 0)
    throw new UsageError(
      'nobody could come in: name a token file in SHOWCALLER_API_TOKENS_FILE (`showcaller api new-token` makes its entries), or an issuer in SHOWCALLER_OIDC_ISSUER; on loopback there is --no-auth',
    );
  return { auth: createAuth(...recognisers), reload: () => reload() };
}

function tokensIn(file: string): TokenEntry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read the tokens from ${file}: ${(error as Error).message}`, { cause: error });
  }
  const parsed = parseTokenFile(text);
  if (parsed.ok) return parsed.entries;
  const lines = parsed.problems.map(({ path, message }) => `  ${path || 'the file'}: ${message}`);
  throw new UsageError(`${file} has ${lines.length} problem(s)\n${lines.join('\n')}`);
}

function oidcFrom(env: Env): Recognise | undefined {
  const { SHOWCALLER_OIDC_ISSUER: issuer, SHOWCALLER_OIDC_AUDIENCE: audience } = env;
  if (!issuer && !audience) return undefined;
  const problems: string[] = [];
  if (!audience) problems.push('SHOWCALLER_OIDC_AUDIENCE: is required with SHOWCALLER_OIDC_ISSUER');
  if (!issuer) problems.push('SHOWCALLER_OIDC_ISSUER: is required with SHOWCALLER_OIDC_AUDIENCE');
  else if (!isSafeIssuer(issuer)) problems.push('SHOWCALLER_OIDC_ISSUER: must be an https address, or on loopback');
  if (!issuer || !audience || problems.length > 0)
    throw new UsageError(`the configuration has ${problems.length} problem(s)\n  ${problems.join('\n  ')}`);
  return oidcRecogniser({
    issuer,
    audience,
    roleClaim: env.SHOWCALLER_OIDC_ROLE_CLAIM || undefined,
    tenantClaim: env.SHOWCALLER_OIDC_TENANT_CLAIM || undefined,
  });
}

function isSafeIssuer(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || (protocol === 'http:' && loopback.includes(hostname.replace(/^\[|\]$/g, '')));
}
