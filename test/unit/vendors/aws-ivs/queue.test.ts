import { Agent, createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { openQueue } from '../../../../vendors/aws-ivs/queue.ts';
import { driverContext } from '../../../support/accounts.ts';

/** The signature's scope of a call to a queue, whose host leads to this machine. */
async function signedFor(host: string, path: string): Promise<string | undefined> {
  let authorization: string | undefined;
  const server = createServer((request, response) => {
    authorization = request.headers.authorization;
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const here: LookupFunction = (_host, options, found) =>
    options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4);
  const agent = new Agent({ lookup: here });
  onTestFinished(() => {
    agent.destroy();
    server.close();
  });
  const settings = { region: 'us-west-2', accessKeyId: 'id', secretAccessKey: 'key-of-the-account' };
  const eventQueueUrl = `http://${host}:${(server.address() as AddressInfo).port}${path}`;
  const http = { ...driverContext.http, agent } as typeof driverContext.http;
  const queue = openQueue({ name: 'us', settings: { ...settings, eventQueueUrl } }, { ...driverContext, http });
  await queue?.receive(new AbortController().signal);
  return /Credential=id\/\d+\/([^/]+)\/sqs\//.exec(authorization ?? '')?.[1];
}

it.each([
  ['sqs.eu-west-1.amazonaws.com', 'eu-west-1'],
  ['eu-west-1.queue.amazonaws.com', 'eu-west-1'],
  ['queue.amazonaws.com', 'us-east-1'],
  ['sqs.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['vpce-0a1-b2.sqs.eu-west-1.vpce.amazonaws.com', 'eu-west-1'],
  ['sqs.eu-west-1.api.aws', 'eu-west-1'],
  // Says no region: the account's.
  ['queues.example', 'us-west-2'],
])('a call to a queue at %s is signed for %s', async (host, region) => {
  expect(await signedFor(host, '/1/north')).toBe(region);
});
