import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const lookAgainMs = 200;
/** Longer than the longest work under a lock: a process id may long belong to another process. */
const staleMs = 30 * 60_000;

export interface LockOptions {
  /** Called once, when another process holds the lock. */
  onWait?: (holder: number | undefined) => void;
}

/**
 * One holder per file, across processes. The lock of a holder whose process id is gone is taken over;
 * in the rare race of two take-overs both work, which costs time only, because results are renamed into place.
 */
export async function withCacheLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  let waited = false;
  while (!(await tryTake(file))) {
    const holder = await holderOf(file);
    if (await isAbandoned(file, holder)) {
      await rm(file, { force: true });
      continue;
    }
    if (!waited) options.onWait?.(holder);
    waited = true;
    await delay(lookAgainMs);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Linked into place with its content, so that a lock is never seen without its holder. */
async function tryTake(file: string): Promise<boolean> {
  const mine = `${file}.${randomUUID()}`;
  await writeFile(mine, String(process.pid));
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(mine);
  }
}

async function isAbandoned(file: string, holder: number | undefined): Promise<boolean> {
  if (holder !== undefined && !isAlive(holder)) return true;
  const age = await stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  return age > staleMs;
}

async function holderOf(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
