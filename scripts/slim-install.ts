import { readdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';

interface CoreBridge {
  getPrebuiltTargetName(): string;
}

/** What the Temporal SDK calls this platform, as `x86_64-unknown-linux-gnu`. */
export const thisPlatform = (): string =>
  (createRequire(import.meta.url)('@temporalio/core-bridge/common') as CoreBridge).getPrebuiltTargetName();

const nativeParts = /^@temporalio\/core-bridge\/releases\/([^/]+)\//;

/**
 * What of node_modules a release never opens: the Temporal SDK's native part for other platforms, 25 MB each; the compiler that
 * bundles workflows, because the bundles are shipped; source maps and types of libraries.
 *
 * @param path below node_modules, with `/`
 */
function isUnneeded(path: string, platform: string): boolean {
  const native = nativeParts.exec(path)?.[1];
  if (native !== undefined) return native !== platform;
  return path.startsWith('@swc/core-') || /\.(map|d\.[cm]?ts)$/.test(path);
}

/** Removes from a node_modules what a release never opens. Other links to the same files keep them. */
export async function slim(modules: string, platform = thisPlatform()): Promise<void> {
  for (const path of await filesBelow(modules)) if (isUnneeded(path, platform)) await rm(join(modules, path));
}

/** Bytes of all files below a folder, without what the file system adds to each. */
export async function bytesBelow(folder: string): Promise<number> {
  const paths = await filesBelow(folder);
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
}
