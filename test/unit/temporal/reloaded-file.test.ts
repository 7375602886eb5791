import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accepted, refused } from '../../../domain/configuration/checked.ts';
import { ReloadedFile } from '../../../temporal/reloaded-file.ts';
import { scratchDir } from '../../support/scratch.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const parse = (text: string) => (text.startsWith('!') ? refused({ path: '', message: 'is wrong' }) : accepted(text));

async function fileWith(text: string) {
  const folder = await scratchDir();
  const file = join(folder, 'tokens');
  await writeFile(file, text);
  const log: string[] = [];
  const made = new ReloadedFile({ file, initial: text, parse, log: (line) => log.push(line) });
  const later = () => {
    vi.advanceTimersByTime(2_000);
    return made.current();
  };
  return { folder, file, made, log, later };
}

describe('a file that is read again', () => {
  it('says what it says now, two seconds later at most, without a signal', async () => {
    const { file, made, later, log } = await fileWith('one');
    await writeFile(file, 'two');
    expect(made.current()).toBe('one');
    expect(later()).toBe('two');
    expect(later()).toBe('two');
    await writeFile(file, 'three');
    expect(later()).toBe('three');
    await writeFile(file, 'four');
    made.check();
    expect(made.current()).toBe('four');
    expect(log).toHaveLength(2);
  });

  it('says what it says behind a link that moves, as Kubernetes mounts a secret', async () => {
    const folder = await scratchDir();
    for (const version of ['v1', 'v2']) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'tokens'), version);
    }
    await symlink('v1', join(folder, '..data'));
    await symlink('..data/tokens', join(folder, 'tokens'));
    const made = new ReloadedFile({ file: join(folder, 'tokens'), initial: 'v1', parse });
    vi.advanceTimersByTime(2_000);
    expect(made.current()).toBe('v1');
    await symlink('v2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    vi.advanceTimersByTime(2_000);
    expect(made.current()).toBe('v2');
  });

  it('leaves everything as it was when it is wrong or gone, and says so once', async () => {
    const { file, later, log } = await fileWith('one');
    await writeFile(file, '!');
    for (let n = 0; n < 3; n += 1) expect(later()).toBe('one');
    expect(log).toEqual([expect.stringMatching(/is wrong\neverything is left as it was$/)]);
    await rm(file);
    for (let n = 0; n < 3; n += 1) expect(later()).toBe('one');
    expect(log).toHaveLength(2);
    expect(log[1]).toContain('ENOENT');
    await writeFile(file, 'two');
    expect(later()).toBe('two');
  });
});
