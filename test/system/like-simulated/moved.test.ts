import { onRealServer } from './on-real-server.ts';

// Those whose shows wait for the test, or which a busy machine does not spoil; ../long/moved.test.ts has the others.
onRealServer({
  'model/refusals': () => import('../../simulation/model/refusals.test.ts'),
  'vendor-events/run': () => import('../../simulation/vendor-events/run.test.ts'),
  'webhooks/trouble': () => import('../../simulation/webhooks/trouble.test.ts'),
  'workflows/terminated-close-down': () => import('../../simulation/workflows/terminated-close-down.test.ts'),
  'workflows/vanished-channel': () => import('../../simulation/workflows/vanished-channel.test.ts'),
  'workflows/wrong-transition': () => import('../../simulation/workflows/wrong-transition.test.ts'),
});
