import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

describe('stores of asynchronous work, as the tests of this tier have them', () => {
  it('each hold their own value, through promises, timers and emitters', async () => {
    const [one, two] = [new AsyncLocalStorage<string>(), new AsyncLocalStorage<number>()];
    const seen = () => [one.getStore(), two.getStore()];
    const inner = await one.run('a', async () => {
      await pause(1);
      const nested = await two.run(7, async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return one.run('b', async () => {
          await null;
          return seen();
        });
      });
      return [nested, seen()];
    });
    expect(inner).toEqual([
      ['b', 7],
      ['a', undefined],
    ]);
    expect(seen()).toEqual([undefined, undefined]);
  });

  it('keep what runs at the same time apart', async () => {
    const store = new AsyncLocalStorage<number>();
    const all = Array.from({ length: 20 }, (_, n) =>
      store.run(n, async () => {
        await pause(20 - n);
        return store.getStore();
      }),
    );
    expect(await Promise.all(all)).toEqual(all.map((_, n) => n));
  });

  it('give arguments, results and errors on', () => {
    const store = new AsyncLocalStorage<number>();
    expect(store.run(1, (a: number, b: number) => a + b + (store.getStore() ?? 0), 2, 3)).toBe(6);
    expect(() =>
      store.run(1, () => {
        throw new RangeError('out');
      }),
    ).toThrow(RangeError);
    expect(store.getStore()).toBeUndefined();
  });

  it('can be left, entered and ended', async () => {
    const [store, other] = [new AsyncLocalStorage<string>(), new AsyncLocalStorage<string>()];
    await store.run('in', async () => {
      other.enterWith('beside');
      expect([store.getStore(), other.getStore()]).toEqual(['in', 'beside']);
      expect(store.exit(() => [store.getStore(), other.getStore()])).toEqual([undefined, 'beside']);
      store.disable();
      await null;
      expect([store.getStore(), other.getStore()]).toEqual([undefined, 'beside']);
    });
  });
});
