import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namelessActions, timelessInstants, unreadablePayloads } from './garbage.ts';
import { type HeldShow, ModelHarness, slowAccount } from './model-harness.ts';

let harness: ModelHarness;
beforeAll(async () => {
  harness = await ModelHarness.open();
  await harness.work();
});
afterAll(() => harness.close());

const by = { by: 'tester', reason: 'the test says so' };
const hour = 3_600_000;
/** Well beyond the longest test, so that no cue comes while a state is tried. */
const long = { duration: '1h', waits: { firstConnect: '1h', encoderLost: '1h', maxDuration: '2h' } };
const at = (ms: number): string => new Date(Date.now() + ms).toISOString();

const stopNow = ['stopNow', () => by] as const;
const extend = ['extend', () => ({ ...by, endsAt: at(1.5 * hour) })] as const;
const reschedule = ['reschedule', () => ({ ...by, startsAt: at(3 * hour), endsAt: at(4 * hour) })] as const;
const skipWait = ['skipWait', () => by] as const;
const resetEncoder = ['resetEncoder', () => by] as const;
const retryVod = ['retryVod', () => by] as const;

type Row = readonly [...action: readonly [update: string, action: () => unknown], refusal: string];
interface State {
  state: string;
  /** Tried with garbage too. */
  sensitive?: true;
  reach(): Promise<HeldShow>;
  refused: readonly Row[];
}

const noWait = 'nothing waits for the encoder';
const noEncoder = 'no encoder can be connected';
const noVod = 'no recording is being published';
const useExtend = 'to move only the end, use extend';
const isOver = 'the show is over';
const noEnd = 'its end cannot be moved any more';

const badEnds: readonly Row[] = [
  ['extend', () => ({ ...by, endsAt: at(-hour) }), 'is past; to end the show now, use stop'],
  ['extend', () => ({ ...by, endsAt: at(hour / 2) }), 'already; to end it sooner, use stop'],
  ['extend', () => ({ ...by, endsAt: at(9 * hour) }), 'no run goes on past'],
  ['extend', () => ({ ...by, endsAt: '9999-12-31T23:59:59Z' }), 'no run goes on past'],
];
const badStop: Row = ['stopNow', () => ({ ...by, keepRecording: 'no' }), 'keepRecording must be true or false'];
const stopped = 'the show is being stopped: stopped by tester';
const allAfterTheStop = (phase: string): Row[] => [
  [...stopNow, `${isOver} (${phase})`],
  [...extend, `${isOver} (${phase}): ${noEnd}`],
  [...reschedule, `(${phase}); ${useExtend}`],
  [...skipWait, `${noWait} (${phase})`],
  [...resetEncoder, `${noEncoder} (${phase})`],
];

const states: readonly State[] = [
  {
    state: 'whose plan is still being checked',
    sensitive: true,
    reach: async () => {
      const show = await harness.show({ ...long, account: slowAccount }, ['driver']);
      await show.lives();
      return show;
    },
    refused: [
      badStop,
      [...extend, 'the plan is still being checked'],
      [...reschedule, 'the plan is still being checked'],
      [...skipWait, `${noWait} (scheduled)`],
      [...resetEncoder, `${noEncoder} (scheduled)`],
      [...retryVod, `${noVod} (scheduled)`],
    ],
  },
  {
    state: 'that waits for its time',
    reach: async () => {
      const show = await harness.show({ ...long, startsAt: at(hour / 4), duration: '45m' });
      await show.reaches('scheduled');
      return show;
    },
    refused: [
      badStop,
      ...badEnds,
      ['reschedule', () => ({ ...by, startsAt: at(hour), endsAt: at(hour / 2) }), 'is not after the new start'],
      ['reschedule', () => ({ ...by, startsAt: at(-2 * hour), endsAt: at(-hour) }), 'is past'],
      ['reschedule', () => ({ ...by, startsAt: at(hour), endsAt: at(9 * hour) }), 'longer than waits.maxDuration 2h'],
      [...skipWait, `${noWait} (scheduled)`],
      [...resetEncoder, `${noEncoder} (scheduled)`],
      [...retryVod, `${noVod} (scheduled)`],
    ],
  },
  ...(['allocating', 'starting', 'creating-output'] as const).map((phase): State => {
    const held = ({ allocating: 'allocate', starting: 'start', 'creating-output': 'createOutput' } as const)[phase];
    return {
      state: `that is ${phase}`,
      reach: async () => {
        const show = await harness.show(long, [held]);
        await show.reaches(phase);
        return show;
      },
      refused: [
        badStop,
        ...badEnds,
        [...reschedule, `(${phase}); ${useExtend}`],
        [...skipWait, `${noWait} (${phase})`],
        [...resetEncoder, `${noEncoder} (${phase})`],
        [...retryVod, `${noVod} (${phase})`],
      ],
    };
  }),
  {
    state: 'whose encoder has not come',
    reach: async () => {
      const show = await harness.show(long);
      await show.reaches('waiting-for-encoder');
      return show;
    },
    refused: [badStop, ...badEnds, [...reschedule, useExtend], [...retryVod, `${noVod} (waiting-for-encoder)`]],
  },
  {
    state: 'that is live',
    sensitive: true,
    reach: async () => {
      const show = await harness.show(long);
      await show.reaches('waiting-for-encoder');
      show.connect();
      await show.reaches('live');
      return show;
    },
    refused: [
      badStop,
      ...badEnds,
      [...reschedule, `(live); ${useExtend}`],
      [...skipWait, `${noWait} (live)`],
      [...retryVod, `${noVod} (live)`],
    ],
  },
  {
    state: 'whose encoder is lost',
    reach: async () => {
      const show = await harness.show(long);
      await show.reaches('waiting-for-encoder');
      show.connect();
      await show.reaches('live');
      show.disconnect();
      await show.reaches('encoder-lost');
      return show;
    },
    refused: [
      badStop,
      ...badEnds,
      [...reschedule, `(encoder-lost); ${useExtend}`],
      [...skipWait, `${noWait} (encoder-lost)`],
      [...retryVod, `${noVod} (encoder-lost)`],
    ],
  },
  {
    state: 'that an operator stops while its channel is being made',
    reach: async () => {
      const show = await harness.show(long, ['allocate']);
      await show.reaches('allocating');
      await show.ask('stopNow', by);
      return show;
    },
    refused: [
      [...stopNow, 'the show is being stopped already: stopped by tester'],
      [...extend, stopped],
      [...reschedule, stopped],
      [...skipWait, stopped],
      [...resetEncoder, stopped],
      [...retryVod, `${noVod} (allocating)`],
    ],
  },
  ...(['stopping', 'publishing-vod', 'cleaning-up'] as const).map((phase): State => {
    const held = ({ stopping: 'stop', 'publishing-vod': 'publishVod', 'cleaning-up': 'cleanUp' } as const)[phase];
    return {
      state: `that is ${phase}, because the encoder was gone for too long`,
      reach: async () => {
        const show = await harness.show({ ...long, waits: { ...long.waits, encoderLost: '1ms' } }, [held]);
        await show.reaches('waiting-for-encoder');
        show.connect();
        await show.reaches('live');
        show.disconnect();
        await show.reaches(phase);
        return show;
      },
      refused: [...allAfterTheStop(phase), ...(phase === 'publishing-vod' ? [] : [[...retryVod, noVod] satisfies Row])],
    };
  }),
];

const updates = ['stopNow', 'extend', 'reschedule', 'skipWait', 'resetEncoder', 'retryVod'] as const;

describe.each(states)('an event $state', ({ reach, refused }) => {
  let show: HeldShow;
  beforeAll(async () => {
    show = await reach();
  });

  const ask = (update: string, args: readonly unknown[]) => show.ask(update, ...args);

  it.each(refused.map(([update, action, refusal]) => [update, refusal, action] as const))(
    'refuses %s: %s',
    async (update, refusal, action) => {
      await expect(ask(update, [action()])).rejects.toMatchObject({
        name: 'WorkflowUpdateFailedError',
        cause: { type: 'refused', message: expect.stringContaining(refusal) },
      });
    },
  );

  it('was not disturbed by any of it, and ends as ever', async () => {
    const before = await show.status();
    show.go();
    if (!before.endReason) await show.ask('stopNow', by).catch(() => {});
    const report = await show.result();
    expect(report.released).toBe(true);
    expect(report.audit.every(({ action }) => action === 'stopNow')).toBe(true);
    expect(report.endReason).toBe(before.endReason ?? 'stopped-by-operator');
    expect(await show.stumbles()).toEqual([]);
  });
});

describe.each(states.filter(({ sensitive }) => sensitive))('an event $state', ({ reach }) => {
  let show: HeldShow;
  beforeAll(async () => {
    show = await reach();
  });

  const ask = (update: string, args: readonly unknown[]) => show.ask(update, ...args);

  it.each(updates)('refuses every action without a name or a reason in %s', async (update) => {
    const asked = namelessActions.map(([what, args, refusal]) =>
      expect(ask(update, args), what).rejects.toMatchObject({
        cause: { type: 'refused', message: expect.stringMatching(refusal) },
      }),
    );
    await Promise.all(asked);
  });

  it('refuses whatever is not an instant', async () => {
    const asked = timelessInstants.flatMap(([what, [instant], refusal]) => {
      const actions = [
        ['extend', { ...by, endsAt: instant }],
        ['reschedule', { ...by, startsAt: instant, endsAt: at(hour) }],
        ['reschedule', { ...by, startsAt: at(hour), endsAt: instant }],
      ] as const;
      return actions.map(([update, action]) =>
        expect(ask(update, [action]), what).rejects.toMatchObject({
          cause: { type: 'refused', message: expect.stringMatching(refusal) },
        }),
      );
    });
    await Promise.all(asked);
  });

  it('refuses what it cannot read, and unknown updates', async () => {
    for (const [what, encoding, data] of unreadablePayloads) {
      for (const update of updates) {
        const failure = await rawUpdate(show, update, encoding, data);
        expect(failure?.message, `${update} with ${what}`).toBeTruthy();
      }
    }
    for (const update of ['destroy', '__proto__', 'constructor', 'toString']) {
      await expect(ask(update, [by])).rejects.toThrow();
    }
  });

  it('has not stumbled over any of it', async () => {
    show.go();
    await show.ask('stopNow', by);
    expect(await show.result()).toMatchObject({ endReason: 'stopped-by-operator', audit: [{ action: 'stopNow' }] });
    expect(await show.stumbles()).toEqual([]);
  });
});

describe('an event that is over', () => {
  it('refuses everything', async () => {
    const show = await harness.show({ startsAt: at(-2 * hour), duration: '1h' });
    await show.result();
    for (const update of updates) {
      await expect(show.handle.executeUpdate(update, { args: [by] }), update).rejects.toThrow('already completed');
    }
  });
});

/** As a client in any language could send it: past our converters. Gives the failure it was answered with. */
async function rawUpdate(show: HeldShow, name: string, encoding: string, data: string) {
  const { client, namespace } = harness.env;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const { outcome } = await client.workflowService.updateWorkflowExecution({
    namespace,
    workflowExecution: { workflowId: show.handle.workflowId },
    waitPolicy: { lifecycleStage: 3 },
    request: {
      meta: { updateId: crypto.randomUUID(), identity: 'raw' },
      input: { name, args: { payloads: [{ metadata: { encoding: bytes(encoding) }, data: bytes(data) }] } },
    },
  });
  return outcome?.failure;
}
