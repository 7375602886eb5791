import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type { FastifyPluginAsync } from 'fastify';
import type { SignIn } from '../auth/public-client.ts';

/** The event board, in `api/board/`: served as it is written, shipped beside this file. */
export const boardFiles = [
  'index.html',
  'board.css',
  'overview.css',
  'calendar.css',
  'event.css',
  'favicon.svg',
  'main.js',
  'actions.js',
  'api.js',
  'calendar.js',
  'conditions.js',
  'connection.js',
  'create.js',
  'detail.js',
  'dialog.js',
  'dom.js',
  'filters.js',
  'ingest.js',
  'legs.js',
  'links.js',
  'list.js',
  'now.js',
  'phases.js',
  'player.js',
  'provider.js',
  'records.js',
  'schedules.js',
  'session.js',
  'sign-in.js',
  'stills.js',
  'stream.js',
  'timeline.js',
  'usage.js',
  'watch.js',
  'words.js',
] as const;

const folder = new URL('../board/', import.meta.url);
const require = createRequire(import.meta.url);
const typeOf: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface BoardOptions {
  /** Where recordings may be played from, as a content security policy names origins. */
  mediaOrigins?: readonly string[];
  /** How people sign in at an identity provider; absent where they cannot. */
  signIn?: () => Promise<SignIn>;
}

/** The page at `/` and its files. Public: they hold no data, and the page calls the API with its reader's token. */
export function boardRoutes({ mediaOrigins = [], signIn }: BoardOptions = {}): FastifyPluginAsync {
  return async (app) => {
    const serve = async (path: string, file: string | URL, type: string) => {
      const body = await readFile(file);
      // By content, because all files of a package have the same date.
      const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
      app.get(
        path,
        { config: { permission: 'public', tenancy: 'none', unlimited: true }, schema: { hide: true } },
        async (request, reply) => {
          // Only a page has a policy that counts: its files do not wait for the identity provider.
          const tokens = path === '/' ? await tokenOrigins(signIn) : [];
          const policy = policyFor([...mediaOrigins, ...tokens], mediaOrigins);
          reply.headers({ 'content-security-policy': policy, 'cache-control': 'no-cache', etag });
          return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.type(type).send(body);
        },
      );
    };
    app.get(
      '/board/sign-in.json',
      { config: { permission: 'public', tenancy: 'none', unlimited: true }, schema: { hide: true } },
      async (_request, reply) => {
        reply.header('cache-control', 'no-store');
        return signIn ? { provider: await signIn() } : {};
      },
    );
    await Promise.all([
      ...boardFiles.map((name) => {
        const path = name === 'index.html' ? '/' : `/board/${name}`;
        return serve(path, new URL(name, folder), typeOf[extname(name)] ?? 'application/octet-stream');
      }),
      serve('/board/hls.js', playerFile(), 'text/javascript; charset=utf-8'),
    ]);
  };
}

/** The one file of hls.js that is needed: shipped beside the page, because the package has 32 MB; in a clone, from npm. */
function playerFile(): string | URL {
  const shipped = new URL('hls.min.js', folder);
  return existsSync(shipped) ? shipped : require.resolve('hls.js/dist/hls.min.js');
}

/** Where the page fetches tokens from. Without an answer of the provider the page is served all the same. */
async function tokenOrigins(signIn: BoardOptions['signIn']): Promise<string[]> {
  const provider = await signIn?.().catch(() => undefined);
  return provider ? [new URL(provider.token).origin] : [];
}

/** Allows what is served here, recordings, and tokens. Scripts come from here alone and are never made from text. */
function policyFor(connects: readonly string[], mediaOrigins: readonly string[]): string {
  const media = mediaOrigins.join(' ');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${connects.join(' ')}`.trim(),
    `media-src 'self' blob: ${media}`.trim(),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}
