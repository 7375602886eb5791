import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { client, make, send, settings, simulateOss, target } from './oss-simulator-harness.ts';

simulateOss();

describe('what other SDKs and long names meet', () => {
  /** As the Go SDK's AuthV4 does: over the text of `Date`, with no x-oss-date. */
  async function sendLikeGo(key: string, query: string, date = new Date()): Promise<Response> {
    const { accessKeyId, accessKeySecret, bucket, endpoint, region } = settings();
    const text = date.toUTCString();
    const day = date.toISOString().slice(0, 10).replaceAll('-', '');
    const scope = `${day}/${region.replace('oss-', '')}/oss/aliyun_v4_request`;
    const hmac = (secret: string | Buffer, value: string) => createHmac('sha256', secret).update(value).digest();
    const canonical = ['GET', `/${bucket}/${key}`, query, '', '', 'UNSIGNED-PAYLOAD'].join('\n');
    const toSign = ['OSS4-HMAC-SHA256', text, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
    const secret = scope.split('/').reduce<string | Buffer>(hmac, `aliyun_v4${accessKeySecret}`);
    const signature = hmac(secret, toSign).toString('hex');
    const authorization = `OSS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},Signature=${signature}`;
    return fetch(`${endpoint}/${bucket}/${key}?${query}`, { headers: { date: text, authorization } });
  }

  it('is a signature V4 over Date, as fresh as any other', async () => {
    await make('go');
    expect((await sendLikeGo('go', 'comp=stat&live')).status).toBe(200);
    const old = await sendLikeGo('go', 'comp=stat&live', new Date(Date.now() - 16 * 60_000));
    expect(await old.text()).toContain('RequestTimeTooSkewed');
  });

  const put = (name: string) => client.putChannel(name, { Description: '', Status: 'enabled', Target: target });

  it.each([
    ['ASCII', 'n'.repeat(1024)],
    ['UTF-8', 'ü'.repeat(512)],
    ['UTF-8 of four bytes', '🎥'.repeat(256)],
  ])('is a name of 1,024 bytes in %s refused, for a channel and for an object', async (_of, name) => {
    expect(Buffer.byteLength(name)).toBe(1024);
    const refused = { status: 400, code: 'InvalidObjectName' };
    await expect(put(name)).rejects.toMatchObject(refused);
    await expect(client.getChannelStatus(name)).rejects.toMatchObject(refused);
    await expect(client.delete(name)).rejects.toMatchObject(refused);
    await expect(client.getChannel('n')).rejects.toMatchObject({ code: 'NoSuchLiveChannel' });
  });

  it('is a name of 1,023 bytes the longest', async () => {
    await put('n'.repeat(1023));
    await put(`${'ü'.repeat(511)}n`);
    expect((await send('GET', 'n'.repeat(1023), 'comp=stat&live')).text).toContain('<Status>Idle</Status>');
    await client.deleteChannel('n'.repeat(1023));
  });

  it('is listed in whole seconds, which the SDKs want with .000', async () => {
    await make('listed');
    const { text } = await send('GET', '', 'live');
    expect(text).toMatch(/<LastModified>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z<\/LastModified>/);
  });

  it('gets the number of the reason why there is no playlist', async () => {
    await make('quiet');
    const now = Math.floor(Date.now() / 1000);
    const span = `endTime=${now}&startTime=${now - 60}&vod`;
    const codeOf = async (method: string, key: string) => (await send(method, key, span)).headers.get('x-oss-ec');
    expect(await codeOf('GET', 'quiet')).toBe('0044-00000308');
    expect(await codeOf('POST', 'quiet/show.m3u8')).toBe('0044-00000308');
    expect(await codeOf('POST', 'quiet/show.txt')).toBe('0044-00000403');
    expect(await codeOf('GET', 'a/b')).toBe('0044-00000302');
    expect((await send('POST', 'absent/show.m3u8', span)).text).toContain('NoSuchLiveChannel');
  });
});
