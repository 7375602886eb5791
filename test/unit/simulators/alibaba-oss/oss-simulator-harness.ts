import { createHmac } from 'node:crypto';
import OSS from 'ali-oss';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { alibabaOssSimulator } from '../../../../simulators/alibaba-oss/index.ts';
import { createKit } from '../../../../simulators/kit/kit.ts';
import type { RunningSimulator, SimulatorKit } from '../../../../simulators/kit/types.ts';

export let kit: SimulatorKit;
export let sim: RunningSimulator;
export let client: OSS;

/** One simulator for the tests of a file, with a log of its own for each. */
export function simulateOss(): void {
  beforeAll(async () => {
    kit = createKit();
    sim = await alibabaOssSimulator.start(kit, { slowness: 0 });
    client = clientWith();
  });
  afterAll(() => sim.close());
  beforeEach(() => {
    kit.log.clear();
  });
}

export const settings = () =>
  sim.client as Record<'accessKeyId' | 'accessKeySecret' | 'bucket' | 'region' | 'endpoint', string>;

export const clientWith = (changed: Partial<OSS.Options> = {}): OSS =>
  new OSS({ ...settings(), authorizationV4: true, ...changed });

export const target = { Type: 'HLS', FragDuration: 1, FragCount: 3, PlaylistName: 'playlist.m3u8' };
export const make = (name: string, more: OSS.PutChannelConf = {}) =>
  client.putChannel(name, { Description: 'a test', Status: 'enabled', Target: target, ...more });

/** A request of our own making, signed V1, for what no SDK would send. */
export async function send(method: string, key: string, query: string, { body = '', headers = {}, secret = '' } = {}) {
  const { accessKeyId, accessKeySecret, bucket, endpoint } = settings();
  const date = new Date().toUTCString();
  const text = `${method}\n\n${body ? 'application/xml' : ''}\n${date}\n/${bucket}/${key}${query ? `?${query}` : ''}`;
  const signature = createHmac('sha1', secret || accessKeySecret)
    .update(text)
    .digest('base64');
  const response = await fetch(`${endpoint}/${bucket}/${key}${query ? `?${query}` : ''}`, {
    method,
    headers: {
      date,
      authorization: `OSS ${accessKeyId}:${signature}`,
      ...(body && { 'content-type': 'application/xml' }),
      ...headers,
    },
    ...(body && { body }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
