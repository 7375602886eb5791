import OSS from 'ali-oss';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { settingsOf } from '../../../../vendors/alibaba-oss/options.ts';
import { signRead } from '../../../../vendors/alibaba-oss/signed-queries.ts';

const keys = { region: 'cn-hangzhou', bucket: 'shows', accessKeyId: 'LTAI-test', accessKeySecret: 'secret of the key' };
const objects = ['live-1/show.m3u8', 'a b/(1)+ä*!.ts', "it's"];
const now = Date.parse('2026-11-29T23:59:58.900Z');
const settings = (more: Record<string, string>) =>
  settingsOf({ vendor: 'alibaba-oss', name: 'default', settings: { ...keys, ...more } } as never);

afterEach(() => void vi.useRealTimers());

describe('a signed address of OSS', () => {
  it.each([
    ['keys that last', {}],
    ['temporary keys', { stsToken: 'CAIS+/= token' }],
  ])('is what the SDK makes at the same instant, with %s', async (_, more) => {
    vi.useFakeTimers({ now, toFake: ['Date'] });
    const refreshSTSToken = async () => ({ ...keys, stsToken: 'CAIS+/= token' });
    const client = new OSS({ ...keys, ...more, region: 'oss-cn-hangzhou', refreshSTSToken });
    for (const object of objects) {
      const theirs = new URL(await client.signatureUrlV4('GET', 3600, undefined, object)).searchParams;
      const ours = new URLSearchParams(signRead(settings(more), object, now, 3600));
      expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
    }
  });

  it.each(['v1', 'v4'])(
    'is dated by the time that it is given, whatever the clock of this machine: %s',
    (signatureVersion) => {
      const given = settings({ signatureVersion });
      const right = signRead(given, 'show.m3u8', now, 60);
      vi.useFakeTimers({ now: now + 3_600_000, toFake: ['Date'] });
      expect(signRead(given, 'show.m3u8', now, 60)).toBe(right);
      expect(right).toContain(
        signatureVersion === 'v4' ? '20261129T235958Z' : `Expires=${Math.floor(now / 1000) + 60}`,
      );
    },
  );
});
