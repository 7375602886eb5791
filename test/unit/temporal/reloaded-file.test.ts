import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Reading, ReloadedFile } from '../../../temporal/reloaded-file.ts';
import { scratchDir } from '../../support/scratch.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const wrong = [{ path: '', message: 'is wrong' }];
/** `!` cannot be understood; `one?` says "one" and something wrong. */
const parse = (text: string): Reading<string> =>
  text.startsWith('!')
    ? { problems: wrong }
    : { value: text.replace('?', ''), problems: text.endsWith('?') ? wrong : [] };

async function fileWith(text: string, whenLost?: { afterMs: number; value: string }) {
  const folder = await scratchDir();
  const file = join(folder, 'tokens');
  await writeFile(file, text);
  const log: string[] = [];
  const made = new ReloadedFile({
    file,
    initial: text,
    parse,
    log: (line) => log.push(line),
    ...(whenLost && { whenLost }),
  });
  const later = (ms = 2_000) => {
    vi.advanceTimersByTime(ms);
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

  it('says what it said last when it is wrong or gone, where nothing may take its place, and logs it once', async () => {
    const { file, made, later, log } = await fileWith('one');
    await writeFile(file, '!');
    for (let n = 0; n < 3; n += 1) expect(later(600_000)).toBe('one');
    expect(log).toEqual([`${file}: is wrong; what it said before still counts`]);
    expect([made.isWhole, made.isLost]).toEqual([false, false]);
    await rm(file);
    for (let n = 0; n < 3; n += 1) expect(later()).toBe('one');
    expect(log).toHaveLength(2);
    expect(log[1]).toContain('ENOENT');
    await writeFile(file, 'two');
    expect(later()).toBe('two');
    expect(made.isWhole).toBe(true);
  });

  it.each([
    ['gone', (file: string) => rm(file)],
    ['wrong', (file: string) => writeFile(file, '!')],
  ])('no longer says what it said once it has been %s for too long', async (_how, ruin) => {
    const { file, made, later, log } = await fileWith('one', { afterMs: 60_000, value: 'none' });
    expect(later()).toBe('one');
    await ruin(file);
    expect(later()).toBe('one');
    expect([made.isWhole, made.isLost]).toEqual([false, false]);
    expect(later(58_000)).toBe('one');
    expect(later()).toBe('none');
    expect([made.isWhole, made.isLost]).toEqual([false, true]);
    expect(log.map((line) => line.replace(/.*; /, ''))).toEqual([
      'what it said before counts for 60 s more',
      'nothing that it said before counts any more',
    ]);
    await writeFile(file, 'one');
    expect(later()).toBe('one');
    expect([made.isWhole, made.isLost]).toEqual([true, false]);
  });

  it('counts without what is wrong in it', async () => {
    const { file, made, later, log } = await fileWith('one', { afterMs: 60_000, value: 'none' });
    await writeFile(file, 'two?');
    expect(later()).toBe('two');
    expect(later(120_000)).toBe('two');
    expect([made.isWhole, made.isLost]).toEqual([false, false]);
    expect(log.at(-1)).toBe(`${file}: is wrong; everything else in it counts`);
  });

  it('is looked at without being asked for, while it is watched', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
    const { file, made, log } = await fileWith('one', { afterMs: 60_000, value: 'none' });
    const unwatch = made.watch();
    await rm(file);
    vi.advanceTimersByTime(70_000);
    expect(log).toHaveLength(2);
    unwatch();
    await writeFile(file, 'two');
    vi.advanceTimersByTime(70_000);
    expect(log).toHaveLength(2);
  });
});
