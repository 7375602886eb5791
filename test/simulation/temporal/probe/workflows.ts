import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  continueAsNew,
  defineSignal,
  defineUpdate,
  deprecatePatch,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';

// Workflows that use what Temporal offers and ours do not use yet, one for each thing that the simulation models.

export interface ProbeActivities {
  answer(text: string): Promise<string>;
  /** Fails so many times, then answers. */
  failing(key: string, times: number): Promise<string>;
  takes(ms: number): Promise<string>;
  /** Heartbeats once, and its first attempt never ends. */
  hangsOnce(): Promise<string>;
  /** Its first attempt asks to be tried again so much later. */
  asksForDelay(ms: number): Promise<string>;
}

const local = { startToCloseTimeout: '30s' } as const;
const { answer, failing, takes } = proxyLocalActivities<ProbeActivities>({
  ...local,
  retry: { initialInterval: '100ms' },
});
const impatient = proxyLocalActivities<ProbeActivities>({
  startToCloseTimeout: '1s',
  retry: { maximumAttempts: 1 },
});
const withTimers = proxyLocalActivities<ProbeActivities>({
  ...local,
  localRetryThreshold: '500ms',
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
});
const remote = proxyActivities<ProbeActivities>({
  startToCloseTimeout: '1 minute',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});

export const heartbeatTimeoutMs = 3000;
export const retryAfterMs = 1000;

export function missed(): Promise<string> {
  const { hangsOnce } = proxyActivities<ProbeActivities>({
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: heartbeatTimeoutMs,
    retry: { initialInterval: retryAfterMs, backoffCoefficient: 1 },
  });
  return hangsOnce();
}

export const mostIntervalMs = 1000;
export const askedForMs = 4000;

/** As the steps of ours: each failure says when the next attempt is to begin, and that may be later than the policy's most. */
export function delayed(): Promise<string> {
  const { asksForDelay } = proxyActivities<ProbeActivities>({
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: retryAfterMs, backoffCoefficient: 1, maximumInterval: mostIntervalMs },
  });
  return asksForDelay(askedForMs);
}

const nameOf = (error: unknown): string => {
  const { name, cause } = error as Error;
  return cause instanceof Error ? `${name} < ${nameOf(cause)}` : name;
};
const failureOf = (work: Promise<unknown>): Promise<string> => work.then(String, nameOf);

export async function localActivities(key: string): Promise<string[]> {
  const [one, two] = await Promise.all([answer('one'), answer('two')]);
  const after = await failing(`${key} short`, 2);
  const later = await withTimers.failing(`${key} long`, 1);
  const remotely = await remote.answer('three');
  return [one, two, after, later, remotely, await failureOf(impatient.takes(3000))];
}

export async function longLocalActivity(ms: number): Promise<string> {
  const [taken] = await Promise.all([takes(ms), sleep(100)]);
  return `${taken} at ${Math.round((Date.now() - workflowInfo().startTime.getTime()) / 1000)} s`;
}

export async function cancelledLocalActivity(): Promise<string> {
  const scope = new CancellationScope();
  const taking = scope.run(() => failureOf(takes(60_000)));
  await sleep(200);
  scope.cancel();
  return taking;
}

export async function patches(): Promise<string[]> {
  deprecatePatch('old');
  const before = patched('first') ? 'new' : 'old';
  await sleep(10);
  const again = patched('first') && patched('second') ? 'new' : 'old';
  return [before, again, await remote.answer('done')];
}

export async function countsDown(left: number): Promise<string> {
  if (left === 0)
    return `run of ${workflowInfo().firstExecutionRunId === workflowInfo().runId ? 'the first' : 'another'}`;
  await sleep(10);
  return continueAsNew<typeof countsDown>(left - 1);
}

export async function sleeps(ms: number): Promise<string> {
  try {
    await sleep(ms);
    return 'slept';
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => sleep(50));
    throw error;
  }
}

export async function throws(): Promise<never> {
  await sleep(10);
  throw ApplicationFailure.nonRetryable('as the probe asked');
}

export async function children(): Promise<string[]> {
  const { workflowId } = workflowInfo();
  const options = (name: string, cancellationType: ChildWorkflowCancellationType = 'WAIT_CANCELLATION_COMPLETED') => ({
    workflowId: `${workflowId}/${name}`,
    cancellationType,
  });
  const completed = await executeChild(sleeps, { ...options('completes'), args: [10] });
  const failed = await failureOf(executeChild(throws, options('fails')));
  const outcomes = [completed, failed];
  for (const type of [
    ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    ChildWorkflowCancellationType.TRY_CANCEL,
    ChildWorkflowCancellationType.ABANDON,
  ]) {
    const scope = new CancellationScope();
    const child = scope.run(() =>
      failureOf(executeChild(sleeps, { ...options(`cancelled ${type}`, type), args: [5000] })),
    );
    await sleep(200);
    scope.cancel();
    outcomes.push(await child);
  }
  const running = await startChild(sleeps, {
    ...options('left behind'),
    args: [60_000],
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    memo: { of: 'the probe' },
  });
  outcomes.push(await failureOf(executeChild(sleeps, { ...options('left behind'), args: [10] })));
  outcomes.push(running.workflowId);
  return outcomes;
}

const poke = defineSignal<[string]>('poke');

export async function pokedOrCancelled(): Promise<string> {
  const pokes: string[] = [];
  setHandler(poke, (by) => void pokes.push(by));
  try {
    await condition(() => false);
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
  return pokes.join(', ');
}

export async function pokesAndCancels(): Promise<string[]> {
  const { workflowId } = workflowInfo();
  const other = await startChild(pokedOrCancelled, { workflowId: `${workflowId}/other` });
  const external = getExternalWorkflowHandle(`${workflowId}/other`);
  await external.signal(poke, 'the probe');
  await other.signal(poke, 'its parent');
  const nobody = getExternalWorkflowHandle(`${workflowId}/nobody`);
  const missed = await failureOf(nobody.signal(poke, 'the probe'));
  const notCancelled = await failureOf(nobody.cancel());
  await external.cancel();
  return [await failureOf(other.result()), missed, notCancelled];
}

const slow = defineUpdate<string, [number]>('slow');

export async function remembers(): Promise<string> {
  setHandler(slow, async (ms) => {
    await sleep(ms);
    return 'updated';
  });
  upsertMemo({ last: 'seen' });
  await sleep(200);
  return String(workflowInfo().memo?.last);
}
