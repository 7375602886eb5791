import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type MediaTag, readFlvTags } from '../../../../simulators/kit/flv.ts';
import { RtmpPublisher } from '../../../../simulators/kit/rtmp-publisher.ts';
import { otherWire, type Wire } from '../../../support/other-wire.ts';
import { nextSession, startIngest } from './kit-harness.ts';

const clip = readFlvTags(await readFile(new URL('../../../../simulators/kit/fixture.flv', import.meta.url)))
  .filter(({ type, timestamp }) => type !== 'data' && timestamp < 4_000)
  .map((tag) => ({ ...tag, data: Buffer.from(tag.data) }));

/** The tags go over this instant, milliseconds. */
const over = (instant: number) => (tags: MediaTag[]) =>
  tags.map((tag) => ({ ...tag, timestamp: (tag.timestamp + instant - 2_000) >>> 0 }));
const long = 2 ** 24 - 1;
const wrap = 2 ** 32;

const wires: [form: string, Wire, times?: (tags: MediaTag[]) => MediaTag[]][] = [
  ...[1, 2, 3, 127, 128, 129, 1_000, 4_096, 65_535, 65_536].map((chunkSize): [string, Wire] => [
    `chunks of ${chunkSize} bytes`,
    { chunkSize },
  ]),
  ...(['repeated', 'once'] as const).flatMap((longTimestamps) =>
    [1, 128, 65_536].flatMap((chunkSize): [string, Wire, (tags: MediaTag[]) => MediaTag[]][] => [
      [`long timestamps ${longTimestamps}, in chunks of ${chunkSize} bytes`, { longTimestamps, chunkSize }, over(long)],
      [
        `32 bits that begin again, ${longTimestamps}, in chunks of ${chunkSize} bytes`,
        { longTimestamps, chunkSize },
        over(wrap),
      ],
    ]),
  ),
  ...[2, 10, 1_000].flatMap((together): [string, Wire, (tags: MediaTag[]) => MediaTag[]][] => [
    [`aggregates of ${together} messages`, { together }, (tags) => tags],
    [
      `aggregates of ${together} messages over the first long timestamp`,
      { together, longTimestamps: 'once', chunkSize: 1_000 },
      over(long),
    ],
    [
      `aggregates of ${together} messages over 32 bits`,
      { together, longTimestamps: 'repeated', chunkSize: 1 },
      over(wrap),
    ],
  ]),
];

describe('what comes over the wire is what was sent, in', () => {
  it.each(wires)('%s', async (_form, wire, times = (tags) => tags) => {
    const { ingest, url } = await startIngest();
    const opened = nextSession(ingest);
    const publisher = await RtmpPublisher.open(await otherWire(url('show'), wire));
    const session = await opened;
    const received: MediaTag[] = [];
    session.on('tag', (tag) => received.push(tag));
    const sent = times(clip);
    for (const tag of sent) if (!publisher.send(tag)) await publisher.drained();
    await publisher.stop();
    expect(session.endReason).toMatch(/unpublished|closed by the encoder/);
    expect(received).toEqual(sent);
  });
});
