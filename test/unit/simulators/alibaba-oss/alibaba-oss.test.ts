import { createHmac } from 'node:crypto';
import type OSS from 'ali-oss';
import { describe, expect, it } from 'vitest';
import { startEncoder } from '../../../../simulators/kit/encoder.ts';
import { until } from '../../../support/until.ts';
import { client, clientWith, kit, make, send, settings, sim, simulateOss, target } from './oss-simulator-harness.ts';

simulateOss();

describe('signatures', () => {
  it.each([
    ['v1', { authorizationV4: false }],
    ['v4', { authorizationV4: true }],
  ])('%s with a wrong secret is refused', async (_, version) => {
    const attempt = clientWith({ ...version, accessKeySecret: 'wrong' }).getChannelStatus('x');
    await expect(attempt).rejects.toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
  });

  it('of an unknown key is refused', async () => {
    const attempt = clientWith({ accessKeyId: 'nobody' }).getChannelStatus('x');
    await expect(attempt).rejects.toMatchObject({ status: 403, code: 'InvalidAccessKeyId' });
  });

  it('of another region is refused', async () => {
    const attempt = clientWith({ region: 'oss-cn-beijing' }).getChannelStatus('x');
    const message = 'Invalid signing region in Authorization header.';
    await expect(attempt).rejects.toMatchObject({ status: 400, code: 'InvalidArgument', message });
  });

  it('cover the query and the body', async () => {
    await make('signed');
    expect((await send('GET', 'signed', 'comp=stat&live')).status).toBe(200);
    const { bucket, endpoint } = settings();
    const good = await send('GET', 'signed', 'live');
    expect(good.status).toBe(200);
    const unsigned = await fetch(`${endpoint}/${bucket}/signed?live`);
    expect(unsigned.status).toBe(403);
    expect(await unsigned.text()).toContain('<Code>AccessDenied</Code>');
    const body = '<LiveChannelConfiguration><Target><Type>HLS</Type></Target></LiveChannelConfiguration>';
    const digest = createHmac('md5', 'x').update('other').digest('base64');
    const tampered = await clientRequest('PUT', 'signed', body, { 'Content-MD5': digest });
    expect(tampered).toMatchObject({ code: 'InvalidDigest', status: 400 });
  });

  it('of a clock a quarter of an hour off are refused', async () => {
    const skewed = clientWith();
    Object.assign((skewed as unknown as { options: object }).options, { amendTimeSkewed: 16 * 60_000 });
    await expect(skewed.getChannelStatus('x')).rejects.toMatchObject({ code: 'RequestTimeTooSkewed' });
  });

  it.each([
    ['with its token', 'rehearsal-sts-token/+=', 404],
    ['with a wrong token', 'wrong', 403],
  ])('of a temporary key %s', async (_, stsToken, status) => {
    const { temporaryKeyId = '', temporaryKeySecret = '' } = sim.client;
    const refreshSTSToken = async () => ({ accessKeyId: '', accessKeySecret: '', stsToken: '' });
    const keys = { accessKeyId: temporaryKeyId, accessKeySecret: temporaryKeySecret, stsToken, refreshSTSToken };
    await expect(clientWith(keys).getChannelStatus('not-there')).rejects.toMatchObject({ status });
  });

  it('in a URL open a private object until they expire', async () => {
    const named = clientWith({ endpoint: settings().endpoint.replace('127.0.0.1', 'localhost'), cname: true });
    await client.putBucketACL(settings().bucket, 'private');
    try {
      const signedUrls = [
        named.signatureUrl('none.ts', { expires: 60 }),
        await clientWith({
          endpoint: settings().endpoint.replace('127.0.0.1', 'localhost'),
          cname: true,
        }).signatureUrlV4('GET', 60, {}, 'none.ts'),
      ];
      for (const url of signedUrls) {
        expect((await fetch(url)).status).toBe(404);
        expect((await fetch(url.replace('none.ts', 'other.ts'))).status).toBe(403);
      }
      expect((await fetch(named.signatureUrl('none.ts', { expires: -60 }))).status).toBe(403);
      expect((await fetch(`${sim.client.playbackBaseUrl}/none.ts`)).status).toBe(403);
    } finally {
      await client.putBucketACL(settings().bucket, 'public-read');
    }
  });

  const clientRequest = async (method: string, name: string, content: string, headers: object) => {
    const raw = client as unknown as {
      _objectRequestParams(method: string, name: string, options: object): object;
      request(params: object): Promise<unknown>;
    };
    const params = raw._objectRequestParams(method, name, { subres: 'live', headers });
    return raw.request({ ...params, content, successStatuses: [200] }).catch((error: unknown) => error);
  };
});

describe('the wire', () => {
  it('answers an error as the vendor does', async () => {
    const { status, headers, text } = await send('GET', 'not-there', 'live');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/xml');
    expect(headers.get('x-oss-request-id')).toMatch(/^[0-9A-F]{24}$/);
    expect(text).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><Code>NoSuchLiveChannel<\/Code><Message>The specified live channel does not exist.<\/Message><RequestId>[0-9A-F]{24}<\/RequestId><HostId>/,
    );
  });

  it('does not know other buckets, wherever they are named', async () => {
    await expect(clientWith({ bucket: 'other' }).getChannelStatus('x')).rejects.toMatchObject({ code: 'NoSuchBucket' });
    expect(await (await fetch(`${settings().endpoint}/other/x?live`)).text()).toContain('<Code>NoSuchBucket</Code>');
  });

  it('gives back what a channel was made of', async () => {
    const { publishUrls, playUrls } = await make('echo', { Description: '直播 & <more>' });
    expect(publishUrls).toEqual([expect.stringMatching(/^rtmp:\/\/127\.0\.0\.1:\d+\/live\/echo$/)]);
    expect(playUrls).toEqual([`${sim.client.playbackBaseUrl}/echo/playlist.m3u8`]);
    expect((await client.getChannel('echo')).data).toEqual({
      Description: '直播 & <more>',
      Status: 'enabled',
      Target: { Type: 'HLS', FragDuration: '1', FragCount: '3', PlaylistName: 'playlist.m3u8' },
    });
  });

  it('fills in the defaults of the service', async () => {
    const body = '<LiveChannelConfiguration><Target><Type>HLS</Type></Target></LiveChannelConfiguration>';
    expect((await send('PUT', 'plain', 'live', { body })).status).toBe(200);
    expect((await client.getChannel('plain')).data).toMatchObject({
      Status: 'enabled',
      Target: { FragDuration: '5', FragCount: '3', PlaylistName: 'playlist.m3u8' },
    });
  });

  it.each([
    [{ Target: { ...target, FragDuration: 101 } }, '0044-00000014'],
    [{ Target: { ...target, FragCount: 0 } }, '0044-00000015'],
    [{ Target: { ...target, PlaylistName: 'a/b.m3u8' } }, '0044-00000016'],
    [{ Target: { ...target, PlaylistName: 'a.m3u' } }, '0044-00000017'],
    [{ Target: { ...target, PlaylistName: 'playlist.mp4' } }, '0044-00000018'],
    [{ Target: { ...target, Type: 'DASH' } }, undefined],
    [{ Status: 'open' }, '0044-00000002'],
    [{ Description: 'd'.repeat(129) }, undefined],
  ])('refuses %j', async (config, ecCode) => {
    await expect(make('refused', config)).rejects.toMatchObject({ status: 400, code: 'InvalidArgument', ecCode });
    await expect(client.getChannel('refused')).rejects.toMatchObject({ code: 'NoSuchLiveChannel' });
  });

  it.each([
    [
      'a slash in the name',
      'a/b',
      '<LiveChannelConfiguration><Target><Type>HLS</Type></Target></LiveChannelConfiguration>',
      'InvalidArgument',
    ],
    ['a body that is not XML', 'x', '<LiveChannelConfiguration>', 'MalformedXML'],
    ['another document', 'x', '<Other/>', 'MalformedXML'],
  ])('refuses %s', async (_, name, body, code) => {
    const answer = await send('PUT', name, 'live', { body });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(`<Code>${code}</Code>`);
  });

  it('pages through channels in the order of their names', async () => {
    for (const name of ['page-b', 'page-c', 'page-a', 'pagf']) await make(name);
    const query = (more: object) => ({ prefix: 'page-', ...more }) as unknown as OSS.ListChannelsQuery;
    const first = await client.listChannels(query({ 'max-keys': 2 }));
    expect(first.channels.map(({ Name }) => Name)).toEqual(['page-a', 'page-b']);
    expect(first).toMatchObject({ isTruncated: true, nextMarker: 'page-b' });
    const second = await client.listChannels(query({ 'max-keys': 2, marker: first.nextMarker }));
    expect(second.channels.map(({ Name }) => Name)).toEqual(['page-c']);
    expect(second).toMatchObject({ isTruncated: false, nextMarker: null });
    await expect(client.listChannels(query({ 'max-keys': 1001 }))).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  it('overwrites on put, and counts it as made again', async () => {
    const before = sim.made()['live-channel'] ?? 0;
    await make('twice', { Description: 'one' });
    await make('twice', { Description: 'two' });
    expect((await client.getChannel('twice')).data.Description).toBe('two');
    expect(sim.made()['live-channel']).toBe(before + 2);
    expect(sim.resources().filter(({ name }) => name === 'twice')).toEqual([
      { vendor: 'alibaba-oss', kind: 'live-channel', name: 'twice', billed: false, state: 'Idle' },
    ]);
  });

  it('says that nothing was recorded in a span, and which spans cannot be', async () => {
    await make('silent');
    const post = (startTime: number, endTime: number) => client.createVod('silent', 'vod.m3u8', { startTime, endTime });
    await expect(post(1000, 2000)).rejects.toMatchObject({
      status: 400,
      code: 'InvalidArgument',
      message: 'No ts file found in specified time span.',
    });
    await expect(post(2000, 2000)).rejects.toMatchObject({ message: expect.stringContaining('endTime') });
    await expect(post(1.5, 2000)).rejects.toMatchObject({ ecCode: '0044-00000304' });
    await expect(post(1000, 90_000)).rejects.toMatchObject({ ecCode: '0044-00000306' });
    await expect(client.createVod('nobody', 'vod.m3u8', { startTime: 1, endTime: 2 })).rejects.toMatchObject({
      code: 'NoSuchLiveChannel',
    });
  });

  it('lets faults pass by players and hits the calls that are named', async () => {
    kit.faults.add('alibaba-oss', { operation: '*', kind: 'throttle' });
    expect((await fetch(`${sim.client.playbackBaseUrl}/none.ts`)).status).toBe(404);
    await expect(client.getChannelStatus('x')).rejects.toMatchObject({
      status: 503,
      code: 'MetaOperationQpsLimitExceeded',
    });
    await expect(client.getChannelStatus('x')).rejects.toMatchObject({ code: 'NoSuchLiveChannel' });
  });
});

describe('pushes', () => {
  const publishUrl = (name: string, expires = 60, changed: Partial<OSS.Options> = {}) =>
    clientWith(changed).getRtmpUrl(name, { params: { playlistName: 'playlist.m3u8' }, expires });
  const state = async (name: string) =>
    ((await client.getChannelStatus(name)) as unknown as { data: Record<string, string> }).data;
  const refusedFor = async (url: string): Promise<string | undefined> => {
    await expect(startEncoder({ url })).rejects.toThrow();
    return kit.log.entries({ operation: 'media:Publish' }).at(-1)?.note;
  };

  it("are taken at the vendor SDK's own URL, on the port of the API", async () => {
    await make('pushed');
    const url = publishUrl('pushed');
    expect(new URL(url).port).toBe(new URL(settings().endpoint).port);
    const encoder = await startEncoder({ url });
    expect(await state('pushed')).toMatchObject({
      Status: 'Live',
      ConnectedTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
      RemoteAddr: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
    await until(async () => Number((await videoOf('pushed'))?.Bandwidth) > 0);
    expect(await videoOf('pushed')).toMatchObject({ Codec: 'H264', Width: expect.stringMatching(/^[1-9]/) });
    await encoder.stop();
    await until(async () => (await state('pushed')).Status === 'Idle');
  });

  const videoOf = async (name: string) => (await state(name)).Video as unknown as Record<string, string> | undefined;

  it.each([
    ['a wrong secret', () => publishUrl('guarded', 60, { accessKeySecret: 'wrong' }), 'SignatureDoesNotMatch'],
    ['an unknown key', () => publishUrl('guarded', 60, { accessKeyId: 'nobody' }), 'InvalidAccessKeyId'],
    ['an expired URL', () => publishUrl('guarded', -60), 'AccessDenied: the publish URL has expired'],
    ['no signature', () => `${sim.client.ingestBaseUrl}/live/guarded`, 'AccessDenied: the publish URL is not signed'],
    ['the URL of another channel', () => publishUrl('other').replace('/other', '/guarded'), 'SignatureDoesNotMatch'],
    [
      'another playlist than was signed',
      () => publishUrl('guarded').replace('playlist.m3u8', 'playlist2.m3u8'),
      'SignatureDoesNotMatch',
    ],
    ['no such channel', () => publishUrl('nobody'), 'NoSuchLiveChannel'],
  ])('are refused with %s', async (_, url, reason) => {
    await make('guarded');
    expect(await refusedFor(url())).toBe(reason);
    expect(await state('guarded')).toEqual({ Status: 'Idle' });
  });

  it('are refused while the channel is disabled', async () => {
    await make('closed', { Status: 'disabled' });
    expect(await state('closed')).toEqual({ Status: 'Disabled' });
    expect(await refusedFor(publishUrl('closed'))).toBe('LiveChannelDisabled');
  });

  it('need no signature where the bucket is open for writing', async () => {
    await make('open');
    await client.putBucketACL(settings().bucket, 'public-read-write');
    const encoder = await startEncoder({ url: `${sim.client.ingestBaseUrl}/live/open` });
    await client.putBucketACL(settings().bucket, 'public-read');
    await encoder.stop();
  });

  it('keep the channel from being changed, deleted or taken by another', async () => {
    await make('busy');
    const encoder = await startEncoder({ url: publishUrl('busy') });
    expect(sim.resources().find(({ name }) => name === 'busy')).toMatchObject({ billed: true, state: 'Live' });
    await expect(make('busy')).rejects.toMatchObject({ status: 409, code: 'ChannelStillLive' });
    await expect(client.deleteChannel('busy')).rejects.toMatchObject({
      code: 'ChannelStillLive',
      ecCode: '0044-00000201',
    });
    expect(await refusedFor(publishUrl('busy'))).toContain('already');
    await client.putChannelStatus('busy', 'disabled');
    expect(await encoder.done).toMatchObject({ reason: 'closed' });
    await client.deleteChannel('busy');
    expect(sim.resources().find(({ name }) => name === 'busy')).toBeUndefined();
  });

  it('are remembered, the ten latest', async () => {
    await make('often');
    for (let i = 0; i < 11; i += 1) {
      const encoder = await startEncoder({ url: publishUrl('often') });
      await encoder.stop();
      await until(async () => (await state('often')).Status === 'Idle');
    }
    const { records } = (await client.getChannelHistory('often')) as unknown as { records: Record<string, string>[] };
    expect(records).toHaveLength(10);
    for (const record of records) {
      expect(record).toEqual({
        StartTime: expect.stringMatching(/\.000Z$/),
        EndTime: expect.stringMatching(/\.000Z$/),
        RemoteAddr: expect.stringMatching(/:\d+$/),
      });
    }
  });

  it('write a live playlist and TS files named by the millisecond, which stay when the channel goes', async () => {
    await make('filmed');
    const encoder = await startEncoder({ url: publishUrl('filmed') });
    const list = async () => (await client.listV2({ prefix: 'filmed/', 'max-keys': '100' })).objects ?? [];
    await until(async () => (await list()).length >= 3);
    await client.putChannelStatus('filmed', 'disabled');
    await encoder.done;
    await client.deleteChannel('filmed');
    const names = (await list()).map(({ name }) => name);
    for (const { lastModified } of await list()) expect(lastModified).toMatch(/:\d\d\.000Z$/);
    expect(names.filter((name) => /^filmed\/\d{13}\.ts$/.test(name)).length).toBeGreaterThanOrEqual(2);
    expect(names).toContain('filmed/playlist.m3u8');
    const playlist = await (await fetch(`${sim.client.playbackBaseUrl}/filmed/playlist.m3u8`)).text();
    expect(playlist).not.toContain('ENDLIST');
    expect(playlist).toMatch(/\n\d{13}\.ts\n/);
  });

  it('leave no secret in the log', async () => {
    await make('logged');
    await refusedFor(publishUrl('logged', -60));
    expect(JSON.stringify(kit.log.entries())).not.toContain(
      encodeURIComponent(new URL(publishUrl('logged')).searchParams.get('Signature') ?? 'none'),
    );
    expect(JSON.stringify(kit.log.entries())).not.toContain(settings().accessKeySecret);
  });
});
