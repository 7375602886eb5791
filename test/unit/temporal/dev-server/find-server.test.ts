import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { builtServerPath, cacheDir, downloadedServerPath } from '../../../../temporal/dev-server/cache.ts';
import { findServer } from '../../../../temporal/dev-server/find-server.ts';
import { sdkVersion } from '../../../../temporal/dev-server/server-steps.ts';
import { scratchDir, script } from '../../../support/scratch.ts';

const nobodyListens = 'http://127.0.0.1:1';
const works = 'echo temporal version 9';
const breaks = 'echo wrong kind of machine >&2; exit 1';
/** What the fake programs themselves need. */
const systemPath = '/usr/bin:/bin';

async function world(given: { env?: Record<string, string>; downloadOrigin?: string } = {}) {
  const dir = await scratchDir();
  const lines: string[] = [];
  const env: Record<string, string> = { PATH: join(dir, 'bin'), SHOWCALLER_CACHE: join(dir, 'cache'), ...given.env };
  const downloadOrigin = given.downloadOrigin ?? nobodyListens;
  return { dir, lines, env, downloadOrigin, log: (line: string) => lines.push(line) };
}

/** A `go` that takes a moment and notes each install. */
const fakeGo = (dir: string, install: string) =>
  script(
    join(dir, 'bin', 'go'),
    `PATH=${systemPath}
[ "$1" = version ] && exit 0
echo "$@" >> ${join(dir, 'installs')}
${install}`,
  );
const goodInstall = `printf '#!/bin/sh\\necho built\\n' > "$GOBIN/temporal"; chmod +x "$GOBIN/temporal"`;

/** What temporal.download says and gives. */
async function downloadService(dir: string, answer: { status?: number; program?: string }): Promise<string> {
  await script(join(dir, 'packed', 'temporal'), answer.program ?? works);
  execFileSync('tar', ['-czf', join(dir, 'archive.tgz'), '-C', join(dir, 'packed'), 'temporal']);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/cli/default?')) {
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ archiveUrl: `${origin()}/archive.tgz`, fileToExtract: 'temporal' }));
    } else {
      response.end(readFileSync(join(dir, 'archive.tgz')));
    }
  });
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return origin();
}

describe('finding a Temporal server', () => {
  test('TEMPORAL_ADDRESS is used as it is, before everything else', async () => {
    const w = await world({ env: { TEMPORAL_ADDRESS: 'temporal.example:7233' } });
    await script(join(w.dir, 'bin', 'temporal'), works);
    expect(await findServer(w)).toEqual({ kind: 'running', address: 'temporal.example:7233' });
    expect(w.lines).toEqual([expect.stringContaining('temporal.example:7233')]);
  });

  test('a temporal on the PATH comes before the cache', async () => {
    const w = await world();
    const path = await script(join(w.dir, 'bin', 'temporal'), works);
    await script(builtServerPath(w.env), works);
    expect(await findServer(w)).toMatchObject({ kind: 'executable', path });
  });

  test('a folder or a plain file of that name on the PATH is no program', async () => {
    const w = await world();
    mkdirSync(join(w.dir, 'bin'));
    await writeFile(join(w.dir, 'bin', 'temporal'), 'text');
    const path = await script(builtServerPath(w.env), works);
    expect(await findServer(w)).toMatchObject({ path });
  });

  test('a temporal on the PATH that does not run is passed over', async () => {
    const w = await world();
    await script(join(w.dir, 'bin', 'temporal'), breaks);
    const path = await script(builtServerPath(w.env), works);
    expect(await findServer(w)).toMatchObject({ path });
  });

  test('a copy that was built earlier is used without asking anybody', async () => {
    const w = await world();
    const path = await script(builtServerPath(w.env), works);
    expect(await findServer(w)).toMatchObject({ path });
    expect(w.lines).toEqual([expect.stringContaining('the copy of an earlier run')]);
  });

  test('a copy that was downloaded earlier is used, also when the built one is broken', async () => {
    const w = await world();
    await script(builtServerPath(w.env), breaks);
    const path = await script(downloadedServerPath(w.env, sdkVersion), works);
    expect(await findServer(w)).toMatchObject({ path });
  });

  test('the download is unpacked into the cache and found there the next time', async () => {
    const w = await world({ env: { PATH: systemPath } });
    w.downloadOrigin = await downloadService(w.dir, {});
    const path = downloadedServerPath(w.env, sdkVersion);
    expect(await findServer(w)).toMatchObject({ path });
    expect(w.lines[0]).toMatch(/downloading .* seconds, once/);
    expect(await findServer({ ...w, downloadOrigin: nobodyListens })).toMatchObject({
      path,
      from: 'the copy of an earlier run',
    });
    expect(await readdir(cacheDir(w.env))).toEqual([`temporal-cli-sdk-${sdkVersion}`]);
  });

  test('a download service that refuses is passed over for Go', async () => {
    const w = await world();
    w.downloadOrigin = await downloadService(w.dir, { status: 404 });
    await fakeGo(w.dir, goodInstall);
    expect(await findServer(w)).toMatchObject({ path: builtServerPath(w.env), from: 'a build with Go' });
    expect(w.lines).toContainEqual(expect.stringMatching(/download: failed after .* answered 404/));
  });

  test('Go builds the pinned version into the cache and says how long it takes', async () => {
    const w = await world();
    await fakeGo(w.dir, goodInstall);
    expect(await findServer(w)).toMatchObject({ path: builtServerPath(w.env) });
    expect(await readFile(join(w.dir, 'installs'), 'utf8')).toBe(
      'install github.com/temporalio/cli/cmd/temporal@v1.5.1\n',
    );
    expect(w.lines).toContain('building the Temporal server with go: about 3 minutes, once');
    expect(await readdir(join(cacheDir(w.env), 'temporal-cli-v1.5.1'))).toEqual(['temporal']);
  });

  test('two that need it at the same time build it once', async () => {
    const w = await world();
    await fakeGo(w.dir, `sleep 0.3; ${goodInstall}`);
    const found = await Promise.all([findServer(w), findServer(w)]);
    expect(found.map((f) => f.kind === 'executable' && f.path)).toEqual([
      builtServerPath(w.env),
      builtServerPath(w.env),
    ]);
    expect((await readFile(join(w.dir, 'installs'), 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(w.lines).toContainEqual(expect.stringContaining('another process is building'));
  });

  test('the lock of a builder that died is taken over', async () => {
    const w = await world();
    await fakeGo(w.dir, goodInstall);
    mkdirSync(cacheDir(w.env), { recursive: true });
    const dead = Number(execFileSync('/bin/sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
    await writeFile(join(cacheDir(w.env), 'temporal-cli-v1.5.1.lock'), String(dead));
    expect(await findServer(w)).toMatchObject({ path: builtServerPath(w.env) });
  });

  test('a lock much older than any build is taken over, whoever has its process id now', async () => {
    const w = await world();
    await fakeGo(w.dir, goodInstall);
    mkdirSync(cacheDir(w.env), { recursive: true });
    const lock = join(cacheDir(w.env), 'temporal-cli-v1.5.1.lock');
    await writeFile(lock, String(process.pid));
    const anHourAgo = Date.now() / 1000 - 3600;
    await utimes(lock, anHourAgo, anHourAgo);
    expect(await findServer(w)).toMatchObject({ path: builtServerPath(w.env) });
  });

  test('a build that fails leaves nothing half made behind', async () => {
    const w = await world();
    await fakeGo(w.dir, 'echo cannot find module >&2; exit 1');
    await expect(findServer(w)).rejects.toThrow(/go install .* cannot find module/);
    expect(await readdir(join(cacheDir(w.env), 'temporal-cli-v1.5.1'))).toEqual([]);
    expect(await readdir(cacheDir(w.env))).toEqual(['temporal-cli-v1.5.1']);
  });

  test('when nothing works, one error lists every step, why it failed, and what to do', async () => {
    const w = await world();
    const error = await findServer(w).catch((e: Error) => e);
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    for (const part of [
      /TEMPORAL_ADDRESS: not set/,
      /`temporal` on the PATH: no temporal in any folder/,
      /the copy of an earlier run: neither .* exists/,
      /the Temporal SDK's download: .*(ECONNREFUSED|bad port|fetch failed)/,
      /a build with Go: Go is not usable: .*ENOENT/,
      /install the Temporal CLI .* or install Go 1\.25 or newer .* or set TEMPORAL_ADDRESS/,
    ]) {
      expect(message).toMatch(part);
    }
  });
});

describe('the cache', () => {
  test('is where SHOWCALLER_CACHE says, then XDG_CACHE_HOME, then under the home folder', () => {
    expect(cacheDir({ SHOWCALLER_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/c');
    expect(cacheDir({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/showcaller');
    expect(cacheDir({ HOME: '/h' })).toBe('/h/.cache/showcaller');
  });
});
