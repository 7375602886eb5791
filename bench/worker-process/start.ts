import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { VendorError } from '../../domain/errors.ts';
import { messageOf } from '../../domain/message-of.ts';
import type { FakeVendor } from '../../test/support/fake-driver.ts';
import { liveStreamOf } from '../live-stream.ts';
import { cpuSeconds } from '../stand.ts';
import type { WorkerPlace } from '../temporal.ts';
import type { Answer, Ask, FromWorker } from './messages.ts';

export interface WorkerProcess {
  /** CPU that it has used, also when it is over. */
  cpuSeconds(): number;
  /** `SIGKILL` for a death, `SIGTERM` for a stop. */
  end(signal: 'SIGKILL' | 'SIGTERM'): void;
  ended: Promise<unknown>;
}

/** A worker in a process of its own; its vendor is the one here, so that it outlives the worker. */
export async function startWorkerProcess(
  { address, namespace, taskQueue }: WorkerPlace,
  vendor: FakeVendor,
): Promise<WorkerProcess> {
  const script = fileURLToPath(new URL('./main.ts', import.meta.url));
  const child = fork(script, [address, namespace, taskQueue], {
    execArgv: ['--import', 'tsx'],
    // Playlists and segments are bytes, which JSON makes much longer.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  let lastCpuSeconds: number | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    child.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'left') lastCpuSeconds = message.cpuSeconds;
      // A worker that was killed gets no answer, which is no error here.
      else void answerTo(message, vendor).then((answer) => child.connected && child.send(answer, () => {}));
    });
    child.once('exit', () => reject(new Error('a worker ended before it was ready')));
  });
  await ready;
  return {
    cpuSeconds: () => lastCpuSeconds ?? cpuSeconds(child.pid),
    end(signal) {
      if (signal === 'SIGKILL') lastCpuSeconds = cpuSeconds(child.pid);
      child.kill(signal);
    },
    ended,
  };
}

async function answerTo({ n, method, args }: Ask, vendor: FakeVendor): Promise<Answer> {
  const methods = { ...vendor.driver('default'), view: liveStreamOf(vendor) };
  try {
    const called = methods[method as keyof typeof methods] as (...args: readonly unknown[]) => unknown;
    return { n, value: await called(...args) };
  } catch (error) {
    return error instanceof VendorError ? { n, facts: error.facts } : { n, message: messageOf(error) };
  }
}
