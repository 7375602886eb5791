type Done<Answer> = (error: Error | null, answer?: Answer) => void;

/**
 * What is taken of the answer of a gRPC call. Node keeps what waits for the end of a call, which is the promise of its answer too, until V8 collects its
 * old generation: each answer outlived its use, and copying it was half of the CPU of a list of 200 events. So the SDK gives it to a callback, and no
 * promise holds it.
 */
export function taken<Answer, Taken>(
  call: (done: Done<Answer>) => unknown,
  take: (answer: Answer) => Taken,
): Promise<Taken> {
  let held: { resolve(what: Taken): void; reject(error: unknown): void } | undefined;
  // Not around the call, which keeps the functions that it was called by.
  const promise = new Promise<Taken>((resolve, reject) => {
    held = { resolve, reject };
  });
  const fails = (cause: unknown) => {
    held?.reject(cause);
    held = undefined;
  };
  const called = call((error, answer) => {
    if (error) return fails(error);
    try {
      held?.resolve(take(answer as Answer));
      held = undefined;
    } catch (cause) {
      fails(cause);
    }
  });
  // What fails before it is sent does so by a promise.
  Promise.resolve(called).catch(fails);
  return promise;
}
