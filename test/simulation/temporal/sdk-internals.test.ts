import { createRequire } from 'node:module';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { coresdk, keepPromiseHooksAway, sdkVersion, temporal, timestamp, WorkflowSandbox } from './sdk-internals.ts';

// An upgrade of the SDK may change what the simulation uses of its insides. Each test names one such thing; mend
// sdk-internals.ts, and look into the SDK's own worker.ts for how it calls it now.

const require = createRequire(import.meta.url);
const inside = (path: string) => require(`@temporalio/worker/lib/${path}`);

describe(`of the SDK ${sdkVersion} the simulation uses`, () => {
  it('parseWorkflowCode(code) of worker.js', () => {
    expect(inside('worker.js').parseWorkflowCode).toBeTypeOf('function');
  });

  it('ReusableVMWorkflowCreator.create(code, timeout, activity names, …), createWorkflow and destroy of reusable-vm.js', () => {
    const { ReusableVMWorkflowCreator } = inside('workflow/reusable-vm.js');
    expect(ReusableVMWorkflowCreator.create).toHaveLength(4);
    expect(ReusableVMWorkflowCreator.prototype).toMatchObject({
      createWorkflow: expect.any(Function),
      destroy: expect.any(Function),
    });
  });

  it('globalHandlers of vm-shared.js, whose promise hooks stay away when a worker comes', () => {
    const { globalHandlers } = inside('workflow/vm-shared.js');
    keepPromiseHooksAway();
    const { prepareStackTrace } = Error;
    globalHandlers.install();
    // It comes and goes with the hooks.
    expect(Error.prepareStackTrace).toBe(prepareStackTrace);
    expect(globalHandlers.uninstall).toBeTypeOf('function');
  });

  it('the decoders of payload-search-attributes.js', () => {
    const decoders = require('@temporalio/common/lib/converter/payload-search-attributes.js');
    expect(decoders).toMatchObject({
      decodeSearchAttributes: expect.any(Function),
      decodeTypedSearchAttributes: expect.any(Function),
    });
  });

  it('the messages of Core and of Temporal in @temporalio/proto', () => {
    expect(coresdk.workflow_activation.WorkflowActivation.fromObject).toBeTypeOf('function');
    expect(coresdk.workflow_commands.ActivityCancellationType).toMatchObject({ TRY_CANCEL: 0, ABANDON: 2 });
    expect(coresdk.child_workflow.ChildWorkflowCancellationType).toMatchObject({ ABANDON: 0, TRY_CANCEL: 1 });
    expect(temporal.api.enums.v1.RetryState.RETRY_STATE_TIMEOUT).toBe(3);
  });
});

describe('a workflow in the SDK’s VM', () => {
  let sandbox: WorkflowSandbox;
  beforeAll(async () => {
    sandbox = await WorkflowSandbox.open(inject('workflowCode'));
  });

  it('answers its first activation with the commands that the simulation knows', async () => {
    const now = Date.UTC(2026, 10, 21);
    const identity = { workflowId: 'live-event/x', runId: 'r', taskQueue: 'q', namespace: 'default' };
    const instance = await sandbox.start(
      {
        ...identity,
        firstRunId: 'r',
        workflowType: 'liveEvent',
        startedAt: now,
        firstTaskAt: now,
        searchAttributes: {},
      },
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    const initializeWorkflow = {
      ...{ workflowType: 'liveEvent', workflowId: 'live-event/x', firstExecutionRunId: 'r', attempt: 1 },
      startTime: timestamp(now),
      arguments: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{}') }],
    };
    const answer = await instance.activate([{ initializeWorkflow }], {
      now,
      isReplaying: false,
      historyLength: 3,
      flags: [],
    });
    await instance.dispose();
    expect(answer).toMatchObject({
      commands: [
        { setPatchMarker: { patchId: 'plan-checked-within-task' } },
        { scheduleLocalActivity: { activityType: 'preparePlan', seq: 1 } },
      ],
    });
  });
});
