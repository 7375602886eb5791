import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { registerStatus } from '../../../cli/commands/status.ts';
import { TemporalService } from '../../../cli/service/temporal-service.ts';
import type { ShowcallerClient } from '../../../client/client.ts';
import { commandOutput } from '../../support/command-output.ts';

afterEach(() => void vi.restoreAllMocks());

const endpoints = [
  { leg: 'backup', protocol: 'rtmp', url: 'rtmp://b/k', server: 'rtmp://b', streamKey: 'k', closesAt: 2 },
];

async function ingest(answer: object, ...args: string[]): Promise<{ out: string; said: string }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return commandOutput(registerStatus, ['ingest', 'final', '--api', api, ...args]);
}

it.each([[[]], [['--json']], [['--for', 'ffmpeg']]])(
  'of which leg there is no address, and why, stands beside the answer with %j',
  async (args) => {
    const missing = [{ leg: 'main', reason: 'alibaba-oss does not answer; try again' }, { reason: 'it pulls' }];
    const { out, said } = await ingest({ endpoints, missing }, ...args);
    expect(said).toBe(
      'showcaller: no address of leg main: alibaba-oss does not answer; try again\n' +
        'showcaller: no address of final: it pulls\n',
    );
    expect(out).not.toContain('main');
    if (args.includes('--json')) expect(JSON.parse(out)).toEqual(endpoints);
    // An API of an older version says nothing of it.
    expect((await ingest({ endpoints }, ...args)).said).toBe('');
  },
);

it('an event that is over or was stopped has no address, also without the API', async () => {
  const channel = { ref: { vendor: 'alibaba-oss', account: 'default', name: 'x', workflowId: 'live-event/final' } };
  const of = (workflowStatus: string, phase: string, stoppedAt?: number) =>
    new TemporalService({
      summary: async () => ({ workflowStatus }),
      status: async () => ({ phase, stoppedAt, entered: {}, endsAt: 1, channel }),
    } as unknown as ShowcallerClient).ingest('final');
  await expect(of('TERMINATED', 'live')).rejects.toThrow('final is over (terminated): no encoder may send any more');
  const stopped = of('RUNNING', 'publishing-vod', 1);
  await expect(stopped).rejects.toThrow('final has no address in the phase publishing-vod: no encoder may send');
});
