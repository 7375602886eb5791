import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { compiled } from '../../../workflows/promise-realm.ts';

afterAll(() => {
  Reflect.deleteProperty(Promise, 'constructor');
});

/** As the SDK reaches the compiler. */
const compile = (text: string): (() => unknown) => Reflect.get(Promise.resolve().constructor, 'constructor')(text);

it('gives what the text of the SDK would give, and compiles nothing for it', () => {
  const activator = {};
  Object.assign(globalThis, { __TEMPORAL_ACTIVATOR__: activator });
  expect(compile('return globalThis.__TEMPORAL_ACTIVATOR__')()).toBe(activator);
  Reflect.deleteProperty(globalThis, '__TEMPORAL_ACTIVATOR__');
  expect(compile('return globalThis.__TEMPORAL_ACTIVATOR__')()).toBeUndefined();
  expect(compile('return globalThis.Error')()).toBe(Error);
  expect(compile('return globalThis.Error')).toBe(compile('return globalThis.Error'));
});

it('compiles any other text, as before', () => {
  expect(compile('return 6 * 7')()).toBe(42);
});

it('knows the texts by which the SDK asks', async () => {
  const hooks = fileURLToPath(new URL('workflow/vm-shared.js', import.meta.resolve('@temporalio/worker')));
  const asked = [...(await readFile(hooks, 'utf8')).matchAll(/\('(return globalThis\.\w+)'\)/g)].map(
    ([, text]) => text,
  );
  expect(new Set(asked)).toEqual(new Set(Object.keys(compiled)));
});
