import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cacheDir, serverPath } from '../../../../temporal/dev-server/cache.ts';
import { findServer } from '../../../../temporal/dev-server/find-server.ts';
import type { Releases } from '../../../../temporal/dev-server/server-steps.ts';
import { scratchDir, script } from '../../../support/scratch.ts';
import { until } from '../../../support/until.ts';

const unreachable: Releases = { origin: 'http://127.0.0.1:1', checksums: { linux_amd64: 'x', linux_arm64: 'x' } };
const works = 'echo temporal version 9';
const breaks = 'echo wrong kind of machine >&2; exit 1';
/** What the fake programs themselves need. */
const systemPath = '/usr/bin:/bin';

async function world(given: { env?: Record<string, string>; releases?: Releases } = {}) {
  const dir = await scratchDir();
  const lines: string[] = [];
  const env: Record<string, string> = { PATH: join(dir, 'bin'), SHOWCALLER_CACHE: join(dir, 'cache'), ...given.env };
  const releases = given.releases ?? unreachable;
  return { dir, lines, env, releases, log: (line: string) => lines.push(line) };
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

/** A place of releases that gives this program, with the checksum of its archive. */
async function releasesOf(dir: string, { status = 200, program = works }): Promise<Releases> {
  await script(join(dir, 'packed', 'temporal'), program);
  execFileSync('tar', ['-czf', join(dir, 'archive.tgz'), '-C', join(dir, 'packed'), 'temporal']);
  const archive = readFileSync(join(dir, 'archive.tgz'));
  const path = /^\/temporalio\/cli\/releases\/download\/v1\.5\.1\/temporal_cli_1\.5\.1_\w+\.tar\.gz$/;
  const server = createServer((request, response) => {
    response.writeHead(path.test(request.url ?? '') ? status : 404);
    response.end(archive);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const machines = ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64'];
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    checksums: Object.fromEntries(machines.map((machine) => [machine, sha256])),
  };
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
    await script(serverPath(w.env), works);
    expect(await findServer(w)).toMatchObject({ kind: 'executable', path });
  });

  test('a folder or a plain file of that name on the PATH is no program', async () => {
    const w = await world();
    mkdirSync(join(w.dir, 'bin'));
    await writeFile(join(w.dir, 'bin', 'temporal'), 'text');
    const path = await script(serverPath(w.env), works);
    expect(await findServer(w)).toMatchObject({ path });
  });

  test('a temporal on the PATH that does not run is passed over', async () => {
    const w = await world();
    await script(join(w.dir, 'bin', 'temporal'), breaks);
    const path = await script(serverPath(w.env), works);
    expect(await findServer(w)).toMatchObject({ path });
  });

  test('a copy that was built earlier is used without a request', async () => {
    const w = await world();
    const path = await script(serverPath(w.env), works);
    expect(await findServer(w)).toMatchObject({ path });
    expect(w.lines).toEqual([expect.stringContaining('the copy of an earlier run')]);
  });

  test('the download is unpacked into the cache and found there the next time', async () => {
    const w = await world({ env: { PATH: systemPath } });
    w.releases = await releasesOf(w.dir, {});
    const path = serverPath(w.env);
    expect(await findServer(w)).toMatchObject({ path, from: 'a download of its release' });
    expect(w.lines[0]).toMatch(/downloading .* seconds, once/);
    expect(await findServer({ ...w, releases: unreachable })).toMatchObject({
      path,
      from: 'the copy of an earlier run',
    });
    expect(await readdir(cacheDir(w.env))).toEqual(['temporal-cli-v1.5.1']);
  });

  test('an archive that is not the published one is not unpacked', async () => {
    const w = await world({ env: { PATH: systemPath } });
    const { origin } = await releasesOf(w.dir, { program: `touch ${join(w.dir, 'ran')}` });
    const { checksums } = await releasesOf(join(w.dir, 'published'), {});
    w.releases = { origin, checksums };
    await expect(findServer(w)).rejects.toThrow(
      /a download of its release: temporal_cli_1\.5\.1_\w+\.tar\.gz of .* has the SHA-256 \w{64}, not the published \w{64}/,
    );
    expect(await readdir(w.dir)).not.toContain('ran');
    expect(await readdir(join(cacheDir(w.env), 'temporal-cli-v1.5.1'))).toEqual([]);
  });

  test('a place of releases that refuses is passed over for Go', async () => {
    const w = await world();
    w.releases = await releasesOf(w.dir, { status: 404 });
    await fakeGo(w.dir, goodInstall);
    expect(await findServer(w)).toMatchObject({ path: serverPath(w.env), from: 'a build with Go' });
    expect(w.lines).toContainEqual(expect.stringMatching(/release: failed after .* answered 404/));
  });

  test('Go builds the pinned version into the cache and says how long it takes', async () => {
    const w = await world();
    await fakeGo(w.dir, goodInstall);
    expect(await findServer(w)).toMatchObject({ path: serverPath(w.env) });
    expect(await readFile(join(w.dir, 'installs'), 'utf8')).toBe(
      'install github.com/temporalio/cli/cmd/temporal@v1.5.1\n',
    );
    expect(w.lines).toContain('building the Temporal server with go: about 3 minutes, once');
    expect(await readdir(join(cacheDir(w.env), 'temporal-cli-v1.5.1'))).toEqual(['temporal']);
  });

  test('two that need it at the same time build it once', async () => {
    const w = await world();
    const waited = join(w.dir, 'waited');
    await fakeGo(w.dir, `until [ -e '${waited}' ]; do sleep 0.02; done; ${goodInstall}`);
    const finding = Promise.all([findServer(w), findServer(w)]);
    await until(() => w.lines.some((line) => line.includes('another process is building')));
    await writeFile(waited, '');
    const found = await finding;
    expect(found.map((f) => f.kind === 'executable' && f.path)).toEqual([serverPath(w.env), serverPath(w.env)]);
    expect((await readFile(join(w.dir, 'installs'), 'utf8')).trim().split('\n')).toHaveLength(1);
  });

  test('the lock of a builder that died is taken over', async () => {
    const w = await world();
    await fakeGo(w.dir, goodInstall);
    mkdirSync(cacheDir(w.env), { recursive: true });
    const dead = Number(execFileSync('/bin/sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
    await writeFile(join(cacheDir(w.env), 'temporal-cli-v1.5.1.lock'), String(dead));
    expect(await findServer(w)).toMatchObject({ path: serverPath(w.env) });
  });

  test('a lock much older than any build is taken over, although another process has its id now', async () => {
    const w = await world();
    await fakeGo(w.dir, goodInstall);
    mkdirSync(cacheDir(w.env), { recursive: true });
    const lock = join(cacheDir(w.env), 'temporal-cli-v1.5.1.lock');
    await writeFile(lock, String(process.pid));
    const anHourAgo = Date.now() / 1000 - 3600;
    await utimes(lock, anHourAgo, anHourAgo);
    expect(await findServer(w)).toMatchObject({ path: serverPath(w.env) });
  });

  test('a build that fails leaves nothing half made behind', async () => {
    const w = await world();
    await fakeGo(w.dir, 'echo cannot find module >&2; exit 1');
    await expect(findServer(w)).rejects.toThrow(/go install .* cannot find module/);
    expect(await readdir(join(cacheDir(w.env), 'temporal-cli-v1.5.1'))).toEqual([]);
    expect(await readdir(cacheDir(w.env))).toEqual(['temporal-cli-v1.5.1']);
  });

  test('TEMPORAL_ADDRESS is not used where the server must be an own one, and why stands in the error', async () => {
    const w = {
      ...(await world({ env: { TEMPORAL_ADDRESS: 'temporal.example:7233' } })),
      own: 'a rehearsal is no show',
    };
    const error = await findServer(w).catch((e: Error) => e);
    const { message } = error as Error;
    expect(message).toMatch(/TEMPORAL_ADDRESS: not used, because a rehearsal is no show/);
    expect(message).not.toMatch(/set TEMPORAL_ADDRESS/);
  });

  test('when nothing works, one error lists every step, why it failed, and what to do', async () => {
    const w = await world();
    const error = await findServer(w).catch((e: Error) => e);
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    for (const part of [
      /TEMPORAL_ADDRESS: not set/,
      /`temporal` on the PATH: no temporal in any folder/,
      /the copy of an earlier run: .* does not exist/,
      /a download of its release: .*(ECONNREFUSED|bad port|fetch failed)/,
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
