import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type { FastifyPluginAsync } from 'fastify';

/** The event board, in `api/board/`: served as it is written, shipped beside this file. */
export const boardFiles = [
  'index.html',
  'board.css',
  'overview.css',
  'event.css',
  'favicon.svg',
  'main.js',
  'actions.js',
  'api.js',
  'conditions.js',
  'create.js',
  'detail.js',
  'dialog.js',
  'dom.js',
  'filters.js',
  'ingest.js',
  'legs.js',
  'list.js',
  'now.js',
  'phases.js',
  'player.js',
  'records.js',
  'schedules.js',
  'sign-in.js',
  'stills.js',
  'stream.js',
  'timeline.js',
  'usage.js',
  'watch.js',
  'words.js',
] as const;

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
}

/** The page at `/` and its files. Public: they hold no data, and the page calls the API with its reader's token. */
export function boardRoutes({ mediaOrigins = [] }: BoardOptions = {}): FastifyPluginAsync {
  const policy = policyFor(mediaOrigins);
  return async (app) => {
    const folder = new URL('../board/', import.meta.url);
    const player = require.resolve('hls.js/dist/hls.min.js');
    const serve = async (path: string, file: string | URL, type: string) => {
      const body = await readFile(file);
      // By content, because all files of a package have the same date.
      const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
      app.get(
        path,
        { config: { permission: 'public', tenancy: 'none', unlimited: true }, schema: { hide: true } },
        async (request, reply) => {
          reply.headers({ 'content-security-policy': policy, 'cache-control': 'no-cache', etag });
          return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.type(type).send(body);
        },
      );
    };
    await Promise.all([
      ...boardFiles.map((name) => {
        const path = name === 'index.html' ? '/' : `/board/${name}`;
        return serve(path, new URL(name, folder), typeOf[extname(name)] ?? 'application/octet-stream');
      }),
      serve('/board/hls.js', player, 'text/javascript; charset=utf-8'),
    ]);
  };
}

/** Allows what is served here, and recordings. Scripts come from here alone and are never made from text. */
function policyFor(mediaOrigins: readonly string[]): string {
  const media = mediaOrigins.join(' ');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${media}`.trim(),
    `media-src 'self' blob: ${media}`.trim(),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}
