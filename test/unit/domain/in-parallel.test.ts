import { describe, expect, it } from 'vitest';
import { inParallel } from '../../../domain/in-parallel.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('work in parallel', () => {
  it('is done on all, never more at once than it may, and gives what each gave in order', async () => {
    let [now, most] = [0, 0];
    const results = await inParallel([5, 1, 4, 2, 3], 2, async (turns) => {
      now += 1;
      most = Math.max(most, now);
      for (let n = 0; n < turns; n += 1) await turn();
      now -= 1;
      return turns * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it('begins nothing further after a failure', async () => {
    const begun: number[] = [];
    const work = inParallel([1, 2, 3, 4, 5, 6], 2, async (one) => {
      begun.push(one);
      await turn();
      if (one === 2) throw new Error('two');
    });
    await expect(work).rejects.toThrow('two');
    for (let n = 0; n < 10; n += 1) await turn();
    expect(begun.length).toBeLessThanOrEqual(3);
  });
});
