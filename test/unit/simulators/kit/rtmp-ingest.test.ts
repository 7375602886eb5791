import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startEncoder } from '../../../../simulators/kit/encoder.ts';
import { ChunkWriter, controlMessage, messageTypes } from '../../../../simulators/kit/rtmp-chunks.ts';
import type { IngestRequest, IngestVerdict } from '../../../../simulators/kit/rtmp-ingest.ts';
import { nextSession, RawClient, startIngest } from './kit-harness.ts';

describe('an RTMP ingest', () => {
  it('takes an encoder it knows and says what it sends', async () => {
    const { ingest, url } = await startIngest();
    const publish = nextSession(ingest);
    const encoder = await startEncoder({ url: url('show'), seconds: 4, speed: Number.POSITIVE_INFINITY });
    const session = await publish;
    expect(session.key).toBe('show');
    expect(await encoder.done).toEqual({ reason: 'finished' });
    expect(session.endReason).toBe('unpublished');
    expect(session.stats()).toMatchObject({
      width: 160,
      height: 90,
      frameRate: 15,
      videoCodec: 'AVC',
      audioCodec: 'AAC',
      audioSampleRate: 22050,
      audioChannels: 1,
    });
    const { bytes, videoBytes, audioBytes, frames, lastTagAt } = session.stats();
    expect(frames).toBeGreaterThan(4 * 14);
    expect(bytes).toBeGreaterThan(videoBytes + audioBytes);
    expect(lastTagAt).toBeGreaterThanOrEqual(session.startedAt);
  });

  it('refuses an encoder it does not know, and says why', async () => {
    const { ingest, url } = await startIngest();
    const refused = once(ingest, 'refused');
    await expect(startEncoder({ url: url('bad-key') })).rejects.toThrow('NetStream.Publish.BadName: no such key');
    const [req, reason] = (await refused) as [IngestRequest, string];
    expect([req.name, reason]).toEqual(['bad-key', 'no such key']);
    expect(ingest.publishing('bad-key')).toBe(false);
  });

  it('closes the connection of an encoder it refused', async () => {
    const { port } = await startIngest();
    const client = new RawClient(port);
    client.shakeHands();
    client.command('connect', 1, { app: 'live' });
    client.command('publish', 2, null, 'bad', 'live');
    await client.closed;
    expect(client.received).toContain('NetStream.Publish.BadName');
  });

  it.each([1, 127, 4096, 65_536])(
    'keeps little of what an unknown sender sends in chunks of %d bytes, and hangs up',
    async (size) => {
      const { ingest, port } = await startIngest({ idleMs: 3_600_000 });
      const refusals: string[] = [];
      ingest.on('refused', (_req, reason) => refusals.push(reason));
      const client = new RawClient(port);
      client.shakeHands();
      const writer = new ChunkWriter();
      await client.send(writer.encode(2, controlMessage(messageTypes.setChunkSize, size)));
      // Messages that lack their last byte, on one chunk stream after another.
      const wires = [3, 4, 5, 6, 7, 8].map((id) => {
        const data = Buffer.alloc(60_000, id);
        return writer.encode(id, { type: messageTypes.video, streamId: 1, timestamp: 0, data }).subarray(0, -1);
      });
      const before = process.memoryUsage();
      for (const wire of wires) await client.send(wire);
      await client.closed;
      const after = process.memoryUsage();
      expect(after.heapUsed + after.external - before.heapUsed - before.external).toBeLessThan(32 * 1024 * 1024);
      expect(refusals).toEqual([]);
      expect(ingest.publishing('show')).toBe(false);
    },
  );

  it('never repeats a stream key to the one it refuses', async () => {
    const { url } = await startIngest();
    const error = await startEncoder({ url: url('bad-secret?sign=topsecret') }).catch((caught: Error) => caught);
    expect(String(error)).toContain('/live/***');
    expect(String(error)).not.toMatch(/bad-secret|topsecret/);
  });

  it('takes a failing authorisation for a no', async () => {
    const { url } = await startIngest({ authorize: () => Promise.reject(new Error('the account is frozen')) });
    await expect(startEncoder({ url: url('show') })).rejects.toThrow('the account is frozen');
  });

  it('has one publisher per key, also when two knock at once', async () => {
    let release = () => {};
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    const authorize = async (): Promise<IngestVerdict> => {
      asked += 1;
      if (asked === 2) release();
      await both;
      return { ok: true, key: 'one' };
    };
    const { ingest, url } = await startIngest({ authorize });
    const results = await Promise.allSettled([startEncoder({ url: url('a') }), startEncoder({ url: url('b') })]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(ingest.publishing('one')).toBe(true);
    const refusal = results.find((result) => result.status === 'rejected');
    expect(String(refusal?.reason)).toContain('publishes here already');
    for (const result of results) if (result.status === 'fulfilled') await result.value.stop();
  });

  it('gives a key free as soon as its publisher is gone', async () => {
    const { ingest, url } = await startIngest();
    for (const leave of ['stop', 'drop', 'drop'] as const) {
      const encoder = await startEncoder({ url: url('show') });
      const gone = once(ingest, 'unpublish');
      await encoder[leave]();
      await gone;
      expect(ingest.publishing('show')).toBe(false);
    }
  });

  it('reports a connection that is cut without a word', async () => {
    const { ingest, url } = await startIngest({ idleMs: 3_600_000 });
    const encoder = await startEncoder({ url: url('show') });
    const gone = once(ingest, 'unpublish');
    await encoder.drop();
    const [, reason] = await gone;
    expect(reason).toMatch(/closed by the encoder|ECONNRESET/);
    expect(await encoder.done).toEqual({ reason: 'dropped' });
  });

  it('kicks a publisher: it is gone at once, and may come back', async () => {
    const { ingest, url } = await startIngest();
    const publish = nextSession(ingest);
    const encoder = await startEncoder({ url: url('show') });
    const session = await publish;
    expect(ingest.kick('show', 'the operator wants it')).toBe(true);
    expect(ingest.publishing('show')).toBe(false);
    expect(session.endReason).toBe('the operator wants it');
    expect(await encoder.done).toEqual({ reason: 'closed' });
    expect(ingest.kick('show', 'again')).toBe(false);
    await (await startEncoder({ url: url('show') })).stop();
  });

  it('can be kicked from the very event that announces it', async () => {
    const { ingest, url } = await startIngest();
    const gone = once(ingest, 'unpublish');
    ingest.once('publish', (session) => ingest.kick(session.key, 'not now'));
    await startEncoder({ url: url('show') }).catch(() => undefined);
    expect((await gone)[1]).toBe('not now');
    expect(ingest.publishing('show')).toBe(false);
  });

  it('cuts a publisher that has gone silent', async () => {
    const { ingest, port } = await startIngest({ idleMs: 50 });
    const gone = once(ingest, 'unpublish');
    const client = new RawClient(port);
    client.shakeHands();
    client.command('connect', 1, { app: 'live' });
    client.command('publish', 2, null, 'silent', 'live');
    expect((await gone)[1]).toBe('idle for 50 ms');
    await client.closed;
  });

  it('ends every session when it closes', async () => {
    const { ingest, url } = await startIngest();
    const encoder = await startEncoder({ url: url('show') });
    await ingest.close();
    expect(ingest.publishing('show')).toBe(false);
    expect(await encoder.done).toEqual({ reason: 'closed' });
  });

  it.each([
    { form: 'the name', app: 'live', tcUrl: 'rtmp://h/live', name: 'show?sig=a%2Fb+c&t=1' },
    { form: 'the app', app: 'live?sig=a%2Fb+c&t=1', tcUrl: 'rtmp://h/live', name: 'show' },
    { form: 'the tcUrl', app: '/live/', tcUrl: 'rtmp://h/live?sig=a%2Fb+c&t=1', name: 'show' },
    {
      form: 'several places, the name first',
      app: 'live?sig=old&t=1',
      tcUrl: 'rtmp://h/live?t=0',
      name: 'show?sig=a%2Fb+c',
    },
  ])('finds a signature in $form', async ({ app, tcUrl, name }) => {
    const { ingest, port } = await startIngest();
    const publish = nextSession(ingest);
    const client = new RawClient(port);
    client.shakeHands();
    client.command('connect', 1, { app, tcUrl });
    client.command('publish', 2, null, name, 'live');
    const { req } = await publish;
    expect(req).toMatchObject({ app: 'live', name: 'show', path: '/live/show', query: { sig: 'a/b+c', t: '1' } });
  });

  it('keeps what a publisher sends while it is being decided on', async () => {
    const { ingest, port } = await startIngest();
    const gone = once(ingest, 'unpublish');
    const client = new RawClient(port);
    client.shakeHands();
    client.command('connect', 1, { app: 'live' });
    client.command('publish', 2, null, 'hasty', 'live');
    client.command('deleteStream', 3, null, 1);
    expect((await gone)[1]).toBe('unpublished');
  });

  it('turns away those who want to watch', async () => {
    const { port } = await startIngest();
    const client = new RawClient(port);
    client.shakeHands();
    client.command('connect', 1, { app: 'live' });
    client.command('play', 2, null, 'show');
    client.command('publish', 3, null, 'bad');
    await client.closed;
    expect(client.received).toContain('NetStream.Play.StreamNotFound');
  });

  it('survives whatever it is sent and still takes the next encoder', async () => {
    const { ingest, url, port } = await startIngest({ idleMs: 200 });
    const bytes = fc.uint8Array({ maxLength: 3000 }).map((values) => Buffer.from(values));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('bare', 'handshake', 'publishing'), bytes, async (reached, garbage) => {
        const client = new RawClient(port);
        if (reached !== 'bare') client.shakeHands();
        if (reached === 'publishing') {
          client.command('connect', 1, { app: 'live' });
          client.command('publish', 2, null, `fuzz-${client.socket.localPort}`, 'live');
        }
        client.socket.end(garbage);
        await client.closed;
      }),
      { numRuns: 150 },
    );
    const publish = nextSession(ingest);
    const encoder = await startEncoder({ url: url('after-the-storm') });
    expect((await publish).key).toBe('after-the-storm');
    await encoder.stop();
  });
});
