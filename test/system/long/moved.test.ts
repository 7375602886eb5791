import { onRealServer } from '../like-simulated/on-real-server.ts';

// Their shows last seconds, for which a busy machine is too late. Wrong clocks and shows of hours can only be simulated.
onRealServer({
  'webhooks/run': () => import('../../simulation/webhooks/run.test.ts'),
  'workflows/last-look': () => import('../../simulation/workflows/last-look.test.ts'),
  'workflows/live-event': () => import('../../simulation/workflows/live-event.test.ts'),
  'workflows/moved-account': () => import('../../simulation/workflows/moved-account.test.ts'),
  'workflows/opened-late': () => import('../../simulation/workflows/opened-late.test.ts'),
  'workflows/operators': () => import('../../simulation/workflows/operators.test.ts'),
  'workflows/races': () => import('../../simulation/workflows/races.test.ts'),
  'workflows/recording-retry': () => import('../../simulation/workflows/recording-retry.test.ts'),
  'workflows/skip-at-the-deadline': () => import('../../simulation/workflows/skip-at-the-deadline.test.ts'),
  'workflows/vendor-trouble': () => import('../../simulation/workflows/vendor-trouble.test.ts'),
  'workflows/waits': () => import('../../simulation/workflows/waits.test.ts'),
});
