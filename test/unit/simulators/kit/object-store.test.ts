import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObjectStore } from '../../../../simulators/kit/object-store.ts';
import { closing } from './kit-harness.ts';

const newStore = () => closing(new ObjectStore());

async function scratchDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'store-test-'));
  closing({ close: () => rm(dir, { recursive: true, force: true }) });
  return dir;
}

describe('an object store', () => {
  it('gives back what was put last', async () => {
    const store = newStore();
    await store.put('live/a.ts', Buffer.from('old'), 'video/mp2t');
    const info = await store.put('live/a.ts', 'newer', 'video/mp2t');
    expect(await store.get('live/a.ts')).toEqual({ ...info, body: Buffer.from('newer') });
    expect(info).toMatchObject({ key: 'live/a.ts', contentType: 'video/mp2t', bytes: 5 });
    expect(info.etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(await store.head('live/a.ts')).toEqual(info);
  });

  it('knows what is not there', async () => {
    const store = newStore();
    expect([await store.get('x'), await store.head('x'), await store.delete('x')]).toEqual([
      undefined,
      undefined,
      false,
    ]);
  });

  it('lists by prefix in the order of the keys', async () => {
    const store = newStore();
    for (const key of ['b/2', 'a/1', 'b', 'b/10', 'ä']) await store.put(key, key, 'text/plain');
    expect((await store.list('b')).map((one) => one.key)).toEqual(['b', 'b/10', 'b/2']);
    expect((await store.list()).map((one) => one.key)).toEqual(['a/1', 'b', 'b/10', 'b/2', 'ä']);
    expect(await store.delete('b/10')).toBe(true);
    expect((await store.list('b/')).map((one) => one.key)).toEqual(['b/2']);
  });

  it('keeps any keys apart and inside its folder', async () => {
    const dir = await scratchDir();
    const keys = fc.uniqueArray(
      fc.oneof(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
        fc.constantFrom('..', '.', '../up', '/abs', 'a', 'a/b', 'A'),
      ),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(keys, async (given) => {
        const store = new ObjectStore({ dir: join(dir, 'inside') });
        for (const key of given) await store.put(key, `content of ${key}`, 'text/plain');
        for (const key of given) expect(String((await store.get(key))?.body)).toBe(`content of ${key}`);
        for (const key of given) await store.delete(key);
        expect(await readdir(join(dir, 'inside')).catch(() => [])).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(await readdir(dir)).toEqual(['inside']);
  });

  it('shows a reader the old object or the new one, never a part', async () => {
    const store = newStore();
    const [old, fresh] = [Buffer.alloc(500_000, 1), Buffer.alloc(700_000, 2)];
    await store.put('k', old, 'x/y');
    const writing = store.put('k', fresh, 'x/y');
    const seen = await Promise.all(Array.from({ length: 20 }, () => store.get('k')));
    await writing;
    for (const one of seen) expect(one?.body.equals(old) || one?.body.equals(fresh)).toBe(true);
  });

  it('keeps the last of several written at once, with its own ETag', async () => {
    const store = newStore();
    const infos = await Promise.all(['one', 'two', 'three'].map((content) => store.put('k', content, 'text/plain')));
    expect(await store.get('k')).toEqual({ ...infos[2], body: Buffer.from('three') });
  });

  it('leaves no folder behind when something is still being written as it closes, or later', async () => {
    const store = new ObjectStore();
    await store.put('k', 'v', 'text/plain');
    const dir = await store.folder();
    const late = store.put('late', 'v', 'text/plain');
    await Promise.all([store.close(), late]);
    await store.put('later', 'v', 'text/plain');
    await expect(access(dir)).rejects.toThrow('ENOENT');
    expect(await store.list()).toEqual([]);
  });

  it('removes its own folder when it closes, and leaves a given one', async () => {
    const dir = await scratchDir();
    const [own, given] = [new ObjectStore(), new ObjectStore({ dir })];
    await own.put('k', 'v', 'text/plain');
    await given.put('k', 'v', 'text/plain');
    const ownDir = await own.folder();
    await Promise.all([own.close(), given.close()]);
    await expect(access(ownDir)).rejects.toThrow('ENOENT');
    expect(await readdir(dir)).toEqual(['k']);
  });
});
