import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StoredObjectInfo {
  key: string;
  contentType: string;
  bytes: number;
  /** Quoted MD5 of the content, as S3 and OSS give it. */
  etag: string;
  /** Epoch milliseconds. */
  lastModified: number;
}

export interface StoredObject extends StoredObjectInfo {
  body: Buffer;
}

interface StoredEntry {
  info: StoredObjectInfo;
  file: string;
}

/** Folder names longer than this are refused by common file systems once `.part` is added. */
const maxNameLength = 200;

/** Objects by key in a folder; the list of them in memory. Reads see a whole object, the old or the new one. */
export class ObjectStore {
  readonly #entries = new Map<string, StoredEntry>();
  readonly #givenDir: string | undefined;
  #dir: Promise<string> | undefined;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  /** Without a `dir` a temporary one, removed by `close`. A given one is left as it is then. */
  constructor({ dir }: { dir?: string } = {}) {
    this.#givenDir = dir;
  }

  /** One after the other, so that the last of several at once is the one that stays. After `close` nothing is kept. */
  put(key: string, body: Buffer | string, contentType: string): Promise<StoredObjectInfo> {
    const bytes = Buffer.from(body);
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    const info = { key, contentType, bytes: bytes.length, etag, lastModified: Date.now() };
    return this.#inTurn(async () => {
      if (this.#closed) return info;
      const file = join(await this.folder(), fileNameOf(key));
      await writeFile(`${file}.part`, bytes);
      await rename(`${file}.part`, file);
      this.#entries.set(key, { info, file });
      return info;
    });
  }

  /** Undefined when there is none. */
  async get(key: string): Promise<StoredObject | undefined> {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    try {
      return { ...entry.info, body: await readFile(entry.file) };
    } catch (error) {
      if (this.#entries.has(key)) throw error;
      return undefined;
    }
  }

  /** Without reading it. */
  async head(key: string): Promise<StoredObjectInfo | undefined> {
    return this.#entries.get(key)?.info;
  }

  /** Sorted by key, in the order of its UTF-8 bytes. */
  async list(prefix = ''): Promise<StoredObjectInfo[]> {
    return [...this.#entries.values()]
      .map((entry) => entry.info)
      .filter((info) => info.key.startsWith(prefix))
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  /** True when there was one. */
  delete(key: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const entry = this.#entries.get(key);
      if (!entry) return false;
      this.#entries.delete(key);
      await rm(entry.file, { force: true });
      return true;
    });
  }

  /** Waits for what is being written. May be called again. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#inTurn(async () => {
      this.#entries.clear();
      const dir = await this.#dir;
      this.#dir = undefined;
      if (dir !== undefined && this.#givenDir === undefined) await rm(dir, { recursive: true, force: true });
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  /** Where the objects are, one file each. */
  folder(): Promise<string> {
    this.#dir ??= this.#openFolder();
    return this.#dir;
  }

  async #openFolder(): Promise<string> {
    if (this.#givenDir === undefined) return mkdtemp(join(tmpdir(), 'showcaller-store-'));
    await mkdir(this.#givenDir, { recursive: true });
    return this.#givenDir;
  }
}

/** Flat, so that `a` and `a/b` can both be objects; readable, unless the file system would refuse it. */
function fileNameOf(key: string): string {
  const name = encodeURIComponent(key).replace(/^\./, '%2E').replaceAll('*', '%2A');
  if (name.length <= maxNameLength) return name;
  return `${name.slice(0, maxNameLength - 65)}-${createHash('sha256').update(key).digest('hex')}`;
}
