/** A worker in a process of its own, whose vendor is in the process that forked it. */
import type { ViewerGet } from '../../activities/on-air/viewer.ts';
import { VendorError } from '../../domain/errors.ts';
import type { VendorDriver } from '../../vendors/driver.ts';
import { bundleNow } from '../../worker/bundle-now.ts';
import { runWorker } from '../../worker/run.ts';
import { roomyVendor } from '../stand.ts';
import { benchWorker } from '../temporal.ts';
import type { Answer, FromWorker } from './messages.ts';

const [address = '', namespace = '', taskQueue = ''] = process.argv.slice(2);
const send = (message: FromWorker) => process.send?.(message);

const asked = new Map<number, (answer: Answer) => void>();
let n = 0;
process.on('message', (answer: Answer) => {
  asked.get(answer.n)?.(answer);
  asked.delete(answer.n);
});

async function ask(method: string, args: readonly unknown[]): Promise<unknown> {
  const answer = await new Promise<Answer>((resolve) => {
    n += 1;
    asked.set(n, resolve);
    send({ kind: 'ask', n, method, args });
  });
  if ('facts' in answer) throw new VendorError(answer.facts);
  if ('message' in answer) throw new Error(answer.message);
  return answer.value;
}

/** `refOf` answers at once, and a preflight asks its caller: both need nothing that the other process knows. */
function driverOf(account: string): VendorDriver {
  const local = roomyVendor(true).driver(account);
  const remote = Object.keys(local)
    .filter((method) => method !== 'refOf' && method !== 'preflight')
    .map((method) => [method, (...args: unknown[]) => ask(method, args)] as const);
  return { ...local, ...Object.fromEntries(remote) };
}

const worker = await runWorker(benchWorker({ address, namespace, taskQueue }), {
  bundle: await bundleNow(),
  drivers: async (_vendor, account) => driverOf(account),
  viewer: async (...args) => (await ask('view', args)) as Awaited<ReturnType<ViewerGet>>,
});
// The process that measures is gone, and so is its Temporal.
process.once('disconnect', () => process.exit(1));
process.once('SIGTERM', () => void worker.leave());
send({ kind: 'ready' });
await worker.done;
const { user, system } = process.cpuUsage();
send({ kind: 'left', cpuSeconds: (user + system) / 1e6 });
process.removeAllListeners('disconnect').disconnect();
