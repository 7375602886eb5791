import { createHash } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { executableName, serverPath, serverVersion } from './cache.ts';
import { withCacheLock } from './cache-lock.ts';
import { runCommand } from './run-command.ts';
import { checkRuns, install, type Releases, StepFailed, type StepWorld } from './server-steps.ts';

/** Long enough for a slow DNS; short, because behind a closed firewall every first run waits this long. */
const answerTimeoutMs = 5_000;
const downloadTimeoutMs = 5 * 60_000;
const unpackTimeoutMs = 60_000;

const platforms: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin' };
const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

/** https://github.com/temporalio/cli/releases/tag/v1.5.1 */
const published: Releases = {
  origin: 'https://github.com',
  checksums: {
    linux_amd64: 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
    linux_arm64: 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
    darwin_amd64: 'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
    darwin_arm64: 'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
  },
};

/**
 * The Temporal CLI, from its release, compared with the checksum above before anything of it runs. The SDK's own
 * downloader cannot be called for the file alone: it starts a server at once, and installs the process-wide native runtime
 * before the worker can configure it.
 *
 * @throws StepFailed
 */
export async function download(world: StepWorld): Promise<string> {
  const target = serverPath(world.env);
  try {
    const onWait = () => world.log('another process is downloading the Temporal server: waiting for it');
    await withCacheLock(`${dirname(target)}.download.lock`, { onWait }, () =>
      install(target, world.env, (scratch) => unpackInto(scratch, world)),
    );
  } catch (cause) {
    if (cause instanceof StepFailed) throw cause;
    throw new StepFailed(reasonOf(cause), { cause });
  }
  return await checkRuns(target, world.env);
}

async function unpackInto(scratch: string, world: StepWorld): Promise<void> {
  const archive = join(scratch, 'archive');
  await writeFile(archive, await releasedArchive(world.releases ?? published));
  const unpack = ['-xf', archive, '-C', scratch, executableName];
  await runCommand('tar', unpack, { env: world.env, timeoutMs: unpackTimeoutMs });
  await chmod(join(scratch, executableName), 0o755);
}

/** The archive for this machine, as it was published. */
async function releasedArchive({ origin, checksums }: Releases): Promise<Buffer> {
  const machine = `${platforms[platform()]}_${architectures[arch()]}`;
  const expected = checksums[machine];
  if (!expected) throw new StepFailed(`no archive is known for ${platform()} on ${arch()}`);
  const name = `temporal_cli_${serverVersion.slice(1)}_${machine}.tar.gz`;
  const url = new URL(`/temporalio/cli/releases/download/${serverVersion}/${name}`, origin);
  const controller = new AbortController();
  const abortAfter = (ms: number) =>
    setTimeout(() => controller.abort(new StepFailed(`${url.host} sent nothing for ${ms / 1000} s`)), ms);
  const unanswered = abortAfter(answerTimeoutMs);
  const endless = abortAfter(downloadTimeoutMs);
  try {
    const answer = await fetch(url, { signal: controller.signal });
    clearTimeout(unanswered);
    if (!answer.ok) throw new StepFailed(`${url.host} answered ${answer.status}`);
    const archive = Buffer.from(await answer.arrayBuffer());
    const found = createHash('sha256').update(archive).digest('hex');
    if (found === expected) return archive;
    throw new StepFailed(`${name} of ${url.host} has the SHA-256 ${found}, not the published ${expected}`);
  } finally {
    clearTimeout(unanswered);
    clearTimeout(endless);
  }
}

/** `fetch` says only "fetch failed"; what failed is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
