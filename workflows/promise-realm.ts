/**
 * What the SDK asks of the realm of each promise, as it begins and as it is settled, by the text that it would compile each time. It
 * reaches the compiler by `promise.constructor.constructor`; another text goes there as before.
 *
 * @temporalio/worker, lib/workflow/vm-shared.js: `getActivator` and `setPromiseHook`, which write the call stacks that the Temporal UI shows
 */
export const compiled: Readonly<Record<string, () => unknown>> = {
  'return globalThis.__TEMPORAL_ACTIVATOR__': () => Reflect.get(globalThis, '__TEMPORAL_ACTIVATOR__'),
  'return globalThis.Error': () => Error,
};

Object.defineProperty(Promise, 'constructor', {
  value: (text: string) => compiled[text] ?? Function(text),
  configurable: true,
});
