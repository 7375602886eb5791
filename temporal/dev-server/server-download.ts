import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { downloadedServerPath } from './cache.ts';
import { withCacheLock } from './cache-lock.ts';
import { runCommand } from './run-command.ts';
import { checkRuns, isUsable, StepFailed, type StepWorld, sdkVersion } from './server-steps.ts';

/** Long enough for a slow DNS; short, because behind a closed firewall every first run waits this long. */
const askTimeoutMs = 5_000;
const downloadTimeoutMs = 5 * 60_000;
const unpackTimeoutMs = 60_000;

const platforms: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

interface DownloadInfo {
  archiveUrl: string;
  fileToExtract: string;
}

/**
 * The Temporal CLI that the SDK itself would download. The SDK's own downloader cannot be called for the file alone: it
 * starts a server at once, and installs the process-wide native runtime before the worker can configure it.
 *
 * @throws StepFailed
 */
export async function download(world: StepWorld): Promise<string> {
  const target = downloadedServerPath(world.env, sdkVersion);
  try {
    const info = await ask(world);
    const onWait = () => world.log('another process is downloading the Temporal server: waiting for it');
    await withCacheLock(`${dirname(target)}.lock`, { onWait }, () => fetchInto(target, info, world));
  } catch (cause) {
    if (cause instanceof StepFailed) throw cause;
    throw new StepFailed(reasonOf(cause), { cause });
  }
  return await checkRuns(target, world.env);
}

async function ask(world: StepWorld): Promise<DownloadInfo> {
  const os = platforms[platform()];
  const cpu = architectures[arch()];
  if (!os || !cpu) throw new StepFailed(`nothing is offered for ${platform()} on ${arch()}`);
  // https://github.com/temporalio/sdk-core/blob/master/crates/sdk-core/src/ephemeral_server/mod.rs
  const url = new URL('/cli/default', world.downloadOrigin ?? 'https://temporal.download');
  url.search = new URLSearchParams({
    arch: cpu,
    platform: os,
    'sdk-name': 'sdk-typescript',
    'sdk-version': sdkVersion,
  }).toString();
  const answer = await fetch(url, { signal: AbortSignal.timeout(askTimeoutMs) });
  if (!answer.ok) throw new StepFailed(`${url.host} answered ${answer.status}`);
  const info = (await answer.json()) as Partial<DownloadInfo>;
  if (!info.archiveUrl || !info.fileToExtract) throw new StepFailed(`${url.host} gave no archive for ${os} on ${cpu}`);
  return { archiveUrl: info.archiveUrl, fileToExtract: info.fileToExtract };
}

async function fetchInto(target: string, info: DownloadInfo, world: StepWorld): Promise<void> {
  if (await isUsable(target, world.env)) return;
  await mkdir(dirname(target), { recursive: true });
  const scratch = await mkdtemp(join(dirname(target), 'downloading-'));
  try {
    const archive = join(scratch, 'archive');
    const answer = await fetch(info.archiveUrl, { signal: AbortSignal.timeout(downloadTimeoutMs) });
    if (!answer.ok || !answer.body) throw new StepFailed(`${new URL(info.archiveUrl).host} answered ${answer.status}`);
    await pipeline(Readable.fromWeb(answer.body as ReadableStream), createWriteStream(archive));
    const unpack = ['-xf', archive, '-C', scratch, info.fileToExtract];
    await runCommand('tar', unpack, { env: world.env, timeoutMs: unpackTimeoutMs });
    const unpacked = join(scratch, info.fileToExtract);
    await chmod(unpacked, 0o755);
    await rename(unpacked, target);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** `fetch` says only "fetch failed"; what failed is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${askTimeoutMs / 1000} s`;
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
