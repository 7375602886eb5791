import type { Payload, SerializationContext } from '@temporalio/common';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { aesGcmCodec, isEncrypted } from '../../../../temporal/codec/aes-gcm.ts';
import { keyRingFrom, newKeyLine } from '../../../../temporal/codec/keys.ts';
import { payloadToBytes } from '../../../../temporal/codec/wire.ts';

const [november, may, other] = [newKeyLine('november'), newKeyLine('may'), newKeyLine('november')];
const codecWith = (keys: readonly string[], namespace = 'shows') =>
  aesGcmCodec(keyRingFrom({ SHOWCALLER_CODEC_KEYS: keys.join(',') }), namespace);

const codec = codecWith([november]);
const plain: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"Town hall"') };

async function one(payloads: Promise<Payload[]>): Promise<Payload> {
  const [payload] = await payloads;
  if (!payload) throw new Error('no payload came back');
  return payload;
}
const encrypted = () => one(codec.encode([plain]));

/** Bytes are bytes, whichever class holds them. */
const shapeOf = ({ metadata, data }: Payload) => ({
  metadata: Object.entries(metadata ?? {})
    .map(([key, value]) => [key, Buffer.from(value).toString('hex')])
    .sort(),
  data: Buffer.from(data ?? []).toString('hex'),
});

const bytes = fc.uint8Array({ maxLength: 2000 });
const payloads = fc.array(fc.record({ metadata: fc.dictionary(fc.string(), bytes, { maxKeys: 4 }), data: bytes }), {
  maxLength: 4,
});

describe('the codec', () => {
  it('gives back every payload as it was', async () => {
    await fc.assert(
      fc.asyncProperty(payloads, async (given) => {
        const back = await codec.decode(await codec.encode(given));
        expect(back.map(shapeOf)).toEqual(given.map(shapeOf));
      }),
    );
  });

  it('shows neither the data nor what kind of data it is, and never the same twice', async () => {
    const [first, second] = [await encrypted(), await encrypted()];
    expect(Object.keys(first.metadata ?? {}).sort()).toEqual(['encoding', 'encryption-key-id']);
    expect(isEncrypted(first)).toBe(true);
    expect(JSON.stringify(shapeOf(first))).not.toContain(Buffer.from('Town').toString('hex'));
    expect(shapeOf(first).data).not.toBe(shapeOf(second).data);
    expect(shapeOf(first).data.slice(0, 24)).not.toBe(shapeOf(second).data.slice(0, 24));
  });

  it('leaves alone what is not encrypted, so that it can be switched on while events run', async () => {
    const anothers = { ...plain, metadata: { encoding: Buffer.from('binary/encrypted') } };
    expect(await codec.decode([plain, anothers])).toEqual([plain, anothers]);
  });

  it('reads what was encrypted with an older key, and encrypts with the first', async () => {
    const rotated = codecWith([may, november]);
    expect(shapeOf(await one(rotated.decode([await encrypted()])))).toEqual(shapeOf(plain));
    const fresh = await one(rotated.encode([plain]));
    expect(Buffer.from(fresh.metadata?.['encryption-key-id'] ?? []).toString()).toBe('may');
  });

  it('names the key that is missing, what is known and what to set', async () => {
    const payload = await encrypted();
    await expect(codecWith([may]).decode([payload])).rejects.toThrow(
      'encrypted with the key "november", and known here: may — add that key to SHOWCALLER_CODEC_KEYS',
    );
    await expect(aesGcmCodec(undefined, 'shows').decode([payload])).rejects.toThrow('no key is configured here');
  });

  it('encrypts nothing without a key', async () => {
    expect(await aesGcmCodec(undefined, 'shows').encode([plain])).toEqual([plain]);
  });

  it('refuses what was changed, wherever it was changed', async () => {
    const payload = await encrypted();
    const length = payload.data?.length ?? 0;
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const data = Buffer.from(payload.data ?? []);
        data[at] = (data[at] ?? 0) ^ flip;
        await expect(codec.decode([{ ...payload, data }])).rejects.toThrow('it was changed');
      }),
    );
  });

  it('refuses what was cut short', async () => {
    const payload = await encrypted();
    for (let length = 0; length < (payload.data?.length ?? 0); length += 1) {
      const data = payload.data?.subarray(0, length);
      await expect(codec.decode([{ ...payload, data }])).rejects.toThrow('it was changed');
    }
  });

  it('refuses another key under the same name, and what is of another namespace', async () => {
    const payload = await encrypted();
    await expect(codecWith([other]).decode([payload])).rejects.toThrow('cannot be decrypted');
    await expect(codecWith([november], 'other').decode([payload])).rejects.toThrow('in the namespace other');
  });

  it('refuses a payload that was given the name of another key, even of one with the same bytes', async () => {
    const both = codecWith([november, november.replace('november', 'twin')]);
    const payload = await encrypted();
    const renamed = { ...payload, metadata: { ...payload.metadata, 'encryption-key-id': Buffer.from('twin') } };
    await expect(both.decode([renamed])).rejects.toThrow('cannot be decrypted with the key "twin"');
  });

  it('refuses a payload without encryption where encryption is required', async () => {
    const keys = keyRingFrom({ SHOWCALLER_CODEC_KEYS: november });
    const strict = aesGcmCodec(keys, 'shows', { required: true });
    await expect(strict.decode([await encrypted(), plain])).rejects.toThrow(
      'is not encrypted, and SHOWCALLER_CODEC_REQUIRED refuses such payloads',
    );
    expect(shapeOf(await one(strict.decode([await encrypted()])))).toEqual(shapeOf(plain));
  });

  it('encrypts the form that Temporal itself gives a payload', () => {
    const { root } = protobuf.parse(
      'syntax = "proto3"; message Payload { map<string, bytes> metadata = 1; bytes data = 2; }',
    );
    const decoded = root.lookupType('Payload').decode(payloadToBytes(plain)) as unknown as Payload;
    expect(shapeOf(decoded)).toEqual(shapeOf(plain));
  });
});

describe('a payload that the SDK writes for a workflow', () => {
  const of = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'shows', workflowId });
  const written = () => one(codec.encode([plain], of('live-event/a')));

  it('is read in its workflow, and in the Temporal UI, which names none', async () => {
    expect(shapeOf(await one(codec.decode([await written()], of('live-event/a'))))).toEqual(shapeOf(plain));
    const inStep = { type: 'activity', namespace: 'shows', workflowId: 'live-event/a', isLocal: false } as const;
    expect(shapeOf(await one(codec.decode([await written()], inStep)))).toEqual(shapeOf(plain));
    const ofServer = aesGcmCodec(keyRingFrom({ SHOWCALLER_CODEC_KEYS: november }), 'shows', { everyWorkflow: true });
    expect(shapeOf(await one(ofServer.decode([await written()])))).toEqual(shapeOf(plain));
    await expect(ofServer.decode([await written()], of('live-event/b'))).rejects.toThrow(
      'was encrypted for the workflow',
    );
  });

  it('is refused by workers and clients where no workflow is named', async () => {
    await expect(codec.decode([await written()])).rejects.toThrow(
      'was encrypted for the workflow "live-event/a" and is read where no workflow is named',
    );
  });

  it.each([
    'live-event/b',
    'live-event/a-2',
    'live-event/a-2026-11-28T12:00:00Z',
    'live-event/a-2026-11-28T12:00:00Z-x',
    'live-event',
  ])('is refused in %s, to which it was copied', async (workflowId) => {
    await expect(codec.decode([await written()], of(workflowId))).rejects.toThrow(
      `was encrypted for the workflow "live-event/a" and stands in "${workflowId}"`,
    );
  });

  it('is refused when the name of its workflow was changed, or removed', async () => {
    const payload = await written();
    const renamed = { ...payload.metadata, 'encryption-workflow-id': Buffer.from('live-event/b') };
    const { 'encryption-workflow-id': _, ...unnamed } = payload.metadata ?? {};
    for (const metadata of [renamed, unnamed])
      await expect(codec.decode([{ ...payload, metadata }], of('live-event/b'))).rejects.toThrow('it was changed');
  });

  it('is read as before where it was written before payloads were bound to workflows', async () => {
    expect(shapeOf(await one(codec.decode([await encrypted()], of('live-event/a'))))).toEqual(shapeOf(plain));
  });
});

describe('a payload that a schedule writes', () => {
  const of = (workflowId: string): SerializationContext => ({ type: 'workflow', namespace: 'shows', workflowId });
  const scheduled = () => one(codec.forSchedules().encode([plain], of('live-event/a')));
  const ofRun = (time: string) => one(codec.encode([plain], of(`live-event/a-2026-11-${time}T12:00:00Z`)));

  it.each(['live-event/a', 'live-event/a-2026-11-28T12:00:00Z'])('is read in %s', async (workflowId) => {
    expect(shapeOf(await one(codec.decode([await scheduled()], of(workflowId))))).toEqual(shapeOf(plain));
  });

  it.each([
    'live-event/b',
    'live-event/b-2026-11-28T12:00:00Z',
    'live-event/a-2',
    'live-event/a-2026-11-28T12:00:00Z-x',
  ])('is refused in %s, to which it was copied', async (workflowId) => {
    await expect(codec.decode([await scheduled()], of(workflowId))).rejects.toThrow('was encrypted for the workflow');
  });

  it('cannot be made of one that a workflow wrote, nor the other way round', async () => {
    const run = of('live-event/a-2026-11-28T12:00:00Z');
    const written = await one(codec.encode([plain], of('live-event/a')));
    const marked = { ...written.metadata, 'encryption-of-schedule': Buffer.from('true') };
    await expect(codec.decode([{ ...written, metadata: marked }], run)).rejects.toThrow('it was changed');
    const { 'encryption-of-schedule': _, ...unmarked } = (await scheduled()).metadata ?? {};
    const bare = { ...(await scheduled()), metadata: unmarked };
    await expect(codec.decode([bare], of('live-event/a'))).rejects.toThrow('it was changed');
  });

  it('leads to a run whose result the next run of the schedule reads, and no other', async () => {
    const result = await ofRun('21');
    expect(shapeOf(await one(codec.decode([result], of('live-event/a-2026-11-28T12:00:00Z'))))).toEqual(shapeOf(plain));
    for (const other of ['live-event/a', 'live-event/b-2026-11-28T12:00:00Z'])
      await expect(codec.decode([result], of(other))).rejects.toThrow('was encrypted for the workflow');
  });
});
